"""The canned replies, and who may change them."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from app.errors import Missing
from app.extensions import db
from app.models import CannedReply, User, UserUnit
from app.models import Role as RoleRow
from app.queries.users import LARGEST_ID
from app.rules.complaints import canned as rules
from app.rules.permissions import Role


def offered() -> Sequence[CannedReply]:
    """Those in use, by name."""
    return db.session.scalars(_all().where(CannedReply.active)).all()


def everything() -> Sequence[CannedReply]:
    """Those in use first, then those that were put away."""
    return db.session.scalars(
        _all().order_by(None).order_by(CannedReply.active.desc(), CannedReply.name)
    ).all()


def get(reply_id: int) -> CannedReply:
    """Raises `Missing`."""
    found = db.session.get(CannedReply, reply_id) if reply_id <= LARGEST_ID else None
    if found is None:
        raise Missing("canned_reply")
    return found


def may_edit(user: User) -> bool:
    """Whether the user leads customer service; see the rule."""
    heads = (
        select(User.id)
        .join(UserUnit, UserUnit.user_id == User.id)
        .where(UserUnit.is_head, User.active, User.roles.any(RoleRow.name == Role.CUSTOMER_SERVICE))
    )
    return rules.may_edit(
        is_service=Role.CUSTOMER_SERVICE in user.role_names,
        heads_a_unit=any(link.is_head for link in user.unit_links),
        service_has_heads=db.session.scalar(heads.limit(1)) is not None,
    )


def _all() -> Select[CannedReply]:
    return select(CannedReply).order_by(CannedReply.name, CannedReply.id)
