"""The chain of the audit log."""

from datetime import datetime

import pytest
from sqlalchemy import text

from app.extensions import db
from app.services import audit


@pytest.fixture
def chain(ctx: None, now: datetime) -> None:
    """Five committed entries."""
    for number in range(5):
        audit.record("unit.added", kind="unit", object_id=number, by=None, now=now, name="李", size=1.5)
    db.session.commit()


def tamper(statement: str) -> audit.ChainReport:
    with db.engine.begin() as connection:
        connection.execute(text(statement))
    db.session.rollback()
    db.session.expire_all()
    return audit.verify()


def test_untouched_chain_is_whole(chain: None) -> None:
    assert audit.verify() == audit.ChainReport(5, None)


@pytest.mark.parametrize(
    "change",
    [
        "action = 'unit.changed'",
        "actor_name = 'x'",
        "actor_id = 7",
        "object_id = 99",
        "object_kind = 'user'",
        "at = '2020-01-01 00:00:00'",
        "hash = 'f'",
        "detail = '{}'",
    ],
)
def test_a_changed_row_is_named(chain: None, change: str) -> None:
    assert tamper(f"UPDATE audit_entry SET {change} WHERE id = 3").broken_id == 3


def test_a_removed_row_is_noticed_at_the_next(chain: None) -> None:
    assert tamper("DELETE FROM audit_entry WHERE id = 3").broken_id == 4


def test_a_removed_first_row_is_noticed(chain: None) -> None:
    assert tamper("DELETE FROM audit_entry WHERE id = 1").broken_id == 2
