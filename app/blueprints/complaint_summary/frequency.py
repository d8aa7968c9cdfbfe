"""How often what was told: the tables and trends that the page draws, each number with the address of its entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import format_date
from flask_babel import gettext as _

from app import clock
from app.blueprints.complaint_summary import choosing, words
from app.models import Unit
from app.queries import users
from app.queries.complaints import figures
from app.queries.complaints.summary import access, results
from app.queries.complaints.trees import Tree
from app.queries.users import LARGEST_ID
from app.rules.complaints import Channel, Kind
from app.rules.complaints.periods import Length, Period, months_later, starting
from app.web.i18n import firm_timezone, page_language

FIELDS = ("kind", "category", "channel", "unit")
STEPS = ("month", "week")
POINTS = 13
WEEK = timedelta(days=7)
NO_UNIT = "0"


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the period and unit of the summary, and what is put where."""

    choice: choosing.Choice
    kind: str
    channel: str
    category: int | None
    rows: str
    columns: str
    step: str

    def address(self, **more: Any) -> dict[str, Any]:
        """As parameters of an address; what is None is left out."""
        own: dict[str, Any] = {"period": self.choice.period.code, "what": self.kind, "channel": self.channel}
        own |= {"category": self.category, "unit": self.choice.unit}
        own |= {"rows": self.rows, "columns": self.columns, "step": self.step}
        return {name: value for name, value in (own | more).items() if value not in ("", None)}

    def wanted(self, period: Period) -> figures.Wanted:
        """What is counted in a period."""
        span = results.stretch(period, firm_timezone())
        unit = self.choice.unit
        return figures.Wanted(
            datetime.fromisoformat(span.begins),
            datetime.fromisoformat(span.ends),
            self.kind,
            self.channel,
            self.category,
            None if unit is None else access.units_below(unit),
            _exactly(),
        )


def read(reader: access.Reader, tree: Tree) -> Asked:
    """The choice of this request; anything odd is as if it were not there."""
    category = request.args.get("category", "")
    known = category.isascii() and category.isdigit() and int(category[:12]) in tree.by_id
    rows = _one_of("rows", FIELDS, "category")
    columns = _one_of("columns", FIELDS, "kind" if rows != "kind" else "channel")
    if columns == rows:
        columns = next(name for name in FIELDS if name != rows)
    return Asked(
        choosing.read_choice(reader),
        _one_of("what", [kind.value for kind in reader.kinds], ""),
        _one_of("channel", [channel.value for channel in Channel], ""),
        int(category[:12]) if known else None,
        rows,
        columns,
        _one_of("step", STEPS, STEPS[0]),
    )


def _one_of(name: str, known: Sequence[str], default: str) -> str:
    text = request.args.get(name, "")
    return text if text in known else default


def _exactly() -> int | None:
    text = request.args.get("exactly", "")
    number = int(text[:12]) if text.isascii() and text.isdigit() else LARGEST_ID + 1
    return number if number <= LARGEST_ID else None


@dataclass(frozen=True)
class Group:
    """One row or column: `members` are the values that count in it."""

    key: str
    label: str
    depth: int
    members: frozenset[Any]


@dataclass(frozen=True)
class Cell:
    """A number; `share` is percent of all, `url` the list of its entries."""

    number: int
    share: float
    url: str


@dataclass(frozen=True)
class Table:
    """Rows by columns with sums. `total` counts everything once, though branches stand below their tops."""

    rows: list[tuple[Group, list[Cell], Cell]]
    columns: list[Group]
    sums: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Line:
    """The course of one group: `points` as `ui.trend` takes them, `cells` for the table, the earliest first."""

    label: str
    points: list[dict[str, Any]]
    cells: list[Cell]
    total: int


@dataclass
class Frequency:
    """The figures of one address."""

    reader: access.Reader
    asked: Asked
    tree: Tree
    units: Mapping[int, Unit]
    found: list[figures.Count] = field(default_factory=list)

    @classmethod
    def of(cls, reader: access.Reader, asked: Asked, tree: Tree) -> "Frequency":
        """Count."""
        units = {line.unit.id: line.unit for line in users.unit_lines()}
        found = figures.counts(reader, asked.wanted(asked.choice.period), tree)
        return cls(reader, asked, tree, units, found)

    @property
    def total(self) -> int:
        """How many entries there are."""
        return sum(one.number for one in self.found)

    def url(self, **narrower: Any) -> str:
        """The entries of a number."""
        return url_for("complaint_summary.feedback_entries", **self.asked.address(**narrower))

    def table(self) -> Table:
        """The two chosen fields against each other."""
        rows, columns = self._groups(self.asked.rows), self._groups(self.asked.columns)
        columns = [one for one in columns if not one.depth]
        return Table(
            [(row, [self._cell(row, column) for column in columns], self._cell(row, None)) for row in rows],
            columns,
            [self._cell(None, column) for column in columns],
            self._cell(None, None),
        )

    def _cell(self, row: Group | None, column: Group | None) -> Cell:
        rows, columns = self.asked.rows, self.asked.columns
        number = sum(
            one.number
            for one in self.found
            if (row is None or getattr(one, rows) in row.members)
            and (column is None or getattr(one, columns) in column.members)
        )
        narrower = (_narrower(rows, row) if row else {}) | (_narrower(columns, column) if column else {})
        return Cell(number, 100 * number / (self.total or 1), self.url(**narrower))

    def _groups(self, name: str) -> list[Group]:
        """Everything of a field that occurs, in its own order."""
        present = {getattr(one, name) for one in self.found}
        return [one for one in self._all_groups(name) if one.members & present]

    def _all_groups(self, name: str) -> list[Group]:
        if name == "kind":
            return [Group(one, str(words.KINDS[one]), 0, frozenset({one.value})) for one in Kind]
        if name == "channel":
            return [Group(one, str(words.CHANNELS[one]), 0, frozenset({one.value})) for one in Channel]
        lang = page_language()
        if name == "unit":
            named = [
                Group(str(key), unit.name_in(lang), 0, frozenset({key})) for key, unit in self.units.items()
            ]
            return [*named, Group(NO_UNIT, str(words.MISSING["unit"]), 0, frozenset({None}))]
        top, inside = self.asked.category, set(self.tree.by_id)
        if top is not None:
            inside = set(self.tree.below(top))
        above = len(self.tree.chain(top)) - 1 if top is not None else 0
        return [
            Group(str(row.id), row.name_in(lang), depth - above, frozenset(self.tree.below(row.id)))
            for row, depth in self.tree.whole("category")
            if row.id in inside
        ]

    def trends(self) -> list[tuple[str, list[Line]]]:
        """By category and by channel: how the numbers went up to the end of the period."""
        periods = stretches(self.asked.choice.period, self.asked.step)
        span = Period(Length.DAYS, periods[0].first, periods[-1].end)
        bounds = [_midnight(period.end) for period in periods[:-1]]
        found = figures.counts(self.reader, self.asked.wanted(span), self.tree, bounds)
        return [
            (name, [self._line(name, group, found, periods) for group in self._courses(name, found)])
            for name in ("category", "channel")
        ]

    def _courses(self, name: str, found: Sequence[figures.Count]) -> list[Group]:
        present = {getattr(one, name) for one in found}
        return [one for one in self._all_groups(name) if not one.depth and one.members & present]

    def _line(
        self, name: str, group: Group, found: Sequence[figures.Count], periods: Sequence[Period]
    ) -> Line:
        numbers = [0] * len(periods)
        for one in found:
            if getattr(one, name) in group.members:
                numbers[one.stretch] += one.number
        cells = [
            Cell(number, 0.0, self.url(**_narrower(name, group), period=period.code))
            for number, period in zip(numbers, periods, strict=True)
        ]
        points = [
            {"label": short(period), "value": number, "text": str(number)}
            for number, period in zip(numbers, periods, strict=True)
        ]
        return Line(group.label, points, cells, sum(numbers))

    def stretches(self) -> list[Period]:
        """The months or weeks of the trend."""
        return stretches(self.asked.choice.period, self.asked.step)


def _narrower(name: str, group: Group) -> dict[str, Any]:
    return {{"kind": "what", "unit": "exactly"}.get(name, name): group.key}


def stretches(period: Period, step: str) -> list[Period]:
    """Whole months or weeks up to the end of the period; one that is not over would look like a fall."""
    today = clock.now().astimezone(firm_timezone()).date()
    last = min(period.last, today)
    if step == "week":
        monday = last - timedelta(days=last.weekday())
        if monday + WEEK > min(today, period.end):
            monday -= WEEK
        starts = [monday - WEEK * back for back in reversed(range(POINTS))]
        return [Period(Length.DAYS, first, first + WEEK) for first in starts]
    latest = starting(Length.MONTH, last.replace(day=1))
    if latest.end > today:
        latest = starting(Length.MONTH, months_later(latest.first, -1))
    return [starting(Length.MONTH, months_later(latest.first, -back)) for back in reversed(range(POINTS))]


def short(period: Period) -> str:
    """A month or the first day of a week, for an axis."""
    return str(format_date(period.first, _("MMM y") if period.length is Length.MONTH else _("MMM d")))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=firm_timezone()).astimezone(UTC)
