"""Customers in front of the public form and of the page behind their link."""

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Complaint, Delivery
from app.queries.links import follow_token
from app.services import attachments
from app.services.complaints import links
from tests.uploading import post_files

Passing = Callable[[float], None]
ISSUED = re.compile(r'name="issued" value="([^"]+)"')


def stamp_of(answer: TestResponse) -> str:
    found = ISSUED.search(answer.text)
    assert found, answer.text[:400]
    return found.group(1)


class Customer:
    """A browser in front of the form."""

    def __init__(self, browser: FlaskClient, passing: Passing, path: str = "/complain") -> None:
        self.browser, self.path, self.passing = browser, path, passing
        self.stamp = stamp_of(browser.get(path))

    def send(
        self, *files: tuple[str, bytes], wait: float = 3, query: str = "", **fields: str
    ) -> TestResponse:
        self.passing(wait)
        data = {
            "issued": self.stamp,
            "kind": "complaint",
            "content": "空调修好两天又漏水。请尽快上门。",
            "email": "lin@customer.example",
            "category": "0",
        } | fields
        headers = {"Accept-Language": "zh-CN"}
        answer = post_files(self.browser, self.path + query, data, files, headers=headers)
        if answer.status_code in (200, 422):
            self.stamp = stamp_of(answer)
        return answer


class Holder:
    """Whoever has the link of a case."""

    def __init__(self, browser: FlaskClient, complaint: Complaint, passing: Passing) -> None:
        self.token = follow_token(links.ensure(complaint.feedback))
        self.path = f"/c/{self.token}"
        self.browser, self.passing, self.number = browser, passing, complaint.id
        db.session.commit()

    def look(self) -> TestResponse:
        return self.browser.get(self.path, headers={"Accept-Language": "en"})

    def send(
        self, what: str, *files: tuple[str, bytes], stamp: str = "", wait: float = 3, **fields: str
    ) -> TestResponse:
        stamp = stamp or self.stamp()
        self.passing(wait)
        db.session.rollback()
        return post_files(self.browser, f"{self.path}/{what}", {"issued": stamp} | fields, files)

    def stamp(self) -> str:
        found = ISSUED.search(self.look().text)
        assert found
        return found.group(1)

    def case(self) -> Complaint:
        db.session.rollback()
        return db.session.get_one(Complaint, self.number, populate_existing=True)

    def kinds(self) -> list[str]:
        return [event.kind for event in self.case().events]


def count(model: Any) -> int:
    db.session.rollback()
    found = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return int(found)


def the(model: Any) -> Any:
    db.session.rollback()
    return db.session.scalars(select(model)).one()


def on_disk() -> set[str]:
    return {path.name for path in attachments.folder().iterdir()}


def mails() -> list[Delivery]:
    db.session.rollback()
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


Opens = Callable[..., Holder]
