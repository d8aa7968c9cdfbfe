"""The preview for staff: the same pages, nothing stored."""

import json
import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.extensions import db
from app.models import Response
from tests.factories import Factory
from tests.factories.asking import Asking, content, every_type, routed


def test_only_staff_who_may_read_questionnaires_see_it(
    sign_in: Any, client: FlaskClient, make: Factory
) -> None:
    version = Asking(make).version(every_type(), state="draft")
    make.firm()
    assert client.get(f"/preview/{version.id}/1").status_code == 302
    assert sign_in("viewer").get(f"/preview/{version.id}/1").status_code == 403
    marketing = sign_in("marketing")
    assert "预览" in marketing.get(f"/preview/{version.id}/1?lang=zh").text
    assert marketing.get("/preview/999/1").status_code == 404
    for place in [*range(1, 12), "p5"]:
        page = marketing.get(f"/preview/{version.id}/{place}?lang=en")
        assert page.status_code == 200
        assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]


def test_it_walks_the_way_and_stores_nothing(sign_in: Any, make: Factory) -> None:
    version = Asking(make).version(routed(), state="draft")
    staff = sign_in("marketing")
    page = staff.post(f"/preview/{version.id}/p1", data={"#lang": "en"})
    assert page.status_code == 422
    page = staff.post(f"/preview/{version.id}/p1", data={"#lang": "en", "wait": "1"})
    assert "What went wrong?" in page.text
    carried = unescape(re.findall(r'name="#carried" value="([^"]*)"', page.text)[0])
    assert json.loads(carried) == {"wait": 1}
    page = staff.post(f"/preview/{version.id}/p2", data={"#lang": "en", "#carried": carried, "why": "slow"})
    assert "Would you recommend us?" in page.text
    end = staff.post(f"/preview/{version.id}/p3", data={"#lang": "en", "#carried": "[" * 9999, "nps": "9"})
    assert "The preview ends here" in end.text
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0


def test_an_unfinished_questionnaire_says_what_to_do(sign_in: Any, make: Factory) -> None:
    staff = sign_in("marketing")
    for document in (content(), {"languages": [], "title": 5}):
        version = make.save(Asking(make).version({"title": {}} | content(), state="draft"))
        version.content = document
        make.save(version)
        assert "Add a question" in staff.get(f"/preview/{version.id}/1?lang=en").text
