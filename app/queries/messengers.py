"""Reading the groups that are told, and how their last messages went."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.errors import Missing
from app.extensions import db
from app.models import Messenger, MessengerPost
from app.queries.users import LARGEST_ID

RECENT = 10


def listed() -> list[tuple[Messenger, MessengerPost | None]]:
    """Every group with its last message, those in use first."""
    newest = select(func.max(MessengerPost.id)).group_by(MessengerPost.messenger_id)
    last = {
        post.messenger_id: post for post in db.session.scalars(_posts().where(MessengerPost.id.in_(newest)))
    }
    order = (Messenger.active.desc(), Messenger.name, Messenger.id)
    rows = db.session.scalars(select(Messenger).options(joinedload(Messenger.unit)).order_by(*order))
    return [(messenger, last.get(messenger.id)) for messenger in rows]


def get(messenger_id: int) -> Messenger:
    """Raises `Missing`."""
    found = db.session.get(Messenger, messenger_id) if messenger_id <= LARGEST_ID else None
    if found is None:
        raise Missing("messenger")
    return found


def recent(messenger: Messenger) -> Sequence[MessengerPost]:
    """Its last messages, the newest first."""
    own = _posts().where(MessengerPost.messenger_id == messenger.id)
    return db.session.scalars(own.order_by(MessengerPost.id.desc()).limit(RECENT)).all()


def _posts() -> Select[MessengerPost]:
    return select(MessengerPost).options(joinedload(MessengerPost.complaint))
