"""From a row of the outbox to the bytes that go over the line."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale
from jinja2 import Template
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.adapters.mail import Envelope, Parts, bad_address, compose
from app.errors import Missing
from app.extensions import db
from app.models import Delivery, Firm, Invitation, Survey
from app.queries.letters import thread_of
from app.queries.links import answer_url, unsubscribe_url
from app.rules.deliveries import PACED_KINDS, is_made_up
from app.rules.reach import Reach, reach_of
from app.services import mail_contents
from app.services.mail_contents.surveys import contents

log = logging.getLogger("heed.mail")

# Stand for one person's name and links while a text is rendered for many. The name is made of private
# characters that nobody can type; the links look like links, so that they are made clickable.
NAME = "\ue000name\ue001"
LINK = "https://link.invalid/ue000"
LEAVE = "https://leave.invalid/ue000"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANGS = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Outgoing:
    """One mail ready to go. `problem` is a code instead when it can't be made."""

    delivery_id: int
    address: str
    envelope: Envelope | None = None
    message: bytes = b""
    problem: str = ""


def prepare(ids: Sequence[int], *, now: datetime) -> list[Outgoing]:
    """Compose these mails in this order. A mail that can't be made never keeps the others back."""
    rows = {d.id: d for d in db.session.scalars(select(Delivery).where(Delivery.id.in_(ids)))}
    # Loaded at once, so that each mail finds its invitation in the session.
    wanted = [d.invitation_id for d in rows.values() if d.invitation_id is not None]
    invitations = {
        i.id: i
        for i in db.session.scalars(
            select(Invitation)
            .where(Invitation.id.in_(wanted))
            .options(
                joinedload(Invitation.contact), joinedload(Invitation.customer), joinedload(Invitation.survey)
            )
        )
    }
    workshop = _Workshop(db.session.scalars(select(Firm)).one(), now)
    return [workshop.outgoing(rows[i], invitations.get(rows[i].invitation_id or 0)) for i in ids]


def _mail_leaves() -> bool:
    """Whether mail goes to another machine: what is tried out on this one may go to made-up people."""
    server = current_app.config["HEED"].mail
    return server is not None and reach_of(f"//{server.host}") is not Reach.MACHINE


class _Workshop:
    """Composes one batch; remembers the rendered texts that many mails share."""

    def __init__(self, firm: Firm, now: datetime) -> None:
        self._firm = firm
        self._now = now
        self._frames: dict[tuple[str, int, str], dict[str, str]] = {}

    def outgoing(self, delivery: Delivery, invitation: Invitation | None) -> Outgoing:
        """The finished mail, or why there is none."""
        if bad_address(delivery.to_address):
            return Outgoing(delivery.id, delivery.to_address, problem="bad_address")
        if bad_address(self._firm.sender_address):
            return Outgoing(delivery.id, delivery.to_address, problem="no_sender")
        if is_made_up(delivery.to_address) and _mail_leaves():
            return Outgoing(delivery.id, delivery.to_address, problem="made_up")
        try:
            envelope, message = compose(self._parts(delivery, invitation))
        except Missing:
            return Outgoing(delivery.id, delivery.to_address, problem="not_wanted")
        except Exception as error:
            # Type only: the message of a template error may hold what a person wrote.
            log.error("delivery %s can't be composed: %s", delivery.id, type(error).__name__)
            return Outgoing(delivery.id, delivery.to_address, problem="not_composable")
        return Outgoing(delivery.id, delivery.to_address, envelope, message)

    def _parts(self, delivery: Delivery, invitation: Invitation | None) -> Parts:
        leave = ""
        if invitation is not None and delivery.kind in PACED_KINDS:
            leave = unsubscribe_url(invitation)
            content = self._personal(delivery, invitation, leave)
        else:
            content = render(delivery, self._firm)
        thread = thread_of(delivery) if delivery.feedback_id is not None else ""
        return Parts(
            message_id=thread or delivery.message_id,
            thread=f"t.{thread}" if thread else "",
            sender_name=self._firm.name_in(delivery.language),
            sender=self._firm.sender_address,
            reply_to=self._firm.reply_address,
            recipient=delivery.to_address,
            subject=content["subject"],
            text=content["text"],
            html=content["html"],
            date=self._now,
            base_url=current_app.config["HEED"].base_url,
            language=HTML_LANGS[delivery.language],
            unsubscribe_url=leave,
        )

    def _personal(self, delivery: Delivery, invitation: Invitation, leave: str) -> dict[str, str]:
        """The survey's text, rendered once, with this person's name and links put in."""
        key = (delivery.template, invitation.survey_id, delivery.language)
        if key not in self._frames:
            self._frames[key] = frame_of(invitation.survey, delivery)
        name = invitation.contact.name or invitation.customer.name
        link = answer_url(invitation)

        def put_in(text: str, shown_name: str) -> str:
            return text.replace(NAME, shown_name).replace(LINK, link).replace(LEAVE, leave)

        frame = self._frames[key]
        return {
            "subject": put_in(frame["subject"], name),
            "text": put_in(frame["text"], name),
            "html": put_in(frame["html"], str(escape(name))),
        }


def frame_of(survey: Survey, delivery: Delivery) -> dict[str, str]:
    """The texts that all mails of this kind, survey and language share, with NAME, LINK and LEAVE in them."""
    with in_locale(delivery.language):
        variables = contents(
            survey,
            delivery.kind == "reminder",
            language=delivery.language,
            name=NAME,
            link=LINK,
            leave=LEAVE,
        )
        return render_texts(delivery.template, variables)


def in_locale(language: str) -> AbstractContextManager[None]:
    """Speak the language of a mail."""
    speaking: AbstractContextManager[None] = force_locale(LOCALES[language])
    return speaking


def render(delivery: Delivery, firm: Firm) -> dict[str, str]:
    """Subject, text and HTML of a delivery in its language."""
    make = mail_contents.contents_of(delivery.template)
    lang = delivery.language
    with in_locale(lang):
        variables = make(delivery)
        return render_texts(delivery.template, {"firm": firm, "lang": lang} | variables)


def render_texts(template: str, variables: dict[str, Any]) -> dict[str, str]:
    """Render the pair of templates with `variables` (plus `html_lang`), in the present locale."""
    given = variables | {"html_lang": HTML_LANGS[variables["lang"]]}
    plain = current_app.jinja_env.get_template(f"emails/{template}.txt")
    rich = current_app.jinja_env.get_template(f"emails/{template}.html")
    return {
        "subject": " ".join(_block(plain, "subject", given).split()),
        "text": _block(plain, "body", given).strip() + "\n",
        "html": rich.render(given),
    }


def _block(template: Template, name: str, variables: dict[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(variables)))
