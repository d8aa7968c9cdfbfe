"""What pages of the walk through all pages have in common: whose they are, and the words of their addresses."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import User

Words = dict[str, Any]


def user_of(local: str) -> User:
    """One of the demonstration users."""
    return db.session.scalars(select(User).where(User.email == f"{local}@demo.example")).one()


def token_of(address: str) -> str:
    """The secret part of a link."""
    return address.rpartition("/")[2]
