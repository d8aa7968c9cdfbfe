"""Whether somebody may have a document: asked when it is ordered, when it is written, and when it is fetched."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from app.errors import Missing
from app.models import ComplaintReport, User
from app.queries import complaint_reports
from app.queries.complaints.summary import access
from app.queries.complaints.summary.asking import Scope
from app.rules.complaints import Kind

Right = dict[str, Any]


def of_figures(kind: Kind, units: Iterable[int] | None, *, scope: Scope, cautious: bool) -> Right:
    """The right to figures taken for one reader: it lasts as long as he would be given the same."""
    return {
        "kind": kind.value,
        "units": None if units is None else sorted(units),
        "cautious": cautious,
        "scope": json.loads(json.dumps(asdict(scope))),
    }


def of_report(report: ComplaintReport) -> Right:
    """The right to a report: it lasts as long as he sees the report."""
    return {"report": report.id}


def may_have(user: User, right: Mapping[str, Any]) -> bool:
    """Whether the right still holds."""
    if not user.active:
        return False
    if "report" in right:
        try:
            complaint_reports.get_visible(user, right["report"])
        except Missing:
            return False
        return True
    return access.still_sees(
        user, Kind(right["kind"]), right["units"], cautious=right["cautious"], scope=right["scope"]
    )
