"""The blueprint and its context; the routes are in the modules imported at the end."""

from typing import Any

from flask import Blueprint, url_for

bp = Blueprint("accounts", __name__)


@bp.app_context_processor
def _addresses() -> dict[str, Any]:
    """The address that the menu of every staff page shows."""
    return {"account_url": url_for("accounts.account")}


from app.blueprints.accounts import account, password, second_factor, sign_in  # noqa: E402

__all__ = ["account", "bp", "password", "second_factor", "sign_in"]
