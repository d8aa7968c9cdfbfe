"""Mail to people who don't exist: demonstration data must never leave the machine."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.extensions import db
from app.rules.deliveries import is_made_up
from app.servers import MailServer
from app.services import sending
from tests.factories import Factory, surveys


@pytest.mark.parametrize(
    ("address", "made_up"),
    [
        ("li@customer.example", True),
        ("li@example.com", True),
        ("li@mail.EXAMPLE.org", True),
        ("li@firm.test", True),
        ("li@counterexample.com", False),
        ("li@example.com.cn", False),
        ("li@qq.com", False),
    ],
)
def test_domains_that_are_nobodys(address: str, made_up: bool) -> None:
    assert is_made_up(address) is made_up


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server somewhere else."""
    found = MailServer("smtp.firm.cn", 465, "tls")
    monkeypatch.setitem(app.config, "HEED", replace(app.config["HEED"], mail=found))
    yield found


def problem_of(make: Factory) -> str:
    make.firm()
    survey = surveys.survey(make)
    row = surveys.queued(make, survey, surveys.invitation(make, survey))
    assert is_made_up(row.to_address)
    db.session.commit()
    (mail,) = sending.prepare([row.id], now=make.now)
    return mail.problem


def test_nothing_is_sent_to_a_made_up_address_over_a_real_server(make: Factory, server: MailServer) -> None:
    assert problem_of(make) == "made_up"


def test_a_server_on_this_machine_gets_everything(
    make: Factory, app: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is how it is tried out."""
    here = replace(server, host="127.0.0.1")
    monkeypatch.setitem(app.config, "HEED", replace(app.config["HEED"], mail=here))
    assert problem_of(make) == ""
