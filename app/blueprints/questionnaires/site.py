"""The blueprint, and what its route modules share."""

import unicodedata
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from app import clock
from app.errors import Missing
from app.models import Questionnaire, QuestionnaireVersion
from app.queries import questionnaires as queries
from app.web.security import acting_user

bp = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")
LANGUAGES = ("zh", "en")


def draft(questionnaire_id: int) -> tuple[Questionnaire, QuestionnaireVersion]:
    """The questionnaire and its draft; 404 without the one, 409 without the other."""
    questionnaire = queries.get(questionnaire_id)
    return questionnaire, queries.open_draft(questionnaire)


def actor() -> dict[str, Any]:
    """Who does it and when, for a service."""
    return {"by": acting_user(), "now": clock.now()}


def plain(words: str | None) -> str:
    """What a person typed, without characters that no text may hold, ends trimmed."""
    return storable(words or "").strip()


def storable(words: str) -> str:
    """Without characters that neither a page nor a database may hold."""
    lines = words.replace("\r\n", "\n")
    return "".join(char for char in lines if char in "\n\t" or not _is_unfit(char))


def _is_unfit(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in "\ufffe\uffff"


def whole_number(words: str | None, *, low: int = 0, high: int = 1_000_000) -> int | None:
    """The number a person typed, or None when it is none or out of bounds."""
    text = unicodedata.normalize("NFKC", words or "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return int(text) if low <= int(text) <= high else None


def go(endpoint: str, **values: Any) -> Response:
    """To another page of this feature, as a GET."""
    return redirect(url_for(f"questionnaires.{endpoint}", **values), code=303)  # type: ignore[return-value]


def posted_version() -> int | None:
    """The row version that the form was made from."""
    return whole_number(request.form.get("version"))


def chosen_system() -> Any:
    """The indicator system chosen on a form; None means a new one. Raises `Missing`."""
    raw = request.form.get("system", "")
    if not raw:
        return None
    number = whole_number(raw)
    system = None if number is None else queries.get_system(number)
    if system is None:
        raise Missing("indicator_system")
    return system
