"""Surveys with answers, for tests of the statistics."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.extensions import db
from app.jobs.analyst import reading_engine
from app.models import Invitation, Questionnaire, QuestionnaireVersion, Response, Series, Survey
from app.rules.links import new_nonce
from tests.factories import Factory

ENDS = {"low": {"zh": "很差", "en": "Bad"}, "high": {"zh": "很好", "en": "Good"}}


def scale(code: str, indicator: str | None, **own: Any) -> dict[str, Any]:
    """A satisfaction question."""
    return {
        "id": f"id-{code}", "code": code, "type": "scale", "text": {"zh": f"题目{code}", "en": f"Question {code}"},
        "hint": {}, "required": False, "indicator": indicator, "show_if": None, "points": 5, **ENDS,
        "labels": None, "allow_na": True, "na_text": {"zh": "不适用", "en": "Not applicable"}, "reverse": False,
    } | own  # fmt: skip


def plain(code: str, type_: str, **own: Any) -> dict[str, Any]:
    """A question of another type."""
    return {
        "id": f"id-{code}", "code": code, "type": type_, "text": {"zh": f"题目{code}", "en": f"Question {code}"},
        "hint": {}, "required": False, "indicator": None, "show_if": None,
    } | own  # fmt: skip


def option(id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "text": {"zh": f"选项{id_}", "en": f"Option {id_}"},
        "other": False,
        "exclusive": False,
    }


QUESTIONS = [
    scale("fast", "speed"),
    scale("late", "speed", reverse=True),
    scale("kind", "people"),
    scale("overall", None),
    plain("nps", "nps", **ENDS),
    plain("shop", "single", options=[option("a"), option("b")], dropdown=False),
    plain("uses", "multiple", options=[option("x"), option("y"), option("z")], max_choices=None),
    plain("why", "long_text", max_length=2000),
]
TREE = [
    {"code": "speed", "name": {"zh": "速度", "en": "Speed"}, "weight": 0.6, "children": []},
    {"code": "people", "name": {"zh": "人员", "en": "People"}, "weight": 0.4, "children": []},
]


class Answered:
    """Makes one series; `wave()` adds a survey with answers to it."""

    def __init__(self, make: Factory, now: datetime) -> None:
        self.make, self.now = make, now
        make.firm()
        self.series = make.save(Series(name={"zh": "年度", "en": "Yearly"}, created_at=now))
        self.questionnaire = make.save(Questionnaire(title={"zh": "问卷", "en": "Form"}, created_at=now))
        self._numbers = 0

    def version(self, questions: Sequence[Mapping[str, Any]] = QUESTIONS) -> QuestionnaireVersion:
        self._numbers += 1
        content = {
            "languages": ["zh", "en"],
            "default_language": "zh",
            "title": {"zh": "问卷", "en": "Form"},
            "intro": {},
            "thanks": {},
            "minutes": 3,
            "pages": [{"id": "p1", "title": {}, "questions": list(questions)}],
        }
        return self.make.save(
            QuestionnaireVersion(
                questionnaire_id=self.questionnaire.id,
                number=self._numbers,
                state="published",
                content=content,
                indicators=TREE,
                content_hash=f"h{self._numbers}",
                created_at=self.now,
                edited_at=self.now,
            )
        )

    def wave(
        self,
        answers: Sequence[Mapping[str, Any]] = (),
        *,
        year: int = 2025,
        questions: Sequence[Mapping[str, Any]] = QUESTIONS,
        released: bool = True,
        state: str = "closed",
        **common: Any,
    ) -> Survey:
        opens = self.now.replace(year=year, month=9, day=1)
        survey = self.make.save(
            Survey(
                series_id=self.series.id,
                name={"zh": f"{year} 年调查", "en": f"Survey {year}"},
                version_id=self.version(questions).id,
                state=state,
                opens_at=opens,
                closes_at=opens + timedelta(days=18),
                created_at=opens,
                released_at=opens + timedelta(days=20) if released else None,
            )
        )
        self.answer(survey, answers, **common)
        return survey

    def answer(self, survey: Survey, answers: Sequence[Mapping[str, Any]], **common: Any) -> list[Response]:
        """Complete responses; keys starting with "_" are columns (`_customer_id`, `_unit_id`, `_profile`, …)."""
        rows = []
        for document in answers:
            columns = common | {key[1:]: value for key, value in document.items() if key.startswith("_")}
            values = {
                "survey_id": survey.id, "version_id": survey.version_id, "key": f"k{self.make.number()}",
                "state": "complete", "channel": "mail", "language": "zh", "profile": {}, "page_log": [],
                "answers": {key: value for key, value in document.items() if not key.startswith("_")},
                "started_at": self.now, "saved_at": self.now, "submitted_at": self.now,
            } | columns  # fmt: skip
            rows.append(Response(**values))
        db.session.add_all(rows)
        db.session.commit()
        return rows

    def invite(self, survey: Survey, finished: Sequence[bool]) -> None:
        for done in finished:
            customer = self.make.customer()
            db.session.add(
                Invitation(
                    survey_id=survey.id,
                    contact_id=customer.contacts[0].id,
                    customer_id=customer.id,
                    nonce=new_nonce(),
                    language="zh",
                    profile={},
                    created_at=self.now,
                    finished=done,
                )
            )
        db.session.commit()


def documents(n: int, **fixed: Any) -> list[dict[str, Any]]:
    """So many different complete answers."""
    return [
        {
            "fast": 1 + i % 5, "late": 1 + (i * 3) % 5, "kind": 3 + i % 3, "overall": 2 + i % 4, "nps": i % 11,
            "shop": "ab"[i % 2], "uses": ["x", "y", "z"][: 1 + i % 3], "why": f"text {i}",
        } | fixed
        for i in range(n)
    ]  # fmt: skip


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection as the analyst has it: of its own, and unable to write."""
    engine = reading_engine(db.engine.url.render_as_string(hide_password=False))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
