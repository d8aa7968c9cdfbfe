"""A respondent for the tests of the public pages: opens, fills in, follows."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from werkzeug.test import TestResponse

from app.extensions import db

FILLED = {
    "wait": "4",
    "found": "5",
    "told": "na",
    "priced": "3",
    "nps": "8",
    "reason": "等了四天",
    "way": "phone",
    "used": ["app", "phone"],
    "mood": "4",
    "stars": "3",
    "city": "app",
    "product": "空调",
    "ease": "7",
    "why": "太慢",
}


class Respondent:
    """One person with one link."""

    def __init__(self, client: FlaskClient, path: str) -> None:
        self.client = client
        self.path = path

    def start(self, query: str = "") -> str:
        """Press Start; return the path of the first page."""
        answer = self.client.post(self.path + query, data=self.hidden_fields())
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def hidden_fields(self) -> dict[str, str]:
        """What the form of the first screen carries."""
        first = self.client.get(self.path).text
        return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', first))

    def fill(self, page: str, **fields: Any) -> TestResponse:
        """Post one page."""
        return self.client.post(page, data=fields or FILLED)

    def walk(self) -> str:
        """Answer everything; return the path of the thanks."""
        page = self.start()
        for _ in range(40):
            if page.endswith("/done"):
                return page
            assert self.client.get(page).status_code == 200
            page = self.fill(page).headers["Location"]
        raise AssertionError("no end")


def dump() -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.rollback()
    tables = inspect(db.engine).get_table_names()
    with db.engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
            for name in sorted(tables)
        }
