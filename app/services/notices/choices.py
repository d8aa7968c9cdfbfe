"""What each person wants by mail."""

from collections.abc import Mapping

from app.errors import Refused
from app.extensions import db
from app.models import NoticeChoice, User
from app.queries import notices as queries
from app.rules.notices import CHOICES, Group


def choose(user: User, chosen: Mapping[Group, str]) -> None:
    """Keep the choices for these groups. Raises `Refused` `no_such_choice`."""
    offered = queries.offered_to(user)
    if any(mail not in CHOICES[group] for group, mail in chosen.items()):
        raise Refused("no_such_choice")
    for group, mail in chosen.items():
        if group in offered:
            db.session.merge(NoticeChoice(user_id=user.id, notices=group.value, mail=str(mail)))
    db.session.flush()
