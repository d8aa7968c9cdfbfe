"""Mails to staff about cases: number, category, severity, deadline, link. Never a word of the customer, nor his name.

Made when the mail leaves: what was read meanwhile, or may not be seen any more, is not in it.
"""

from typing import Any

from flask import current_app

from app.errors import Missing
from app.extensions import db
from app.models import Complaint, Delivery, Notice, User
from app.queries import notices as queries
from app.queries.complaints.trees import Tree, tree
from app.services.mail_contents import register

CLOSED = "closed"


@register("notice")
def notice(delivery: Delivery) -> dict[str, Any]:
    """`name`, `rows`, `single` (all about one case), `link`, `choices`. Raises `Missing` when nothing is left to tell."""
    user = _user_of(delivery)
    found = queries.of_mail(user, delivery.params["notices"])
    if not found:
        raise Missing("notices")
    single = len({one.complaint_id for one in found}) == 1
    link = _link(f"/complaints/{found[0].complaint_id}") if single else _link("/notices/")
    return _common(user) | {"rows": _rows_of(found, delivery.language), "single": single, "link": link}


@register("notice_digest")
def notice_digest(delivery: Delivery) -> dict[str, Any]:
    """`name`, `counts` (queue → cases), `rows` (cases), `news` (notices), `link`, `choices`. Raises `Missing` as above."""
    user = _user_of(delivery)
    morning = queries.morning_of(user, now=delivery.created_at)
    news = queries.of_mail(user, delivery.params["notices"])
    if not any(morning.counts.values()) and not news:
        raise Missing("notices")
    categories = tree()
    rows = [_case(one, categories, delivery.language) for one in morning.cases]
    own = {"counts": morning.counts, "rows": rows, "news": _rows_of(news, delivery.language)}
    return _common(user) | own | {"link": _link("/complaints/")}


def _user_of(delivery: Delivery) -> User:
    user = db.session.get(User, delivery.params["user_id"])
    # An address that was changed meanwhile must not get what its former owner may read.
    if user is None or not user.active or user.email != delivery.to_address:
        raise Missing("user")
    return user


def _common(user: User) -> dict[str, Any]:
    return {"name": user.name, "choices": _link("/account/notices")}


def _rows_of(notices: list[Notice], language: str) -> list[dict[str, Any]]:
    categories = tree()
    return [
        _case(one.complaint, categories, language)
        | {
            "kind": one.kind,
            "clock": one.event.data.get("clock", ""),
            "percent": one.event.data.get("percent", 0),
        }
        for one in notices
    ]


def _case(complaint: Complaint, categories: Tree, language: str) -> dict[str, Any]:
    return {
        "kind": "",
        "number": complaint.number,
        "category": categories.label(complaint.category_id, language),
        "severity": complaint.severity,
        "due_at": complaint.due_at if complaint.state != CLOSED else None,
        "due_clock": complaint.due_clock,
        "link": _link(f"/complaints/{complaint.id}"),
    }


def _link(path: str) -> str:
    return f"{current_app.config['HEED'].base_url}{path}"
