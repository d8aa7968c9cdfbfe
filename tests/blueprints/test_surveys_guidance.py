"""What the survey pages say so that nobody goes on in error."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.models import OpenLink, Segment, Survey
from config import MailServer
from tests.factories import Factory, surveys
from tests.posting import with_token


@pytest.fixture
def sign_in(sign_in: Any) -> Any:
    """Signs in, and sends the token with every form."""
    return lambda *roles, **fields: with_token(sign_in(*roles, **fields))


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def segment(make: Factory) -> Segment:
    return make.save(Segment(name="All", filters={}, created_at=make.now))


def draft(make: Factory, **fields: Any) -> Survey:
    return surveys.survey(make, **({"state": "draft", "opens_at": make.now} | fields))


def open_link(make: Factory, survey: Survey) -> OpenLink:
    return make.save(
        OpenLink(
            survey_id=survey.id, nonce=b"123456789", label="Poster", channel="poster", created_at=make.now
        )
    )


NOWHERE = "Nobody outside this machine can open these links"


def set_address(monkeypatch: pytest.MonkeyPatch, app: Flask, address: str, *, mail: bool = True) -> None:
    server = MailServer("smtp.example.com", 587, "starttls") if mail else None
    monkeypatch.setitem(app.config, "HEED", replace(app.config["HEED"], base_url=address, mail=server))


def test_links_that_only_this_machine_can_open_are_told_before_the_launch(
    app: Flask, monkeypatch: pytest.MonkeyPatch, make: Factory, sign_in: Any
) -> None:
    client = sign_in("marketing")
    make.customer()
    at = f"/surveys/{draft(make, segment_id=segment(make).id).id}"
    set_address(monkeypatch, app, "http://localhost", mail=False)
    assert NOWHERE not in client.get(at).text, "without a mail server nothing leaves"
    set_address(monkeypatch, app, "http://localhost")
    page = client.get(at).text
    assert NOWHERE in page
    assert "They begin with http://localhost." in page
    assert "make it ready" in page, "a warning, not a block"


def test_posters_and_open_links_warn_as_well(
    app: Flask, monkeypatch: pytest.MonkeyPatch, make: Factory, sign_in: Any
) -> None:
    client = sign_in("marketing", "administrator")
    survey = surveys.survey(make)
    link = open_link(make, survey)
    pages = [
        f"/surveys/{survey.id}/links",
        f"/surveys/{survey.id}/links/{link.id}/poster",
        "/settings/public-forms",
    ]
    for page in pages:
        assert NOWHERE in client.get(page).text
    monkeypatch.setitem(
        app.config, "HEED", replace(app.config["HEED"], base_url="https://survey.example.com")
    )
    app.config["TRUSTED_HOSTS"] = None
    for page in pages:
        assert "can open these links" not in client.get(page).text
