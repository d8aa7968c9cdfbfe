"""Saved views of the desk: kept under a name, shared, made the one to begin with, deleted and brought back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from app.errors import Refused, Stale
from app.extensions import db
from app.models import DefaultView, SavedView, User
from app.queries.complaints.views import MOST
from app.rules.permissions import Role
from app.services import audit


def save(
    name: str, filters: Mapping[str, str], *, shared: bool, first: bool, by: User, now: datetime
) -> SavedView:
    """Keep these filters; `first`: the desk begins with them from now on. Raises `Refused`: `too_many_views`."""
    own = select(func.count(SavedView.id)).where(SavedView.owner_id == by.id, SavedView.deleted_at.is_(None))
    if (db.session.scalar(own) or 0) >= MOST:
        raise Refused("too_many_views", most=MOST)
    view = SavedView(owner_id=by.id, name=name, filters=dict(filters), shared=_may_share(by) and shared)
    db.session.add(view)
    db.session.flush()
    if first:
        begin_with(view, by=by)
    _audit("saved", view, by, now)
    return view


def change(view: SavedView, *, name: str, shared: bool, seen: int | None, by: User, now: datetime) -> None:
    """Another name, or shared or not. Raises `Refused`: `not_allowed` (somebody else's); `Stale`."""
    _check(view, by)
    if seen is not None and seen != view.version:
        raise Stale("changed_meanwhile")
    view.name, view.shared = name, _may_share(by) and shared
    db.session.flush()
    _audit("changed", view, by, now)


def begin_with(view: SavedView | None, *, by: User) -> None:
    """The desk begins with this view, or (None) as it does by itself. His own taste: not audited."""
    present = db.session.get(DefaultView, by.id)
    if present is not None:
        db.session.delete(present)
        db.session.flush()
    if view is not None:
        db.session.add(DefaultView(user_id=by.id, view_id=view.id))
    db.session.flush()


def delete(view: SavedView, *, away: bool, by: User, now: datetime) -> None:
    """Take it off every desk, or bring it back. Raises `Refused`: `not_allowed`."""
    _check(view, by)
    if (view.deleted_at is not None) is away:
        return
    view.deleted_at = now if away else None
    db.session.flush()
    _audit("deleted" if away else "restored", view, by, now)


def _check(view: SavedView, by: User) -> None:
    if view.owner_id != by.id:
        raise Refused("not_allowed")


def _may_share(by: User) -> bool:
    return Role.CUSTOMER_SERVICE in by.role_names


def _audit(what: str, view: SavedView, by: User, now: datetime) -> None:
    audit.record(
        f"saved_view.{what}", kind="saved_view", object_id=view.id, by=by, now=now, shared=view.shared
    )
