"""The saved views somebody has on his desk: his own, and for customer service those that are shared."""

from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, lazyload

from app.errors import Missing
from app.extensions import db
from app.models import DefaultView, SavedView, User
from app.queries.users import LARGEST_ID
from app.rules.permissions import Role

MOST = 30


@dataclass(frozen=True)
class Kept:
    """A view with its owner's name; `first`: the desk begins with it."""

    view: SavedView
    owner: str
    own: bool
    first: bool


def visible_to(user: User) -> Select[SavedView]:
    """Own views, deleted ones too, and those that customer service shares."""
    own = SavedView.owner_id == user.id
    if Role.CUSTOMER_SERVICE not in user.role_names:
        return select(SavedView).where(own)
    return select(SavedView).where(or_(own, SavedView.shared & SavedView.deleted_at.is_(None)))


def all_of(user: User) -> list[Kept]:
    """Those on his desk, by name, then the deleted ones. One query."""
    first = select(DefaultView.view_id).where(DefaultView.user_id == user.id).scalar_subquery()
    statement = (
        visible_to(user)
        .add_columns((SavedView.id == first).label("first"))
        .order_by(SavedView.deleted_at.isnot(None), SavedView.name, SavedView.id)
        .options(joinedload(SavedView.owner).options(lazyload(User.roles), lazyload(User.unit_links)))
    )
    return [
        Kept(view, view.owner.name, view.owner_id == user.id, bool(is_first))
        for view, is_first in db.session.execute(statement)
    ]


def get(user: User, view_id: int) -> SavedView:
    """Raises `Missing`."""
    found = (
        db.session.scalar(visible_to(user).where(SavedView.id == view_id)) if view_id <= LARGEST_ID else None
    )
    if found is None:
        raise Missing("saved_view")
    return found


def first_of(user: User) -> SavedView | None:
    """With which the desk begins; None: as it does by itself."""
    chosen = select(DefaultView.view_id).where(DefaultView.user_id == user.id)
    return db.session.scalar(visible_to(user).where(SavedView.id.in_(chosen), SavedView.deleted_at.is_(None)))
