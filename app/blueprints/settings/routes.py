"""The blueprint; the routes are in the modules imported at the end."""

from flask import Blueprint

bp = Blueprint("settings", __name__, url_prefix="/settings")

from app.blueprints.settings import firm, public_forms, units, users, working_time  # noqa: E402

__all__ = ["bp", "firm", "public_forms", "units", "users", "working_time"]
