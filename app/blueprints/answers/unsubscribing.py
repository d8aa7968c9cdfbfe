"""Unsubscribing: /u/<token>. GET shows a button; POST works for a mail program too, without cookie or redirect."""

from flask import Response

from app import clock
from app.blueprints.answers.site import bp, language_of, render, send, wrong_link
from app.models import Invitation
from app.queries.answers import present_asker
from app.queries.links import invitation_by
from app.rules.letters import masked
from app.rules.links import Purpose
from app.services import answers
from app.web.access import public


def _screen(invitation: Invitation, *, done: bool) -> Response:
    lang = language_of(("zh", "en"), "zh", invitation.language)
    text = render(
        "answers/unsubscribe.html",
        lang,
        asker=present_asker(),
        languages=("zh", "en"),
        done=done or invitation.contact.opted_out_at is not None,
        address=masked(invitation.contact.email),
    )
    return send(text)


@bp.get("/u/<token>")
@public
def unsubscribe_page(token: str) -> Response:
    """Ask before doing it: programs that check mails open every link."""
    invitation = invitation_by(token, Purpose.UNSUBSCRIBE)
    return wrong_link() if invitation is None else _screen(invitation, done=False)


@bp.post("/u/<token>")
@public
def unsubscribe(token: str) -> Response:
    """Do it; a second time is the same."""
    invitation = invitation_by(token, Purpose.UNSUBSCRIBE)
    if invitation is None:
        return wrong_link()
    answers.unsubscribe(invitation, now=clock.now())
    return _screen(invitation, done=True)
