"""Rows for tests. Every method commits and returns the row."""

from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Contact, Customer, Firm, Role, Unit, User, UserUnit
from app.web.security import new_uniquifier


class Factory:
    """Makes rows with sensible values; every field can be given."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._count = 0

    def number(self) -> int:
        """The next number, for fields that must be unique."""
        self._count += 1
        return self._count

    def save(self, row: Any) -> Any:
        """Add and commit."""
        db.session.add(row)
        db.session.commit()
        return row

    def firm(self, **fields: Any) -> Firm:
        """The firm; the same row when it exists."""
        present = db.session.scalar(select(Firm))
        if present is not None and not fields:
            return present
        values = {
            "name": "恒信服务集团",
            "name_en": "Hengxin Service Group",
            "language": "zh",
            "timezone": "Asia/Shanghai",
            "sender_address": "survey@hengxin.example",
            "contact_name": "林晓雯",
            "contact_phone": "0571-5550 0136",
            "created_at": self.now,
        } | fields
        if present is not None:
            for key, value in fields.items():
                setattr(present, key, value)
            return self.save(present)
        return self.save(Firm(**values))

    def unit(self, **fields: Any) -> Unit:
        """A branch."""
        n = self.number()
        return self.save(Unit(**({"kind": "branch", "code": f"B{n}", "name": f"门店{n}"} | fields)))

    def user(self, *, roles: tuple[str, ...] = (), units: tuple[Unit, ...] = (), **fields: Any) -> User:
        """A user with roles and units; without a password unless one is given as a hash."""
        n = self.number()
        values = {
            "email": f"user{n}@firm.example",
            "name": f"User {n}",
            "fs_uniquifier": new_uniquifier(),
            "language": "en",
            "created_at": self.now,
        } | fields
        user = User(**values)
        user.roles = list(db.session.scalars(select(Role).where(Role.name.in_(roles))))
        user.unit_links = [UserUnit(unit_id=unit.id) for unit in units]
        return self.save(user)

    def customer(self, *, email: str | None = None, **fields: Any) -> Customer:
        """A customer with one contact."""
        n = self.number()
        values = {
            "code": f"C{n:05}",
            "name": f"客户{n}",
            "created_at": self.now - timedelta(days=400),
            "updated_at": self.now - timedelta(days=400),
        } | fields
        customer = Customer(**values)
        address = f"contact{n}@customer.example" if email is None else email
        customer.contacts = [Contact(name=f"联系人{n}", email=address)]
        return self.save(customer)

    def session_for(self, browser: FlaskClient, user: User) -> None:
        """Sign the browser in as the user, by the same function as the sign-in page."""
        from app.services import accounts

        key = accounts.start_session(user, now=clock.now())
        db.session.commit()
        with browser.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = 4_000_000_000
            session["staff_session"] = key
        # The next write of the test begins anew: what is read now is old once the browser has written.
        db.session.rollback()
