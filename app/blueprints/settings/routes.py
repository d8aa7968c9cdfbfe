"""The blueprint; the routes are in the modules imported at the end."""

from flask import Blueprint

bp = Blueprint("settings", __name__, url_prefix="/settings")

from app.blueprints.settings import (  # noqa: E402
    assignment,
    categories,
    firm,
    messengers,
    public_forms,
    time_limits,
    units,
    users,
    working_time,
)

__all__ = [
    "assignment", "bp", "categories", "firm", "messengers", "public_forms", "time_limits", "units", "users", "working_time",
]  # fmt: skip
