"""Respondents who asked to be called: who sees them, what they share, and whose low score opens feedback by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select

from app.errors import Missing
from app.extensions import db
from app.models import Contact, Customer, Feedback, Invitation, QuestionnaireVersion, Response, Survey, User
from app.queries.analysis.access import with_units_below
from app.queries.users import LARGEST_ID
from app.rules import follow_ups as rules
from app.rules.permissions import Permission, Role, allows
from app.rules.questionnaire import Questionnaire, parse
from app.rules.respondents import CALLBACK_KEY

MOST_AT_ONCE = 100
# As much as the form of feedback takes.
LONGEST_SHARED = 9000
# A wish that nothing came of by then is for people.
LOOKED_AT = timedelta(days=30)


@dataclass(frozen=True)
class Shared:
    """What a respondent has agreed to share. Empty where he is unknown, as in an anonymous survey."""

    survey: Survey
    text: str
    phone: str
    name: str
    email: str
    customer: Customer | None


def _open() -> Select[Response]:
    recorded = select(Feedback.response_id).where(Feedback.response_id == Response.id)
    return select(Response).where(
        Response.call_wanted_at.is_not(None), Response.state == "complete", ~recorded.exists()
    )


def unmeasured(user: User) -> ColumnElement[bool] | None:
    """The condition that keeps answers about his own unit from whoever is measured, until the release; None: all are his.

    For statements that join `Survey`.
    """
    if Role.MANAGEMENT in user.role_names or not user.unit_ids:
        return None
    others = Response.unit_id.not_in(with_units_below(user.unit_ids))
    return or_(Response.unit_id.is_(None), Survey.released_at.is_not(None), others)


def open_wishes(user: User) -> Select[Response]:
    """Who asked to be called, has not been, and of whose wish no feedback was made."""
    wishes = _open().where(Response.call_done_at.is_(None))
    if not allows(user.role_names, Permission.CALLS_HANDLE):
        return wishes.where(Response.id.is_(None))
    limit = unmeasured(user)
    return wishes if limit is None else wishes.join(Survey, Survey.id == Response.survey_id).where(limit)


def get_wish(user: User, response_id: int) -> Response:
    """One of them, also one that a colleague was quicker with. Raises `Missing`."""
    wanted = select(Response).where(Response.id == response_id, Response.call_wanted_at.is_not(None))
    limit = unmeasured(user)
    if limit is not None:
        wanted = wanted.join(Survey, Survey.id == Response.survey_id).where(limit)
    found = db.session.scalar(wanted) if response_id <= LARGEST_ID else None
    if found is None or not allows(user.role_names, Permission.CALLS_HANDLE):
        raise Missing("response")
    return found


def recorded_of(response: Response) -> Feedback | None:
    """What was made of it."""
    return db.session.scalar(select(Feedback).where(Feedback.response_id == response.id))


def survey_of(feedback: Feedback) -> Survey | None:
    """The survey whose answer it grew out of."""
    if feedback.response_id is None:
        return None
    return db.session.scalar(
        select(Survey)
        .join(Response, Response.survey_id == Survey.id)
        .where(Response.id == feedback.response_id)
    )


def shared_by(response: Response) -> Shared:
    """What he agreed to share: his number, his words, one score and his comments. Nothing else of the answer."""
    survey = db.session.get_one(Survey, response.survey_id)
    wish = response.answers.get(CALLBACK_KEY) or {}
    version = db.session.get_one(QuestionnaireVersion, response.version_id)
    text = _as_text(parse(version.content), response, survey)
    contact = _contact(response)
    return Shared(
        survey=survey,
        text="\n\n".join(part for part in (wish.get("words", ""), text) if part)[:LONGEST_SHARED],
        phone=wish.get("phone", "") or (contact.phone if contact else ""),
        name=contact.name if contact else "",
        email=contact.email if contact and contact.address_state == "ok" else "",
        customer=contact.customer if contact else None,
    )


def low_scores(*, now: datetime) -> Sequence[int]:
    """Responses with a low score whose respondents agreed to be called and that have led to nothing yet."""
    found = (
        _open()
        .join(Survey, Survey.id == Response.survey_id)
        .where(
            Survey.follow_up_score.is_not(None),
            Response.call_done_at.is_(None),
            Response.call_wanted_at > now - LOOKED_AT,
        )
        .with_only_columns(Response.id, Response.answers, Survey.follow_up_question, Survey.follow_up_score)
        .order_by(Response.id)
    )
    low = [row.id for row in db.session.execute(found) if rules.is_low(row[2], row[3], row.answers)]
    return low[:MOST_AT_ONCE]


def _contact(response: Response) -> Contact | None:
    if response.invitation_id is None:
        return None
    return db.session.scalar(
        select(Contact)
        .join(Invitation, Invitation.contact_id == Contact.id)
        .where(Invitation.id == response.invitation_id)
    )


def _as_text(questionnaire: Questionnaire, response: Response, survey: Survey) -> str:
    """Question and answer in turn, in the respondent's language."""
    lines = []
    for question, given in rules.shared(questionnaire, response.answers, survey.follow_up_question):
        said = given if isinstance(given, str) else f"{given} / {question.bounds[1]}"
        lines.append(f"{questionnaire.say(question.text, response.language)}\n{said}")
    return "\n\n".join(lines)
