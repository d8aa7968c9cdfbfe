"""The side bar: what the present user may open."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from app.rules.permissions import Permission, allows


@dataclass(frozen=True)
class Item:
    """One entry. `section` is the blueprint whose pages it stands for."""

    label: Any
    icon: str
    endpoint: str
    permission: Permission
    section: str


HOME = Item(_l("Home"), "home", "home.index", Permission.HOME, "home")
GROUPS: list[tuple[Any, list[Item]]] = [
    (
        _l("Surveys"),
        [
            Item(
                _l("Questionnaires"),
                "list-check",
                "questionnaires.index",
                Permission.QUESTIONNAIRES_READ,
                "questionnaires",
            ),
            Item(_l("Field work"), "send", "surveys.index", Permission.SURVEYS_READ, "surveys"),
            Item(_l("Analysis"), "chart-dots", "analysis.index", Permission.ANALYSIS_READ, "analysis"),
        ],
    ),
    (
        _l("Voice of the customer"),
        [
            Item(
                _l("Feedback"), "message", "complaints.feedback_index", Permission.FEEDBACK_READ, "feedback"
            ),
            Item(
                _l("Complaints"),
                "message-report",
                "complaints.index",
                Permission.COMPLAINTS_READ,
                "complaints",
            ),
            Item(
                _l("Complaint summary"),
                "chart-bar",
                "complaint_summary.index",
                Permission.COMPLAINTS_SUMMARY,
                "complaint_summary",
            ),
            Item(_l("Customers"), "address-book", "customers.index", Permission.CUSTOMERS_READ, "customers"),
        ],
    ),
    (
        _l("Administration"),
        [
            Item(_l("Mail"), "mail", "mail.index", Permission.DELIVERIES_READ, "mail"),
            Item(_l("Users and units"), "users", "settings.users", Permission.USERS_READ, "users"),
            Item(_l("Settings"), "settings", "settings.index", Permission.SETTINGS_READ, "settings"),
            Item(_l("Audit log"), "shield-check", "audit.index", Permission.AUDIT_READ, "audit"),
        ],
    ),
]

# Pages that stand for an entry of their own within a blueprint.
PARTS = {"settings.user": "users", "settings.unit": "users", "complaints.feedback": "feedback"}


def _entry(item: Item) -> dict[str, Any]:
    endpoint = request.endpoint or ""
    section = next(
        (part for prefix, part in PARTS.items() if endpoint.startswith(prefix)), endpoint.partition(".")[0]
    )
    return {
        "label": str(item.label),
        "icon": item.icon,
        "url": url_for(item.endpoint),
        "current": section == item.section,
        "count": None,
    }


def build() -> list[dict[str, Any]]:
    """Sections of the side bar for the present user; empty sections are left out."""
    roles = current_user.role_names
    sections: list[dict[str, Any]] = [{"label": None, "items": [_entry(HOME)]}]
    for label, items in GROUPS:
        open_items = [_entry(item) for item in items if allows(roles, item.permission)]
        if open_items:
            sections.append({"label": str(label), "items": open_items})
    return sections


def init_app(app: Flask) -> None:
    """Give `nav` to every staff template."""

    @app.context_processor
    def _nav() -> dict[str, Any]:
        return {"nav": build() if current_user.is_authenticated and current_user.roles else []}
