"""From the address to a period and a scope, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _

from app import clock
from app.blueprints.complaint_summary import words
from app.errors import Refused
from app.models import ComplaintReport
from app.queries import users
from app.queries.complaints.summary import access, results
from app.queries.complaints.summary.access import Reader
from app.queries.complaints.summary.asking import Asking, Scope
from app.rules.complaints import Kind
from app.rules.complaints.periods import Length, Period, last_month, of_days, parse, recent
from app.web.i18n import firm_timezone, page_language

DAYS = "days"
DAY = timedelta(days=1)
_LONGEST = 40
_MONTHS, _QUARTERS, _YEARS = 13, 5, 4


@dataclass(frozen=True)
class Choice:
    """What the address asks for; where it cannot be had, `refused` says why and the rest stays as it was typed."""

    reader: Reader
    period: Period
    kind: Kind
    unit: int | None
    typed: dict[str, Any]
    refused: str = ""
    today: date | None = None  # when the figures were taken, if that was on another day

    def address(self, **more: Any) -> dict[str, Any]:
        """The same choice as parameters of an address."""
        own = {"period": self.period.code}
        if _kind_value(self.kind):
            own["kind"] = self.kind.value
        if self.unit is not None:
            own["unit"] = str(self.unit)
        return own | more

    @property
    def is_default(self) -> bool:
        """Whether nothing was chosen."""
        return not any(self.typed.values())

    def earlier(self) -> tuple[Period, Period]:
        """The period before and the one a year before; as many days of them as have begun of a present one."""
        begun = self.period.begun(self.today or _today())
        found = []
        for one in (self.period.before(), self.period.year_before()):
            cut = one.cut(begun)
            found.append(one if cut == one else Period(Length.DAYS, cut.first, max(cut.end, cut.first + DAY)))
        return found[0], found[1]

    def scope(self) -> Scope:
        """Whose cases count."""
        units = None if self.unit is None else access.units_below(self.unit)
        return access.scope_of(self.reader, self.kind, units)

    def asking(self, now: datetime) -> Asking:
        """The question to the analyst."""
        return results.asking(self.reader, self.period, self.scope(), zone=firm_timezone(), now=now)


def read_choice(reader: Reader, given: Mapping[str, str] | None = None) -> Choice:
    """The choice of this address (or form): the last full month of all complaints when it says nothing."""
    today = _today()
    names = ("period", "since", "until", "kind", "unit")
    given = request.args if given is None else given
    typed = {name: given.get(name, "").strip()[:_LONGEST] for name in names}
    kind, unit, refused = Kind.COMPLAINT, None, ""
    period = last_month(today)
    try:
        period = _period(typed, period)
        kind = Kind(typed["kind"]) if typed["kind"] in reader.kinds else kind
        unit = _unit(typed["unit"])
    except Refused as problem:
        refused = problem.code
    if reader.cautious and not refused:
        kind, unit = Kind.COMPLAINT, None
        period = period if period in _months(today) else last_month(today)
    return Choice(reader, period, kind, unit, typed, refused)


def of_report(report: ComplaintReport, reader: Reader, *, frozen: bool = True) -> Choice:
    """The choice a report was made with: as of the day of its figures, or to take them anew."""
    day = report.figures_at.astimezone(firm_timezone()).date() if frozen else None
    return Choice(reader, parse(report.period), Kind(report.kind), report.unit_id, {}, today=day)


def _period(typed: dict[str, Any], default: Period) -> Period:
    if typed["period"] == DAYS and (typed["since"] or typed["until"]):
        return of_days(typed["since"], typed["until"])
    if typed["period"] == DAYS:
        return of_days(default.first.isoformat(), default.last.isoformat())
    return parse(typed["period"]) if typed["period"] else default


def _unit(text: str) -> int | None:
    if not text:
        return None
    known = {str(line.unit.id) for line in users.unit_lines()}
    if text not in known:
        raise Refused("no_unit")
    return int(text)


def _today() -> date:
    return clock.now().astimezone(firm_timezone()).date()


def _months(today: date) -> list[Period]:
    return [month for month in recent(Length.MONTH, today, _MONTHS) if month.end <= today]


@dataclass(frozen=True)
class Chip:
    """One field of the filter bar; without options it is a date."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]] | None = None


def chips(choice: Choice) -> list[Chip]:
    """Period, its two days where they are chosen freely, unit, kind: what this reader may choose."""
    if choice.reader.cautious:
        named = [(month.code, words.period_name(month)) for month in _months(_today())]
        return [Chip("period", _("Period"), choice.period.code, named)]
    free = choice.period.length is Length.DAYS or (bool(choice.refused) and choice.typed["period"] == DAYS)
    bar = [Chip("period", _("Period"), DAYS if free else choice.period.code, _periods(choice.period))]
    if free:
        typed = choice.typed if choice.refused else {}
        bar += [
            Chip("since", _("From"), typed.get("since") or choice.period.first.isoformat()),
            Chip("until", _("To"), typed.get("until") or choice.period.last.isoformat()),
        ]
    lines = users.unit_lines()
    if len(lines) > 1:
        lang = page_language()
        units = [
            (str(line.unit.id), "\u2003" * line.depth + line.unit.name_in(lang))
            for line in lines
            if line.unit.active or line.unit.id == choice.unit
        ]
        bar.append(Chip("unit", _("Unit"), str(choice.unit or ""), [("", _("All")), *units]))
    if len(choice.reader.kinds) > 1:
        named = [(_kind_value(kind), str(words.KINDS[kind.value])) for kind in choice.reader.kinds]
        bar.append(Chip("kind", _("Kind of feedback"), _kind_value(choice.kind), named))
    return bar


def _kind_value(kind: Kind) -> str:
    """Complaints are what the page is about: they need no word in the address."""
    return "" if kind is Kind.COMPLAINT else kind.value


def _periods(chosen: Period) -> list[tuple[str, str]]:
    today = _today()
    offered = [
        *recent(Length.MONTH, today, _MONTHS),
        *recent(Length.QUARTER, today, _QUARTERS),
        *recent(Length.YEAR, today, _YEARS),
    ]
    if chosen not in offered and chosen.length is not Length.DAYS:
        offered.append(chosen)
    return [
        *((one.code, words.period_name(one)) for one in offered),
        (DAYS, _("From one day to another")),
    ]
