"""From a row to its secret address and back."""

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.models import Invitation, OpenLink
from app.rules.links import Purpose, derived_key, nonce_of, proves, token


def link_key() -> bytes:
    """The installation's key for links."""
    return derived_key(current_app.config["SECRET_KEY"], "links")


def answer_url(invitation: Invitation) -> str:
    """The address in an invitation mail; a reminder carries the same."""
    return _address("s", token(link_key(), Purpose.ANSWER, invitation.id, invitation.nonce))


def unsubscribe_url(invitation: Invitation) -> str:
    """The address at the foot of a mail and in List-Unsubscribe."""
    return _address("u", token(link_key(), Purpose.UNSUBSCRIBE, invitation.id, invitation.nonce))


def open_url(link: OpenLink) -> str:
    """The address behind a QR code or on a web site."""
    return _address("o", token(link_key(), Purpose.OPEN, link.id, link.nonce))


def invitation_by(text: str, purpose: Purpose) -> Invitation | None:
    """The invitation a token belongs to, or None: unknown, damaged, or made for another purpose."""
    nonce = nonce_of(text)
    # The look-up is made in any case, so that a wrong shape takes as long as a wrong token.
    row = db.session.scalar(select(Invitation).where(Invitation.nonce == (nonce or b"")))
    if row is None or not proves(text, link_key(), purpose, row.id, row.nonce):
        return None
    return row


def _address(kind: str, text: str) -> str:
    return f"{current_app.config['HEED'].base_url}/{kind}/{text}"
