"""`python -m tests.journeys.staffing PASSWORD`: two departments and those who work in them."""

import sys

from flask_security import hash_password
from sqlalchemy import select

from app import clock, create_app
from app.extensions import db
from app.jobs import runner
from app.models import User
from app.rules.permissions import Role
from app.services import units, users

# Local part of the address: name, role, unit.
STAFF = {
    "zhou": ("周敏", Role.CUSTOMER_SERVICE, ""),
    "chen": ("陈强", Role.DEPARTMENT, "维修部"),
    "liu": ("刘洋", Role.DEPARTMENT, "维修部"),
    "sun": ("孙丽", Role.DEPARTMENT, "配送部"),
}
DEPARTMENTS = {"维修部": "Repairs", "配送部": "Delivery"}


def main(password: str) -> None:
    """Add them in one transaction."""
    now = clock.now()
    with create_app().app_context(), runner.transaction():
        first = db.session.scalars(select(User)).one()
        made = {
            name: units.add(
                name=name, name_en=english, kind="department", code="", parent_id=None, by=first, now=now
            )
            for name, english in DEPARTMENTS.items()
        }
        for local, (name, role, unit) in STAFF.items():
            users.create(
                email=f"{local}@minghu.example",
                name=name,
                language="zh",
                role_names=[role],
                unit_ids=[made[unit].id] if unit else [],
                password_hash=hash_password(password),
                by=first,
                now=now,
            )


if __name__ == "__main__":
    main(sys.argv[1])
