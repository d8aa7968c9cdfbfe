"""Telling the customer by mail: that his message has come, and what is said to him since. The texts are made when the
mail is sent, in `services.mail_contents.complaints`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.adapters.mail import bad_address
from app.models import Complaint, ComplaintEvent, Feedback
from app.queries import letters
from app.rules import complaints as rules
from app.rules.throttle import ACKNOWLEDGEMENT
from app.services import outbox, throttling
from app.services.complaints import links

KIND = "complaint"


def acknowledge(feedback: Feedback, *, now: datetime) -> bool:
    """Confirm to whoever wrote to us himself, at the address he gave; returns whether a mail leaves.

    Not at all to a program, to nowhere or to ourselves, and only so often to one address: anybody can type anybody's.
    """
    if not may_confirm(feedback.contact_email, now=now):
        return False
    confirm(feedback, now=now)
    return True


def may_confirm(address: str, *, now: datetime) -> bool:
    """Whether a confirmation may leave to this address now. Counts it: ask once, and then `confirm`."""
    if not _usable(address):
        return False
    return not throttling.try_once("acknowledgement", address.lower(), policy=ACKNOWLEDGEMENT, now=now)


def confirm(feedback: Feedback, *, now: datetime) -> None:
    """Send number and link to the address he gave."""
    _queue("complaint_received", feedback, feedback.contact_email, {"feedback": feedback.id}, now)


def write(complaint: Complaint, events: Iterable[ComplaintEvent], *, now: datetime) -> None:
    """Tell what these entries of the log say to the customer, if they are told by mail and his address is known.

    What was told before it was entered has reached him already.
    """
    for event in events:
        if event.at < event.recorded_at:
            continue
        what = rules.told_by_mail(event.kind, event.text, event.data)
        address = address_of(complaint) if what else ""
        if address:
            params: dict[str, Any] = {"feedback": complaint.feedback_id, "event": event.id, "what": what}
            _queue("complaint_told", complaint.feedback, address, params, now)


def address_of(complaint: Complaint) -> str:
    """Where mail to the complainant goes: the address he gave, else that of the customer's only contact; or ""."""
    found = complaint.feedback.contact_email
    if not found and complaint.customer is not None:
        known = [one for one in complaint.customer.contacts if one.email and one.address_state == "ok"]
        found = known[0].email if len(known) == 1 else ""
    return found if _usable(found) else ""


def _usable(address: str) -> bool:
    return (
        bool(address) and not bad_address(address) and rules.may_be_answered(address, letters.own_addresses())
    )


def _queue(template: str, feedback: Feedback, address: str, params: dict[str, Any], now: datetime) -> None:
    links.ensure(feedback)
    outbox.enqueue(
        KIND,
        to=address,
        language=feedback.language,
        template=template,
        due_at=now,
        now=now,
        params=params,
        feedback_id=feedback.id,
    )
