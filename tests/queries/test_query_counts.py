"""Reading more rows takes no more queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.extensions import db
from app.queries import notices
from app.queries.complaints import clocks, versions
from tests.factories import Factory
from tests.factories.complaints import Staff, case


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements sent within the block."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def page_of_notices(staff: Staff, _make: Factory) -> int:
    return sum(
        bool(one.complaint.category.name and one.event.kind)
        for one in notices.listed(staff.service, page=1).rows
    )


def preview_of_a_calendar(_staff: Staff, make: Factory) -> int:
    return versions.affected(clocks.calendars(1), now=make.now).looked_at


@pytest.mark.parametrize("read", [page_of_notices, preview_of_a_calendar])
def test_more_rows_take_no_more_queries(make: Factory, read: Callable[[Staff, Factory], int]) -> None:
    make.firm()
    staff = Staff(make)
    case(make)
    taken = []
    for rows in (2, 6):
        while read(staff, make) < rows:
            case(make)
        db.session.commit()
        db.session.expire_all()
        assert staff.service.role_names
        with asked() as statements:
            assert read(staff, make) == rows
        taken.append(len(statements))
    assert taken[0] == taken[1] > 0
