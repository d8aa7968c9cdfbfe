"""The frozen summary of a period. Page and spreadsheet read this one object; figures are unrounded.

A change is new − old: of shares in percentage points, of rates in percent of the earlier rate.
"""

from dataclasses import dataclass

from app.queries.figures.model import Difference, Figure


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure beside the period before and the same period a year before; None where these have nothing to show."""

    now: Figure
    before: Difference | None = None
    year_before: Difference | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, among how many customers, and per 1,000 of them."""

    count: int
    count_before: int | None
    count_year_before: int | None
    customers: int
    rate: Beside


@dataclass(frozen=True, slots=True)
class Group:
    """One category, unit, cause or channel: a bar of the Pareto chart. `share` is percent of all that have one;
    `vital` belongs to the vital few. `hidden`: too few to be shown to this reader."""

    key: str
    count: int
    count_before: int | None
    count_year_before: int | None
    share: Figure
    cumulated: float | None
    vital: bool
    rate: Figure
    change: Difference | None
    hidden: bool = False
    below: tuple["Group", ...] = ()


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The groups in the order of the Pareto chart. `missing` cases have none; `n` have one."""

    name: str
    n: int
    missing: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """One point of the control chart, per 1,000 customers."""

    code: str
    count: int
    customers: int
    rate: float | None
    low: float | None
    high: float | None
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Control chart by month. `hidden`: it holds months that this reader may not see."""

    months: tuple[Month, ...]
    center: float | None
    provisional: bool
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """The runs of one clock whose deadline lies in the period. None: too few to be shown to this reader."""

    clock: str
    rate: Beside
    due: int
    within: int
    late: int | None
    overdue: int | None
    not_yet: int | None


@dataclass(frozen=True, slots=True)
class Duration:
    """Hours from receipt, for the cases received in the period; what is open counts for as long as it has lasted.

    `done` and `open` are None where one of them is too small to be shown to this reader.
    """

    name: str
    n: int
    done: int | None
    open: int | None
    negative: int
    median: Figure
    ninety: Figure
    median_before: Figure | None
    median_year_before: Figure | None


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Answers of customers who were called back in the period; scores from 1 to 5.

    `counts` lacks answers of which one is too rare to be shown to this reader.
    """

    asked: int
    counts: dict[str, int]
    satisfied: Beside
    solution: Figure
    handling: Figure


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the cases received in the period, percent."""

    count: int
    n: int
    share: Beside


@dataclass(frozen=True, slots=True)
class ComplaintSummary:
    """All figures of one period.

    `state`: shown | empty | too_few (fewer than `least`, for readers who see groups only). `at` is when it was judged.
    `compared`: feedback was recorded throughout both earlier periods; what was not is not compared.
    `left_out` were received in the period but count nowhere: not accepted as a complaint, or merged.
    """

    state: str
    kind: str
    at: str
    least: int
    compared: bool
    counted: Counted | None = None
    left_out: int = 0
    breakdowns: tuple[Breakdown, ...] = ()
    chart: Chart | None = None
    deadlines: tuple[Deadline, ...] = ()
    durations: tuple[Duration, ...] = ()
    callbacks: Callbacks | None = None
    reopened: Part | None = None
    repeats: Part | None = None

    def breakdown(self, name: str) -> Breakdown | None:
        """The breakdown by this field."""
        return next((one for one in self.breakdowns if one.name == name), None)
