"""From a row to its secret address and back."""

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Feedback, FeedbackLink, Invitation, OpenLink
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


def follow_token(link: FeedbackLink) -> str:
    """The secret part of the address below."""
    return token(link_key(), Purpose.FOLLOW, link.feedback_id, link.nonce)


def follow_url(link: FeedbackLink) -> str:
    """The address by which a customer follows what he has told us."""
    return _address("c", follow_token(link))


def feedback_by(text: str) -> Feedback | None:
    """The feedback a token belongs to, or None; as `invitation_by`."""
    nonce = nonce_of(text)
    row = db.session.scalar(
        select(FeedbackLink)
        .where(FeedbackLink.nonce == (nonce or b""))
        .options(joinedload(FeedbackLink.feedback))
    )
    if row is None or not proves(text, link_key(), Purpose.FOLLOW, row.feedback_id, row.nonce):
        return None
    return row.feedback


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
