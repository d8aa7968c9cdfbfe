"""Answering: starting, saving a page, completing, declining, unsubscribing, asking to be called.

The views do all of it inside the request's one transaction. The express lane reads and judges first and stores in a
second one, so whatever stores asks again whether things are as they were read. Plain statements instead of objects, because a save is
the most frequent write of the product.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Exists, bindparam, exists, func, insert, select, update

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Contact, Invitation, Response, Survey
from app.queries.answers import Entry, Kept
from app.queries.wire import Prepared, Wire
from app.rules.answers import CleanResult, clean_page, finalise, next_page
from app.rules.questionnaire import Page, Questionnaire
from app.rules.respondents import (
    CALLBACK_KEY,
    Opening,
    coarse,
    logged,
    opening,
    seconds_on_page,
    unfinished_page,
)
from app.services import audit


class Change(NamedTuple):
    """A statement that must touch the one draft that was read, with its values."""

    statement: Prepared
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """What becomes of a posted page: `errors` (nothing is stored), the `page` to go to next, or `complete`.

    `change` is what has to be stored for it, by `store`.
    """

    cleaned: CleanResult
    page: Page | None = None
    complete: bool = False
    change: Change | None = None


_NEW = (
    "survey_id", "version_id", "invitation_id", "open_link_id", "key", "state", "channel", "language", "customer_id",
    "unit_id", "profile", "answers", "page_log", "revision", "device_hash", "started_at", "saved_at",
)  # fmt: skip
_INSERT = Prepared(insert(Response).values({name: bindparam(name) for name in _NEW}))
_SAVED = ("answers", "page_log", "language", "saved_at", "revision")


def _still_open() -> Exists:
    """Asked again by the statement that stores: what was read may be older than the close of the survey."""
    return exists().where(
        Survey.id == bindparam("of_survey"), Survey.state == "live", Survey.closes_at > bindparam("of_now")
    )


def _update(*names: str) -> Prepared:
    """Change the draft that was read, and only that, while the survey is open.

    Names no more columns than change: each has its indexes.
    """
    mine = (
        Response.id == bindparam("of_id"),
        Response.state == "draft",
        Response.revision == bindparam("of_revision"),
        _still_open(),
    )
    return Prepared(update(Response).where(*mine).values({name: bindparam(name) for name in names}))


_SAVE = _update(*_SAVED)
_COMPLETE = _update(*_SAVED, "state", "submitted_at")
_CALLBACK = Prepared(
    update(Response)
    .where(Response.id == bindparam("of_id"), Response.state == "complete")
    .values(answers=bindparam("answers"), call_wanted_at=bindparam("call_wanted_at"))
)
_ORIGIN = Prepared(
    select(Invitation.customer_id, Invitation.unit_id, Invitation.profile).where(
        Invitation.id == bindparam("of_id")
    )
)
# Two statements: naming `finished` at the start would write its index for nothing.
_STARTED = Prepared(
    update(Invitation)
    .where(Invitation.id == bindparam("of_id"), _still_open())
    .values(started=True, declined_at=None)
)
_FINISHED = Prepared(
    update(Invitation)
    .where(Invitation.id == bindparam("of_id"))
    .values(started=True, finished=True, declined_at=None)
)
_DECLINED = Prepared(
    update(Invitation)
    .where(
        Invitation.id == bindparam("of_id"),
        Invitation.declined_at.is_(None),
        Invitation.finished.is_(False),
    )
    .values(declined_at=bindparam("declined_at"))
)
_HOLD = Prepared(select(Survey.state).where(Survey.id == bindparam("of_id")).with_for_update(read=True))


def start(
    wire: Wire, entry: Entry, *, key: str, language: str, now: datetime, device_hash: str | None = None
) -> None:
    """Open the draft behind a link; does nothing but take back a refusal when there is one already.

    Raises Refused("survey_not_open") when the survey takes no answers now.
    """
    draft = None
    if entry.kept is None:
        draft = new_draft(wire, entry, key=key, language=language, now=now, device_hash=device_hash)
    else:
        _require_open(entry, now)
    open_draft(wire, entry, draft, now=now)


def new_draft(
    wire: Wire, entry: Entry, *, key: str, language: str, now: datetime, device_hash: str | None = None
) -> dict[str, Any]:
    """The columns of an empty response, for `open_draft`. Only reads; raises as `start`."""
    _require_open(entry, now)
    moment = coarse(now, anonymous=entry.anonymous)
    return {
        "survey_id": entry.survey_id,
        "version_id": entry.version_id,
        "key": key,
        "state": "draft",
        "channel": entry.channel,
        "language": language,
        "answers": {},
        "page_log": [],
        "revision": 0,
        "device_hash": device_hash,
        "started_at": moment,
        "saved_at": moment,
    } | _origin(wire, entry)


def open_draft(wire: Wire, entry: Entry, draft: dict[str, Any] | None, *, now: datetime) -> None:
    """Store a new draft, or none, and that the person has begun. Raises Stale when the survey closed meanwhile."""
    if entry.personal and (entry.kept is None or entry.declined):
        begun = _STARTED.change(wire, of_id=entry.link_id, of_survey=entry.survey_id, of_now=now)
        if begun != 1:
            raise Stale("survey_closed")
    if draft is not None:
        _INSERT.change(wire, **draft)


def _origin(wire: Wire, entry: Entry) -> dict[str, Any]:
    """Whose response it is. In an anonymous survey a personal link leaves nothing of this in the row."""
    nobody: dict[str, Any] = {
        "invitation_id": None,
        "open_link_id": None,
        "customer_id": None,
        "unit_id": None,
        "profile": {},
    }
    if not entry.personal:
        return nobody | {"open_link_id": entry.link_id, "unit_id": entry.unit_id}
    if entry.anonymous:
        return nobody
    ((customer_id, unit_id, profile),) = _ORIGIN.rows(wire, of_id=entry.link_id)
    return nobody | {
        "invitation_id": entry.link_id,
        "customer_id": customer_id,
        "unit_id": unit_id,
        "profile": profile,
    }


def save_page(
    wire: Wire,
    entry: Entry,
    kept: Kept,
    page: Page,
    *,
    questionnaire: Questionnaire,
    fields: dict[str, list[str]],
    language: str,
    now: datetime,
) -> Saved:
    """Store one page, or complete the response when nothing is left to fill in.

    `fields` maps field names to all their values. A response that is complete already stays as it is. Raises
    Refused("survey_not_open") when the survey takes no answers now, Stale when the draft was changed meanwhile.
    """
    saved = judge_page(
        entry, kept, page, questionnaire=questionnaire, fields=fields, language=language, now=now
    )
    store(wire, entry, saved)
    return saved


def judge_page(
    entry: Entry,
    kept: Kept,
    page: Page,
    *,
    questionnaire: Questionnaire,
    fields: dict[str, list[str]],
    language: str,
    now: datetime,
) -> Saved:
    """What a posted page leads to. Touches no database, so that nobody else has to wait for it to save."""
    _require_open(entry, now)
    cleaned = clean_page(questionnaire, page, fields, language, answers=kept.answers)
    if kept.complete:
        return Saved(cleaned, complete=True)
    if not cleaned.ok:
        return Saved(cleaned)
    answers = _replaced(kept.answers, page, cleaned.values)
    spent = seconds_on_page(kept.saved_at, now, anonymous=entry.anonymous)
    log = logged(kept.page_log, page.id, spent)
    following = next_page(questionnaire, page, answers)
    if following is None:
        following = unfinished_page(questionnaire, answers, {one for one, _ in log})
    stored: dict[str, Any] = {"answers": answers, "page_log": log, "language": language}
    if following is not None:
        return Saved(cleaned, page=following, change=_change(_SAVE, entry, kept, now, stored))
    stored["answers"] = finalise(questionnaire, answers, {one for one, _ in log})
    final = stored | {"state": "complete", "submitted_at": coarse(now, anonymous=entry.anonymous)}
    return Saved(cleaned, complete=True, change=_change(_COMPLETE, entry, kept, now, final))


def store(wire: Wire, entry: Entry, saved: Saved) -> None:
    """Carry out what `judge_page` found, completing exactly once.

    Raises Stale when the draft was changed meanwhile or the survey closed, Refused as `save_page`.
    """
    if saved.change is None:
        return
    if saved.complete:
        _hold_open(wire, entry)
    if saved.change.statement.change(wire, **saved.change.values) != 1:
        raise Stale("response_changed")
    if saved.complete and entry.personal:
        _FINISHED.change(wire, of_id=entry.link_id)


def _change(statement: Prepared, entry: Entry, kept: Kept, now: datetime, values: dict[str, Any]) -> Change:
    """The next revision of a draft."""
    place = {
        "of_id": kept.id,
        "of_revision": kept.revision,
        "of_survey": entry.survey_id,
        "of_now": now,
        "revision": kept.revision + 1,
        "saved_at": coarse(now, anonymous=entry.anonymous),
    }
    return Change(statement, place | values)


def _replaced(answers: dict[str, Any], page: Page, values: dict[str, Any]) -> dict[str, Any]:
    """The answers with those of one page replaced; free text beside a choice no longer made is dropped."""
    here = {code for question in page.questions for code in question.codes}
    rest = {code: value for code, value in answers.items() if code.partition("#")[0] not in here}
    hidden = {code: value for code, value in answers.items() if code in here and code not in values}
    return {**rest, **hidden, **values}


def _require_open(entry: Entry, now: datetime) -> None:
    if opening(entry.state, entry.opens_at, entry.closes_at, now) is not Opening.OPEN:
        raise Refused("survey_not_open")


def _hold_open(wire: Wire, entry: Entry) -> None:
    """On PostgreSQL keep whoever closes and seals the survey waiting; on SQLite the write lock does."""
    if wire.dialect.name == "postgresql" and _HOLD.rows(wire, of_id=entry.survey_id) != [("live",)]:
        raise Refused("survey_not_open")


def decline(wire: Wire, entry: Entry, *, now: datetime) -> None:
    """The person does not want to answer this survey: no reminders. Can be taken back by starting."""
    _DECLINED.change(wire, of_id=entry.link_id, declined_at=coarse(now, anonymous=entry.anonymous))


def unsubscribe(invitation: Invitation, *, now: datetime) -> bool:
    """Never write to this person again, under whatever row the address stands; False when that was so already."""
    address = invitation.contact.email.strip().lower()
    mine = Contact.id == invitation.contact_id
    same = (func.lower(Contact.email) == address) if address else mine
    # Locked: on PostgreSQL whoever asks at the same moment waits, and then finds it done.
    still = select(Contact).where(mine | same, Contact.opted_out_at.is_(None)).order_by(Contact.id)
    contacts = list(db.session.scalars(still.with_for_update().execution_options(populate_existing=True)))
    for contact in contacts:
        contact.opted_out_at = now
        audit.record(
            "contact.opted_out",
            kind="contact",
            object_id=contact.id,
            by=None,
            now=now,
            way="unsubscribe link",
        )
    return bool(contacts)


def ask_for_call(wire: Wire, entry: Entry, kept: Kept, *, phone: str, words: str, now: datetime) -> None:
    """Keep the wish to be called beside the answers of a finished response.

    Raises Refused when the survey has closed: the answers are sealed then.
    """
    _require_open(entry, now)
    moment = coarse(now, anonymous=entry.anonymous)
    wish = {"phone": phone, "words": words, "at": moment.isoformat()}
    _CALLBACK.change(wire, of_id=kept.id, answers={**kept.answers, CALLBACK_KEY: wish}, call_wanted_at=moment)
