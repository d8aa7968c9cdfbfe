"""The order in which the demonstration firm comes into being."""

import random
from datetime import datetime

from sqlalchemy import func, select, update

from app.errors import Refused
from app.extensions import db
from app.models import Customer, Survey, User
from app.services import audit
from app.services.demo import complaints, customers, desk, firm, letters, reports, waves

SEED = 20260901


def load(*, password: str | None, by: User | None, now: datetime) -> dict[str, int]:
    """Make the demonstration firm in an installation without customers.

    With `password` the demonstration users can sign in with it; without, their accounts have
    no password and are only there to be seen. Raises `Refused("demo_needs_empty_register")`.
    """
    if db.session.scalar(select(func.count(Customer.id))):
        raise Refused("demo_needs_empty_register")
    rng = random.Random(SEED)  # noqa: S311 - repeatable on purpose, nothing secret is drawn
    firm.ensure_firm(now=now)
    units = firm.add_units()
    users = firm.add_users(units, password=password, now=now)
    firm.open_forms(units, by=users["admin"], now=now)
    people = customers.add_customers(rng, units, now=now)
    segments = customers.add_segments(by=users["marketing"], now=now)
    counts = waves.add_waves(rng, people, by=users["marketing"], now=now)
    counts |= complaints.add_complaints(people, units, users, now=now)
    letters.add_letters(people, users, now=now)
    desk.add_desk(users, now=now)
    counts |= reports.add_reports(users, now=now)
    db.session.execute(update(Survey).values(segment_id=segments["everybody"].id))
    audit.record("demo.loaded", kind="firm", object_id=None, by=by, now=now, customers=len(people))
    return {"customers": len(people), "users": len(users)} | counts
