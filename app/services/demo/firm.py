"""Firm, units and users of the demonstration."""

import secrets
from datetime import datetime

from flask_security import hash_password
from sqlalchemy import select

from app.extensions import db
from app.models import Firm, Role, Unit, User, UserUnit
from app.rules.permissions import Role as RoleName
from app.rules.public_forms import proposal
from app.services import public_forms

BRANCHES = (
    ("CX", "城西店", "Chengxi branch"),
    ("CD", "城东店", "Chengdong branch"),
    ("BJ", "滨江店", "Binjiang branch"),
    ("XS", "萧山店", "Xiaoshan branch"),
)
DEPARTMENTS = (
    ("HQ", "集团总部", "Head office", None),
    ("MK", "市场部", "Marketing", "HQ"),
    ("CS", "客户服务部", "Customer service", "HQ"),
    ("OP", "运营部", "Operations", "HQ"),
)
# local part of the address: name, role, code of the unit
USERS = {
    "admin": ("周启明", RoleName.ADMINISTRATOR, "HQ"),
    "manager": ("沈国栋", RoleName.MANAGEMENT, "HQ"),
    "marketing": ("何佳", RoleName.MARKETING, "MK"),
    "service": ("林晓雯", RoleName.CUSTOMER_SERVICE, "CS"),
    "handler": ("沈一凡", RoleName.DEPARTMENT, "CX"),
    "interviewer": ("吴敏", RoleName.INTERVIEWER, "CS"),
    "viewer": ("陈立", RoleName.VIEWER, "OP"),
    # Colleagues, so that a case can change hands.
    "service2": ("许佳", RoleName.CUSTOMER_SERVICE, "CS"),
    "handler2": ("顾明", RoleName.DEPARTMENT, "CX"),
    "chengdong": ("何一诺", RoleName.DEPARTMENT, "CD"),
    "binjiang": ("陆海洋", RoleName.DEPARTMENT, "BJ"),
    "xiaoshan": ("方静", RoleName.DEPARTMENT, "XS"),
}


def ensure_firm(*, now: datetime) -> Firm:
    """The firm; an existing one keeps its name and settings."""
    present: Firm | None = db.session.scalar(select(Firm))
    if present is not None:
        return present
    firm = Firm(
        name="恒信服务集团",
        name_en="Hengxin Service Group",
        language="zh",
        timezone="Asia/Shanghai",
        sender_address="survey@demo.example",
        reply_address="service@demo.example",
        contact_name="林晓雯",
        contact_phone="0571-5550 0136",
        contact_email="service@demo.example",
        created_at=now,
    )
    db.session.add(firm)
    db.session.flush()
    return firm


def open_forms(units: dict[str, Unit], *, by: User, now: datetime) -> None:
    """The public form of the firm, and of one branch."""
    for unit in (None, units["BJ"]):
        public_forms.set_up(unit, address=proposal(unit.code) if unit else "", active=True, by=by, now=now)


def add_units() -> dict[str, Unit]:
    """Head office with its departments, and four branches below it. Keyed by code."""
    units: dict[str, Unit] = {}
    for position, (code, name, english, parent) in enumerate(DEPARTMENTS):
        units[code] = Unit(
            kind="department",
            code=code,
            name=name,
            name_en=english,
            position=position,
            parent=units[parent] if parent else None,
        )
    for position, (code, name, english) in enumerate(BRANCHES):
        units[code] = Unit(
            kind="branch",
            code=code,
            name=name,
            name_en=english,
            position=10 + position,
            parent=units["HQ"],
        )
    db.session.add_all(units.values())
    db.session.flush()
    return units


def add_users(units: dict[str, Unit], *, password: str | None, now: datetime) -> dict[str, User]:
    """One user for each role, and some colleagues. Keyed by the local part of the address."""
    hashed = hash_password(password) if password else None
    roles = {role.name: role for role in db.session.scalars(select(Role))}
    users = {}
    for local, (name, role, unit) in USERS.items():
        user = User(
            email=f"{local}@demo.example",
            name=name,
            password=hashed,
            fs_uniquifier=secrets.token_hex(32),
            language="zh",
            created_at=now,
            roles=[roles[role]],
            unit_links=[UserUnit(unit_id=units[unit].id, is_head=local == "handler")],
        )
        users[local] = user
    db.session.add_all(users.values())
    db.session.flush()
    return users
