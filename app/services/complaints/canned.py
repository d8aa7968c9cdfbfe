"""Writing canned replies. They are put away, never deleted, and can be taken out again."""

from dataclasses import dataclass
from datetime import datetime

from app.errors import Refused, Stale
from app.extensions import db
from app.models import CannedReply, User
from app.queries.complaints import canned as queries
from app.rules.complaints import canned as rules
from app.services import audit


@dataclass(frozen=True)
class Texts:
    """A reply in both languages; one of the two texts may be missing."""

    name: str
    name_en: str
    text: str
    text_en: str


def save(
    reply: CannedReply | None, texts: Texts, *, seen: int | None, by: User, now: datetime
) -> CannedReply:
    """Keep a new one (`reply` None) or a changed one. Raises `Refused`: `not_allowed`, `text_missing`,
    `unknown_place` (`places`); `Stale`.
    """
    _check(by)
    if not (texts.text.strip() or texts.text_en.strip()):
        raise Refused("text_missing")
    unknown = rules.unknown_places(texts.text + "\n" + texts.text_en)
    if unknown:
        raise Refused("unknown_place", places=unknown)
    if reply is None:
        reply = CannedReply(active=True)
        db.session.add(reply)
    elif seen is not None and seen != reply.version:
        raise Stale("changed_meanwhile")
    reply.name, reply.name_en = texts.name, texts.name_en
    reply.text, reply.text_en = texts.text, texts.text_en
    db.session.flush()
    audit.record("canned_reply.saved", kind="canned_reply", object_id=reply.id, by=by, now=now)
    return reply


def put_away(reply: CannedReply, *, away: bool, by: User, now: datetime) -> None:
    """Offer it no longer, or again. Raises `Refused`: `not_allowed`."""
    _check(by)
    if reply.active is not away:
        return
    reply.active = not away
    db.session.flush()
    action = "canned_reply.put_away" if away else "canned_reply.taken_out"
    audit.record(action, kind="canned_reply", object_id=reply.id, by=by, now=now)


def _check(by: User) -> None:
    if not queries.may_edit(by):
        raise Refused("not_allowed")
