"""Feedback that grows out of an answer: by a person's click, or by itself after a low score. Once for each answer.

It always goes to customer service first, whatever the rules of assignment say: whoever was measured reads nothing of an answer
before the release but what customer service hands on.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.extensions import db
from app.models import Complaint, Feedback, Response, User
from app.queries import follow_ups as queries
from app.queries.complaints.trees import tree
from app.rules.complaints import Channel, Kind
from app.services import complaints
from app.services.complaints import Told, basics, customer_mail, links

OTHER = "category.other"


def record(
    response: Response, told: Told, *, confirms: bool, by: User | None, now: datetime
) -> tuple[Feedback, Complaint | None]:
    """Keep what somebody makes of an answer. `confirms`: number and link go to the respondent's address, if he gave one.

    Raises `Refused`: `recorded_meanwhile`, as `complaints.record`.
    """
    # On PostgreSQL two may come at once; SQLite has one writer at a time.
    db.session.scalar(select(Response.id).where(Response.id == response.id).with_for_update())
    if queries.recorded_of(response) is not None:
        raise Refused("recorded_meanwhile")
    sent = confirms and customer_mail.may_confirm(told.contact_email, now=now)
    told = replace(told, channel=Channel.SURVEY, response_id=response.id, acknowledged=sent)
    try:
        feedback, case = complaints.record(told, key=f"answer-{response.id}", by=by, now=now)
    except IntegrityError:
        raise Refused("recorded_meanwhile") from None
    links.ensure(feedback)
    if sent:
        customer_mail.confirm(feedback, now=now)
    return feedback, case


def open_by_itself(response_id: int, *, now: datetime) -> bool:
    """Open a complaint out of a low score whose respondent agreed to be called.

    False: it was opened before, or he was called meanwhile.
    """
    response = db.session.get(Response, response_id, with_for_update=True, populate_existing=True)
    if response is None or response.call_done_at is not None or queries.recorded_of(response) is not None:
        return False
    if not tree().by_id:  # the start has not been through `app.preparation`
        basics.ensure(now=now)
    shared = queries.shared_by(response)
    told = Told(
        kind=Kind.COMPLAINT,
        content=shared.text,
        channel=Channel.SURVEY,
        category_id=other_category(),
        received_at=now,
        language=response.language,
        customer_id=shared.customer.id if shared.customer else None,
        contact_name=shared.name,
        contact_phone=shared.phone,
        contact_email=shared.email,
        unit_id=response.unit_id,
    )
    record(response, told, confirms=True, by=None, now=now)
    return True


def other_category() -> int:
    """Where customer service finds what nobody has sorted: "other", or else the last category.

    Where every category is switched off, a message still has to come in: then one of those.
    """
    present = tree()
    lines = present.offered("category") or present.whole("category")
    offered = [one for one, _depth in lines]
    return next((one.id for one in offered if one.code == OTHER), offered[-1].id)
