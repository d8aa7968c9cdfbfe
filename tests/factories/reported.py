"""Reports on complaints as rows, with figures that were really counted."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.extensions import db
from app.models import ComplaintReport, Unit, User
from app.queries.complaints.summary import access
from app.services import complaint_reports as service
from tests.factories.counted import Counted, Told

TEXTS = {"situation": "九月投诉不多。", "causes": ""}
Report = Callable[..., ComplaintReport]


class Reported:
    """Makes reports about September 2026, of eleven complaints."""

    def __init__(self, counted: Counted, frames: Path) -> None:
        self.counted, self.frames, self.make = counted, frames, counted.make
        begin = self.make.now - timedelta(days=25)
        counted.add(Told(begin - timedelta(hours=5 * place)) for place in range(11))

    def report(
        self, by: User, *, unit: Unit | None = None, until: str = "draft", **fields: Any
    ) -> ComplaintReport:
        """A report of this author, brought to a state; committed."""
        units = access.units_below(unit.id) if unit else None
        figures = self.counted.asked(by, "2026-09", units=units, frames=self.frames)
        common = {"by": by, "now": self.make.now, "key": ""}
        report = service.start(
            period="2026-09",
            unit=unit,
            figures=figures,
            texts=TEXTS,
            **{"language": "zh", **fields},
            **common,
        )
        if until != "draft":
            service.submit(report, seen=report.version, **common)
        if until in ("reviewed", "returned"):
            decider = self.make.user(roles=("management",))
            common["by"] = decider
            if until == "reviewed":
                service.review(report, seen=report.version, **common)
            else:
                service.give_back(report, reason="请补充原因。", seen=report.version, **common)
        db.session.commit()
        return report
