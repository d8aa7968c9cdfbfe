"""The outbox as plain tables: sending is the hot path, and touches many rows with few statements."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, scoped_session

from app.extensions import db
from app.models import Contact, Customer, Delivery, DeliveryEvent, Firm, Invitation, Survey

delivery = cast(Table, Delivery.__table__)
event = cast(Table, DeliveryEvent.__table__)
invitation = cast(Table, Invitation.__table__)
contact = cast(Table, Contact.__table__)
customer = cast(Table, Customer.__table__)
survey = cast(Table, Survey.__table__)
firm = cast(Table, Firm.__table__)

REPLY_LIMIT = 300

# What runs a statement: the session, or on the hot path a bare connection.
Line = Connection | Session | scoped_session[Session]
ADD_EVENT = insert(event)


def note(
    ids: Iterable[int],
    state: str,
    *,
    now: datetime,
    reason: str = "",
    reply: str = "",
    on: Line | None = None,
) -> None:
    """Append one event to the history of each delivery, in the session's transaction or that of `on`."""
    rows: list[dict[str, Any]] = [
        {"delivery_id": i, "at": now, "state": state, "reason": reason, "reply": reply[:REPLY_LIMIT]}
        for i in ids
    ]
    if rows:
        (on or db.session).execute(ADD_EVENT, rows)
