"""What stands behind a public link, read in one SELECT of plain columns.

These reads are the busiest of the product, so they fetch columns instead of objects. Changes are made in
`services.answers`.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, or_, select, true

from app.extensions import db
from app.models import (
    Contact,
    Firm,
    Invitation,
    OpenLink,
    QuestionnaireVersion,
    Response,
    ServiceEvent,
    Survey,
    Unit,
)
from app.queries.wire import Prepared, Wire
from app.rules.links import Purpose, nonce_of, proves
from app.rules.questionnaire import Questionnaire, parse
from app.rules.respondents import response_key


class Asker(NamedTuple):
    """Who asks: the firm as the public pages show it."""

    name: str
    name_en: str
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    minimum_group: int = 5

    def name_in(self, lang: str) -> str:
        """The name in a content language."""
        return self.name_en if lang == "en" and self.name_en else self.name


class Kept(NamedTuple):
    """A response as stored. `answers` is keyed by code; `page_log` holds [page id, seconds or None]."""

    id: int
    state: str
    language: str
    answers: dict[str, Any]
    page_log: list[list[Any]]
    revision: int
    saved_at: datetime

    @property
    def complete(self) -> bool:
        """Whether it has been sent for good."""
        return self.state == "complete"

    @property
    def seen(self) -> frozenset[str]:
        """Ids of the pages saved so far."""
        return frozenset(entry[0] for entry in self.page_log)


class Entry(NamedTuple):
    """A link that proved genuine, the survey behind it, and the answers given so far.

    `link_id` is the invitation's id (`personal`) or the open link's. `version_id` and `content_hash` are those of
    the response once there is one, so that answers stay with the version that was seen.
    """

    personal: bool
    link_id: int
    survey_id: int
    state: str
    anonymous: bool
    opens_at: datetime
    closes_at: datetime
    language: str
    channel: str
    unit_id: int | None
    declined: bool
    finished: bool
    version_id: int
    content_hash: str | None
    asker: Asker
    kept: Kept | None
    # A question, and the score up to which whoever gives it is asked whether we may come back to him.
    follow_up: tuple[str, int | None] = ("", None)


class Facts(NamedTuple):
    """What the first screen tells. `person` and `service` are empty where the survey is anonymous."""

    has_branches: bool
    person: str
    service: str
    service_on: Any


def personal_key(wire: Wire, token: str) -> str:
    """The submission key of the response that belongs to a personal link."""
    return response_key(wire.keys.responses, token)


_SURVEY = (
    Survey.id,
    Survey.state,
    Survey.anonymous,
    Survey.opens_at,
    Survey.closes_at,
    Survey.follow_up_question,
    Survey.follow_up_score,
)
_KEPT = (
    Response.id,
    Response.state,
    Response.language,
    Response.answers,
    Response.page_log,
    Response.revision,
    Response.saved_at,
)
_ASKER = (
    Firm.name,
    Firm.name_en,
    Firm.contact_name,
    Firm.contact_phone,
    Firm.contact_email,
    Firm.minimum_group,
)
_VERSION = (QuestionnaireVersion.id, QuestionnaireVersion.content_hash)
_VERSION_SEEN = QuestionnaireVersion.id == func.coalesce(Response.version_id, Survey.version_id)


def _statement(own: tuple[Any, ...], link: Any, belongs: Any) -> Select[Any]:
    return (
        select(*own, *_SURVEY, *_VERSION, *_ASKER, *_KEPT)
        .select_from(link)
        .join(Survey, Survey.id == link.survey_id)
        .join(Firm, true())
        .outerjoin(Response, belongs)
        .join(QuestionnaireVersion, _VERSION_SEEN)
        .where(link.nonce == bindparam("nonce"))
    )


_PERSONAL = _statement(
    (
        Invitation.id,
        Invitation.nonce,
        Invitation.language,
        Invitation.unit_id,
        Invitation.declined_at,
        Invitation.finished,
    ),
    Invitation,
    or_(Response.key == bindparam("key"), Response.invitation_id == Invitation.id),
)
_PERSONAL_READ = Prepared(_PERSONAL)
# Two taps of one respondent queue up on PostgreSQL too; SQLite has taken its write lock at BEGIN. A statement of its own:
# after it has waited, a SELECT that locks still sees the responses as they were before.
_QUEUE_UP = Prepared(select(Invitation.id).where(Invitation.nonce == bindparam("nonce")).with_for_update())
_OPEN = Prepared(
    _statement(
        (OpenLink.id, OpenLink.nonce, OpenLink.channel, OpenLink.unit_id, OpenLink.active),
        OpenLink,
        and_(Response.key == bindparam("key"), Response.open_link_id == OpenLink.id),
    )
)


def personal_entry(wire: Wire, token: str) -> Entry | None:
    """What a personal link opens, or None: unknown, damaged, or made for another purpose."""
    # The look-up is made in any case, so that a wrong shape takes as long as a wrong token.
    nonce = nonce_of(token) or b""
    if wire.writing and wire.dialect.name == "postgresql":
        _QUEUE_UP.rows(wire, nonce=nonce)
    rows = _PERSONAL_READ.rows(wire, nonce=nonce, key=personal_key(wire, token))
    if not rows or not proves(token, wire.keys.links, Purpose.ANSWER, rows[0][0], rows[0][1]):
        return None
    link_id, _nonce, language, unit_id, declined_at, finished, *rest = rows[0]
    return _entry(
        rest,
        personal=True,
        link_id=link_id,
        language=language,
        channel="mail",
        unit_id=unit_id,
        declined=declined_at is not None,
        finished=finished,
    )


def open_entry(wire: Wire, token: str, key: str | None) -> Entry | None:
    """What an open link opens for the browser that holds `key`, or None. A link switched off opens nothing."""
    rows = _OPEN.rows(wire, nonce=nonce_of(token) or b"", key=key or "")
    if not rows or not proves(token, wire.keys.links, Purpose.OPEN, rows[0][0], rows[0][1]) or not rows[0][4]:
        return None
    link_id, _nonce, channel, unit_id, _active, *rest = rows[0]
    return _entry(
        rest,
        personal=False,
        link_id=link_id,
        language="",
        channel=channel,
        unit_id=unit_id,
        declined=False,
        finished=False,
    )


def _entry(rest: list[Any], **own: Any) -> Entry:
    survey_id, state, anonymous, opens_at, closes_at, question, score, version_id, content_hash, *others = (
        rest
    )
    about, kept = others[: len(_ASKER)], others[len(_ASKER) :]
    return Entry(
        survey_id=survey_id,
        state=state,
        anonymous=anonymous,
        opens_at=opens_at,
        closes_at=closes_at,
        follow_up=(question, score),
        version_id=version_id,
        content_hash=content_hash,
        asker=Asker(*about),
        kept=None if kept[0] is None else Kept(*kept),
        **own,
    )


_CONTENT = Prepared(
    select(QuestionnaireVersion.content).where(QuestionnaireVersion.id == bindparam("version_id"))
)
_FROZEN_KEPT = 64
_frozen: dict[tuple[int, str], Questionnaire] = {}


def questionnaire_of(wire: Wire, version_id: int, content_hash: str | None) -> Questionnaire:
    """The parsed questionnaire of a version. Published ones never change and are kept in memory."""
    if content_hash is None:
        return parse(_CONTENT.rows(wire, version_id=version_id)[0][0])
    # The hash is part of the key because ids come back after a restore.
    key = (version_id, content_hash)
    found = _frozen.get(key)
    if found is None:
        found = parse(_CONTENT.rows(wire, version_id=version_id)[0][0])
        if len(_frozen) >= _FROZEN_KEPT:
            _frozen.clear()
        _frozen[key] = found
    return found


def version_content(version_id: int) -> dict[str, Any] | None:
    """The content document of any version, draft or published, for the preview; None when there is none."""
    content: dict[str, Any] | None = db.session.scalar(
        select(QuestionnaireVersion.content).where(QuestionnaireVersion.id == version_id)
    )
    return content


def present_asker() -> Asker:
    """The firm's name, where no link is involved."""
    row = db.session.execute(select(*_ASKER).limit(1)).first()
    return Asker(*row) if row else Asker("Heed", "Heed")


def facts(entry: Entry) -> Facts:
    """What the first screen says beyond firm and questionnaire."""
    branches = db.session.scalar(select(Unit.id).where(Unit.kind == "branch", Unit.active).limit(1))
    person, service, service_on = ("", "", None)
    if entry.personal and not entry.anonymous:
        person, service, service_on = _about(entry.link_id)
    return Facts(branches is not None, person, service, service_on)


def _about(invitation_id: int) -> tuple[str, str, Any]:
    """The invited person's name and the last service before the invitation."""
    row = db.session.execute(
        select(Contact.name, ServiceEvent.what, ServiceEvent.on)
        .select_from(Invitation)
        .join(Contact, Contact.id == Invitation.contact_id)
        .outerjoin(ServiceEvent, ServiceEvent.customer_id == Invitation.customer_id)
        .where(Invitation.id == invitation_id)
        .order_by(ServiceEvent.on.desc())
        .limit(1)
    ).one()
    return row[0], row[1] or "", row[2]
