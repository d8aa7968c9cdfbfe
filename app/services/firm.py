"""Changing the firm's settings, and stopping and restarting its mail."""

from datetime import datetime
from typing import Any

from app.errors import Stale
from app.extensions import db
from app.models import Firm, User
from app.services import audit

EDITABLE = (
    "name",
    "name_en",
    "language",
    "timezone",
    "sender_address",
    "reply_address",
    "contact_name",
    "contact_phone",
    "contact_email",
    "minimum_group",
    "fatigue_days",
)


def change(firm: Firm, *, version: int, values: dict[str, Any], by: User, now: datetime) -> None:
    """Store the given settings. Raises `Stale` when the firm was changed since `version` was read."""
    if firm.version != version:
        raise Stale("firm")
    changed = {
        key: [getattr(firm, key), values[key]]
        for key in EDITABLE
        if key in values and getattr(firm, key) != values[key]
    }
    for key, (_old, new) in changed.items():
        setattr(firm, key, new)
    if changed:
        db.session.flush()
        audit.record("firm.changed", kind="firm", object_id=firm.id, by=by, now=now, changed=changed)


def pause_mail(firm: Firm, *, by: User | None, now: datetime) -> None:
    """Send nothing more until a person says so."""
    if not firm.mail_paused:
        firm.mail_paused = True
        audit.record("mail.paused", kind="firm", object_id=firm.id, by=by, now=now)


def resume_mail(firm: Firm, *, by: User | None, now: datetime) -> None:
    """Let the mail that is due go out."""
    if firm.mail_paused:
        firm.mail_paused = False
        audit.record("mail.resumed", kind="firm", object_id=firm.id, by=by, now=now)
