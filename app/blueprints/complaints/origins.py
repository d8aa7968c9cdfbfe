"""What feedback that somebody records may have grown out of: a mail that waits, or an answer to a survey.

The form then begins with what is known, and channel and time are no longer typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app.models import Attachment, Complaint, Customer, Feedback, Letter, Response, User
from app.queries import follow_ups, letters
from app.rules.letters import State
from app.services import follow_ups as follow_up_services
from app.services import letters as letter_services
from app.services.complaints import Told
from app.web.forms import whole_number
from app.web.i18n import page_language

LONGEST_CONTENT = 10_000
Made = tuple[Feedback, Complaint | None]


@dataclass(frozen=True)
class Origin:
    """`name` and `number` are the hidden field that carries it; `address` leads back to it."""

    name: str
    number: int
    channel: str
    received_at: datetime
    content: str
    contact_name: str
    contact_phone: str
    contact_email: str
    language: str
    unit_id: int | None
    customers: Sequence[Customer]
    earlier: str
    files: Sequence[Attachment]
    address: str
    words: str
    source: Letter | Response

    def beginnings(self) -> dict[str, Any]:
        """What the form holds before anybody types."""
        known = self.customers[0] if len(self.customers) == 1 else None
        return {
            "content": self.content[:LONGEST_CONTENT],
            "channel": self.channel,
            "contact_name": self.contact_name,
            "contact_phone": self.contact_phone,
            "contact_email": self.contact_email,
            "language": self.language,
            "unit": str(self.unit_id or ""),
            "customer": str(known.id) if known else "",
            "customer_words": known.name if known else self.contact_name,
            "acknowledged": bool(self.contact_email),
        }

    def record(self, told: Told, *, by: User, now: datetime) -> Made:
        """Keep it and what it grew out of together. Raises `Refused`."""
        confirms = told.acknowledged
        if isinstance(self.source, Letter):
            return letter_services.record(self.source, told, confirms=confirms, by=by, now=now)
        return follow_up_services.record(self.source, told, confirms=confirms, by=by, now=now)

    def made_before(self, by: User) -> Feedback | None:
        """What this very person has made of it already: his second click."""
        if isinstance(self.source, Letter):
            mine = self.source.state == State.RECORDED and self.source.sorted_by_id == by.id
            return self.source.feedback if mine else None
        found = follow_ups.recorded_of(self.source)
        return found if found is not None and found.recorded_by_id == by.id else None


def asked_for() -> Origin | None:
    """What the address or the sent form names; None: nothing. Raises `Missing`."""
    for name, find in (("letter", _from_letter), ("answer", _from_answer)):
        number = whole_number(request.values.get(name))
        if number > 0:
            return find(number)
    return None


def _from_letter(number: int) -> Origin:
    letter = letters.get_unsorted(current_user, number)
    return Origin(
        name="letter",
        number=letter.id,
        channel="email",
        received_at=letter.received_at,
        content=letter.text or letter.subject,
        contact_name=letter.sender_name,
        contact_phone="",
        contact_email=letter.sender,
        language=letter.language,
        unit_id=None,
        customers=letters.customers_of(letter.sender),
        earlier=letter.earlier,
        files=letter.files,
        address=url_for("complaints.feedback_mail", letter_id=letter.id),
        words=_("Mail from %(sender)s: %(subject)s", sender=letter.sender, subject=letter.subject or "–"),
        source=letter,
    )


def _from_answer(number: int) -> Origin:
    response = follow_ups.get_wish(current_user, number)
    shared = follow_ups.shared_by(response)
    survey = shared.survey.name
    assert response.call_wanted_at is not None
    return Origin(
        name="answer",
        number=response.id,
        channel="survey",
        received_at=response.call_wanted_at,
        content=shared.text,
        contact_name=shared.name,
        contact_phone=shared.phone,
        contact_email=shared.email,
        language=response.language,
        unit_id=response.unit_id,
        customers=[shared.customer] if shared.customer else [],
        earlier="",
        files=(),
        address=url_for("home.index"),
        words=_(
            "Answer to the survey %(survey)s",
            survey=survey.get(page_language()) or next(iter(survey.values()), ""),
        ),
        source=response,
    )
