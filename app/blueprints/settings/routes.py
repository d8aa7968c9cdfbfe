"""The blueprint; the routes are in the modules imported at the end."""

from flask import Blueprint

bp = Blueprint("settings", __name__, url_prefix="/settings")

from app.blueprints.settings import firm, messengers, public_forms, units, users  # noqa: E402

__all__ = ["bp", "firm", "messengers", "public_forms", "units", "users"]
