"""Switching on and off where customers can complain without an account, and the address of each unit's own form."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.extensions import db
from app.models import Firm, PublicForm, Unit, User
from app.rules import public_forms as rules
from app.services import audit


def set_up(unit: Unit | None, *, address: str, active: bool, by: User, now: datetime) -> None:
    """Make or change the form of a unit, or of the firm (no unit, no address).

    Raises `Refused`: `bad_address`, `address_taken`.
    """
    kept = rules.address_of(address) if unit else ""
    if unit and not rules.is_address(kept):
        raise Refused("bad_address")
    unit_id = unit.id if unit else None
    form = db.session.scalar(select(PublicForm).where(PublicForm.unit_id.is_not_distinct_from(unit_id)))
    taken = db.session.scalar(select(PublicForm).where(PublicForm.address == kept))
    if taken is not None and taken is not form:
        raise Refused("address_taken")
    if form is None:
        form = PublicForm(unit_id=unit_id, created_at=now)
        db.session.add(form)
    elif (form.address, form.active) == (kept, active):
        return
    form.address, form.active = kept, active
    try:
        db.session.flush()
    except IntegrityError:  # on PostgreSQL two may take the same address at once
        raise Refused("address_taken") from None
    action = "public_form.switched_on" if active else "public_form.switched_off"
    audit.record(action, kind="public_form", object_id=form.id, by=by, now=now, address=kept)


def sort_mails(on: bool, *, by: User, now: datetime) -> None:
    """Whether mails that belong to nothing are put before customer service."""
    firm = db.session.scalars(select(Firm)).one()
    if firm.sorts_mail is on:
        return
    firm.sorts_mail = on
    db.session.flush()
    action = "firm.mail_sorting_on" if on else "firm.mail_sorting_off"
    audit.record(action, kind="firm", object_id=firm.id, by=by, now=now)
