"""Mails about accounts: setting a password for the first time, and setting a new one."""

from typing import Any

from app.errors import Missing
from app.extensions import db
from app.models import Delivery, User
from app.services import passwords
from app.services.mail_contents import register


@register("reset_password")
def reset_password(delivery: Delivery) -> dict[str, Any]:
    """`name`, `link`. Raises `Missing` when the user may no longer sign in."""
    user = _user_of(delivery)
    return {
        "name": user.name,
        "link": passwords.link(user, issued=delivery.created_at, lifetime=passwords.RESET_LIFETIME),
    }


@register("set_password")
def set_password(delivery: Delivery) -> dict[str, Any]:
    """`name`, `link`, `days`. Raises `Missing` when the user may no longer sign in."""
    user = _user_of(delivery)
    return {
        "name": user.name,
        "link": passwords.link(user, issued=delivery.created_at, lifetime=passwords.INVITATION_LIFETIME),
        "days": passwords.INVITATION_LIFETIME.days,
    }


def _user_of(delivery: Delivery) -> User:
    user = db.session.get(User, delivery.params["user_id"])
    # An address that was changed meanwhile must not get the link of its former owner.
    if user is None or not user.active or user.email != delivery.to_address:
        raise Missing("user")
    return user
