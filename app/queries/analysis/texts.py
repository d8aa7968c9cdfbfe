"""What people wrote: free text of one question at a time, for those who may read single answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from app.errors import Missing
from app.extensions import db
from app.models import Firm, Response, Survey, Unit
from app.queries.analysis.access import LEAST_GROUP, AnswerScope
from app.rules.questionnaire import Answer, Question, parse

PAGE = 40


@dataclass(frozen=True)
class Written:
    """One text, without the name of who wrote it."""

    text: str
    at: datetime | None
    unit: Unit | None


@dataclass(frozen=True)
class TextPage:
    """Texts of `question`, newest first. `too_few`: fewer than `least` people wrote anything. `next_before`:
    the id to go on from, None on the last page."""

    questions: Sequence[Question]
    question: Question | None
    texts: Sequence[Written]
    least: int
    too_few: bool
    next_before: int | None
    own_unit_left_out: bool


def text_questions(survey: Survey) -> list[Question]:
    """Questions answered in the person's own words, in reading order."""
    content = parse(survey.questionnaire_version.content)
    return [question for question in content.questions if question.kind.answer is Answer.TEXT]


def page(survey: Survey, scope: AnswerScope | None, *, code: str, before: int | None) -> TextPage:
    """One page of texts. Raises `Missing` for who may read none, and for an unknown question."""
    if scope is None:
        raise Missing("answers")
    questions = text_questions(survey)
    least = max(db.session.scalar(select(Firm.minimum_group).limit(1)) or LEAST_GROUP, LEAST_GROUP)
    left_out = bool(scope.without_units)
    if not questions:
        return TextPage([], None, [], least, True, None, left_out)
    question = questions[0] if not code else next((q for q in questions if q.code == code), None)
    if question is None:
        raise Missing("question")
    written = Response.answers[question.code].as_string()
    wanted = [*_readable(survey, scope), written.is_not(None), written != ""]
    enough = db.session.scalar(
        select(func.count()).select_from(select(Response.id).where(*wanted).limit(least).subquery())
    )
    if (enough or 0) < least:
        return TextPage(questions, question, [], least, True, None, left_out)
    newest = select(Response.id, written, Response.submitted_at, Response.unit_id).where(*wanted)
    if before is not None:
        newest = newest.where(Response.id < before)
    rows = db.session.execute(newest.order_by(Response.id.desc()).limit(PAGE + 1)).all()
    units = {unit.id: unit for unit in db.session.scalars(select(Unit))}
    texts = [Written(row[1], row[2], units.get(row[3])) for row in rows[:PAGE]]
    last = rows[PAGE - 1][0] if len(rows) > PAGE else None
    return TextPage(questions, question, texts, least, False, last, left_out)


def _readable(survey: Survey, scope: AnswerScope) -> list[ColumnElement[bool]]:
    wanted = [Response.survey_id == survey.id, Response.state == "complete"]
    if scope.without_units:
        wanted.append(Response.unit_id.is_(None) | Response.unit_id.not_in(scope.without_units))
    return wanted
