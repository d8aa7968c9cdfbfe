"""Routes of the audit log. Nothing here changes anything but the record that it was exported."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.audit.words import (
    action_text,
    detail_name,
    kind_text,
    reason_text,
    state_text,
    template_text,
    value_text,
)
from app.models import AuditEntry
from app.queries import audit as queries
from app.rules.permissions import Permission, Role
from app.services import audit
from app.web.access import requires
from app.web.addresses import page_number
from app.web.downloads import csv_download
from app.web.forms import cleaned
from app.web.fragments import render
from app.web.i18n import firm_timezone, in_language, page_language
from app.web.role_words import ROLE_NAMES
from app.web.security import acting_user

bp = Blueprint("audit", __name__, url_prefix="/audit")

COLUMNS = ("id", "time_utc", "who", "action", "object", "object_id", "detail", "hash")
FILTERS = ("actor", "action", "kind", "since", "until")
LONGEST_FILTER = 120
# Where what an entry is about can be opened.
PAGES = {
    "user": ("settings.user", "user_id"),
    "unit": ("settings.unit", "unit_id"),
    "survey": ("surveys.show", "survey_id"),
    "questionnaire": ("questionnaires.show", "questionnaire_id"),
    "customer": ("customers.show", "customer_id"),
    "complaint": ("complaints.show", "complaint_id"),
}


@bp.get("/")
@requires(Permission.AUDIT_READ)
def index() -> Any:
    """The entries, newest first, with filters in the address."""
    return _page(report=None)


@bp.get("/verify")
@requires(Permission.AUDIT_READ)
def verify() -> Any:
    """Walk the chain and say whether it is whole."""
    return _page(report=audit.verify())


def _page(report: audit.ChainReport | None) -> Any:
    given = _given(request.args)
    actors, actions, kinds = queries.choices()
    found = queries.search(_filters(given), page_number())
    return render(
        "audit/index.html",
        found=found,
        objects=_objects(found.rows),
        given=given,
        report=report,
        actors=[(name, name) for name in actors],
        actions=[(code, action_text(code)) for code in actions],
        kinds=[(code, kind_text(code)) for code in kinds],
        action_text=action_text,
        kind_text=kind_text,
        detail_text=detail_text,
        url_of=lambda number: _address(number, given),
        export_fields=_chosen(given),
    )


def _objects(entries: Sequence[AuditEntry]) -> dict[tuple[str, int], tuple[str, str]]:
    """How what the entries are about is called, and where it can be opened ("": not by this user)."""
    found = {}
    for (kind, ident), (name, may_open) in queries.names(current_user, entries).items():
        endpoint, parameter = PAGES[kind]
        values: dict[str, Any] = {parameter: ident}
        address = url_for(endpoint, **values) if may_open else ""
        found[kind, ident] = (in_language(name) if isinstance(name, dict) else name, address)
    return found


@bp.post("/export")
@requires(Permission.AUDIT_READ)
def export() -> Response:
    """The filtered entries as CSV; that somebody took them away is an entry itself."""
    given = _given(request.form)
    audit.record(
        "audit.exported",
        kind="audit",
        object_id=None,
        by=acting_user(),
        now=clock.now(),
        filters=_chosen(given),
    )
    return csv_download(_rows(_filters(given)), filename="heed-audit.csv")


def _address(number: int, given: dict[str, str]) -> str:
    chosen: dict[str, Any] = _chosen(given)
    return url_for("audit.index", page=number, **chosen)


def _given(source: Mapping[str, str]) -> dict[str, str]:
    return {name: cleaned(source.get(name, "")[:LONGEST_FILTER]) or "" for name in FILTERS}


def _chosen(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


def _filters(given: dict[str, str]) -> queries.Filters:
    until = _midnight(given["until"])
    return queries.Filters(
        actor=given["actor"],
        action=given["action"],
        kind=given["kind"],
        since=_midnight(given["since"]),
        until=until + timedelta(days=1) if until else None,
    )


def _midnight(text: str) -> datetime | None:
    """The beginning of a day in the firm's zone; None for what is no date."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # The first and last years can't be moved to another zone.
    return datetime.combine(day, time(), firm_timezone()) if 1970 <= day.year <= 9000 else None


def detail_text(entry: AuditEntry) -> str:
    """The detail as one line for a person: `name: old → new`. What is empty is left out."""
    parts = []
    for key, value in entry.detail.items():
        if key == "changed" and isinstance(value, dict):
            parts += [_pair(name, f"{_plain(old)} → {_plain(new)}") for name, (old, new) in value.items()]
        elif key in ("state_before", "state_after"):
            parts.append(_pair(key, state_text(str(value), entry.object_kind)))
        elif key == "template" and value:
            parts.append(_pair(key, template_text(str(value))))
        elif key == "reason" and value:
            parts.append(_pair(key, reason_text(str(value))))
        elif key == "fields" and isinstance(value, list):
            parts.append(_pair(key, _separator().join(detail_name(str(name)) for name in value)))
        elif key == "filters" and isinstance(value, dict):
            parts += [_pair(name, _plain(value_text(name, str(one)))) for name, one in value.items()]
        elif value not in (None, "", []):
            parts.append(_pair(key, _plain(value_text(key, value) if isinstance(value, str) else value)))
    return ("；" if page_language() == "zh" else "; ").join(parts)


def _separator() -> str:
    return "、" if page_language() == "zh" else ", "


def _pair(key: str, value: str) -> str:
    return str(_("%(name)s: %(value)s", name=detail_name(key), value=value))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return _separator().join(_plain(item) for item in value) or "–"
    if isinstance(value, str):
        return str(ROLE_NAMES[Role(value)]) if value in set(Role) else value or "–"
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return json.dumps(value, ensure_ascii=False)


def _rows(filters: queries.Filters) -> Iterator[Sequence[str | int]]:
    yield COLUMNS
    for entry in queries.every_entry(filters):
        detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
        number = entry.object_id if entry.object_id is not None else ""
        texts = (entry.actor_name, entry.action, entry.object_kind)
        yield (entry.id, entry.at.isoformat(), *texts, number, detail, entry.hash)
