"""The cases behind a figure, exactly as many as it counts.

A figure of deadlines counts runs of a clock, and one of callbacks counts rounds: a case that has several stands in the
list as often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from app.errors import Missing
from app.extensions import db
from app.models import Complaint, ComplaintRound, ComplaintRun, Feedback
from app.queries.complaints import feedback
from app.queries.complaints.cases import visible_to
from app.queries.complaints.summary.access import Reader
from app.queries.complaints.summary.asking import Scope
from app.queries.complaints.trees import Tree
from app.queries.paging import Page, page_of
from app.rules.clocks import Clock
from app.rules.complaints import LEFT_OUT, REPEAT_DAYS, Channel, Kind, Satisfaction

JUDGED = ("due", "within", "late", "overdue", "not_yet")
ENDED = ("all", "done", "open")
ASKED = ("all", *(one.value for one in Satisfaction))
GROUPS = ("category", "category_only", "cause", "cause_only", "unit", "channel")
# Every figure that opens a list, with what its `value` may be; None: a number, "none" or a channel.
FIGURES: Mapping[str, Sequence[str] | None] = {
    "received": ("",),
    "left_out": ("",),
    "reopened": ("",),
    "repeats": ("",),
    **dict.fromkeys(GROUPS),
    **{f"deadline.{clock.value}": JUDGED for clock in Clock},
    "acknowledge": ENDED,
    "resolve": ENDED,
    "callback": ASKED,
}
NONE = "none"


@dataclass(frozen=True)
class Wanted:
    """Which cases: of a figure, from one moment up to another, judged `at` a moment."""

    figure: str
    value: str
    begins: datetime
    ends: datetime
    at: datetime
    scope: Scope


@dataclass(frozen=True)
class Line:
    """One line of the list. `case` is None for what opens none; `due_at` and `done_at` where the figure is one of time."""

    feedback: Feedback
    case: Complaint | None
    due_at: datetime | None = None
    done_at: datetime | None = None


def found(reader: Reader, wanted: Wanted, tree: Tree, *, page: int) -> Page[Line]:
    """One page of the cases of a figure, the latest first. Raises `Missing` for a figure that is none."""
    _check(wanted)
    if wanted.scope.kind != Kind.COMPLAINT:
        return _feedback(reader, wanted, tree, page)
    run, round_ = aliased(ComplaintRun), aliased(ComplaintRound)
    statement = (
        visible_to(reader.user)
        .where(_outcome(wanted), *_units(wanted))
        .add_columns(*_times(wanted, run, round_))
    )
    for table, condition in _joins(wanted, run, round_):
        statement = statement.join(table, condition)
    listed = page_of(
        statement.where(*_conditions(wanted, run, round_, tree))
        .order_by(*_order(wanted, run, round_))
        .options(joinedload(Complaint.feedback), joinedload(Complaint.customer), joinedload(Complaint.unit)),
        number=page,
    )
    lines = [Line(case.feedback, case, due, done) for case, due, done in listed.rows]
    return Page(lines, listed.total, listed.number, listed.last)


def _check(wanted: Wanted) -> None:
    if wanted.figure not in FIGURES:
        raise Missing("figure")
    allowed = FIGURES[wanted.figure]
    if allowed is not None and wanted.value not in allowed:
        raise Missing("figure")
    if wanted.figure == "channel" and wanted.value not in {one.value for one in Channel}:
        raise Missing("figure")
    if allowed is None and wanted.figure != "channel" and wanted.value != NONE:
        number(wanted.value)


def number(value: str) -> int:
    """An id in an address. Raises `Missing` when it can be none."""
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Missing("figure")
    return int(value)


def _outcome(wanted: Wanted) -> ColumnElement[bool]:
    left_out = Complaint.outcome.in_(LEFT_OUT)
    return left_out if wanted.figure == "left_out" else ~left_out


def _units(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The chosen units; the department's clock is that of whose turn it was."""
    units = wanted.scope.units
    if units is None or wanted.figure == f"deadline.{Clock.DEPARTMENT}":
        return []
    return [Complaint.unit_id.in_(units)]


def _times(wanted: Wanted, run: Any, round_: Any) -> tuple[Any, Any]:
    if wanted.figure.startswith("deadline."):
        return run.due_at, run.stopped_at
    if wanted.figure in ("acknowledge", "resolve"):
        return literal(None), run.stopped_at
    if wanted.figure == "callback":
        return literal(None), round_.called_back_at
    return literal(None), literal(None)


def _joins(wanted: Wanted, run: Any, round_: Any) -> list[tuple[Any, ColumnElement[bool]]]:
    name = wanted.figure
    mine = run.complaint_id == Complaint.id
    if name.startswith("deadline."):
        return [(run, and_(mine, run.clock == name.partition(".")[2]))]
    if name == "callback":
        return [(round_, round_.complaint_id == Complaint.id)]
    told = (Feedback, Feedback.id == Complaint.feedback_id)
    if name == "acknowledge":
        return [told, (run, and_(mine, run.clock == Clock.ACKNOWLEDGE.value))]
    if name == "resolve":
        last = and_(mine, run.clock == Clock.CUSTOMER.value, run.round == Complaint.round)
        return [told, (run, last)]
    if name in ("cause", "cause_only"):
        return [told, (round_, and_(round_.complaint_id == Complaint.id, round_.number == Complaint.round))]
    return [told]


def _order(wanted: Wanted, run: Any, round_: Any) -> tuple[Any, ...]:
    """The latest first, by the moment that puts them into the period: there is an index for it."""
    if wanted.figure.startswith("deadline."):
        return run.due_at.desc(), Complaint.id.desc()
    if wanted.figure == "callback":
        return round_.called_back_at.desc(), Complaint.id.desc()
    return Feedback.received_at.desc(), Feedback.id.desc()


def _conditions(wanted: Wanted, run: Any, round_: Any, tree: Tree) -> list[ColumnElement[bool]]:
    name = wanted.figure
    if name.startswith("deadline."):
        return [_within(wanted, run.due_at), *_turn(wanted, run), _judged(wanted, run)]
    if name == "callback":
        return [_within(wanted, round_.called_back_at), _said(wanted, round_)]
    # The same moment stands in the case, where no index is on it.
    received = [Feedback.kind == Kind.COMPLAINT.value, _within(wanted, Feedback.received_at)]
    if name in ("acknowledge", "resolve"):
        return [*received, _ended(wanted, run)]
    if name == "reopened":
        return [*received, Complaint.round > 1]
    if name == "repeats":
        return [*received, _is_repeat()]
    if name in GROUPS:
        column = {
            "category": Complaint.category_id,
            "unit": Complaint.unit_id,
            "channel": Feedback.channel,
            "cause": round_.cause_id,
        }[name.partition("_")[0]]
        return [*received, _in_group(wanted, column, tree)]
    return received


def _within(wanted: Wanted, column: Any) -> ColumnElement[bool]:
    return and_(column >= wanted.begins, column < wanted.ends)


def _turn(wanted: Wanted, run: Any) -> list[ColumnElement[bool]]:
    if wanted.figure != f"deadline.{Clock.DEPARTMENT}":
        return []
    limits = (wanted.scope.units, wanted.scope.own_units)
    return [run.unit_id.in_(units) for units in limits if units is not None]


def _judged(wanted: Wanted, run: Any) -> ColumnElement[bool]:
    """As `stats.deadlines` judges: in time at the very deadline, and what came later than `at` has not come yet."""
    due, done = run.due_at <= wanted.at, run.stopped_at <= wanted.at
    judged: dict[str, ColumnElement[bool]] = {
        "due": due,
        "within": and_(due, done, run.stopped_at <= run.due_at),
        "late": and_(due, done, run.stopped_at > run.due_at),
        "overdue": and_(due, or_(run.stopped_at.is_(None), run.stopped_at > wanted.at)),
        "not_yet": run.due_at > wanted.at,
    }
    return judged[wanted.value]


def _ended(wanted: Wanted, run: Any) -> ColumnElement[bool]:
    ended: dict[str, ColumnElement[bool]] = {
        "all": true(),
        "done": run.stopped_at <= wanted.at,
        "open": or_(run.stopped_at.is_(None), run.stopped_at > wanted.at),
    }
    return ended[wanted.value]


def _said(wanted: Wanted, round_: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = round_.satisfaction == wanted.value
    return true() if wanted.value == "all" else same


def _is_repeat() -> ColumnElement[bool]:
    """Whether the customer had complained not long before; of two at the same moment the later number."""
    earlier = aliased(Complaint)
    return exists(
        select(earlier.id).where(
            earlier.customer_id == Complaint.customer_id,
            ~earlier.outcome.in_(LEFT_OUT),
            or_(
                earlier.received_at < Complaint.received_at,
                and_(
                    earlier.received_at == Complaint.received_at, earlier.feedback_id < Complaint.feedback_id
                ),
            ),
            _days_between(earlier.received_at, Complaint.received_at) <= REPEAT_DAYS,
        )
    )


def _days_between(earlier: Any, later: Any) -> Any:
    if db.engine.dialect.name == "postgresql":
        return func.extract("epoch", later - earlier) / 86_400
    return func.julianday(later) - func.julianday(earlier)


def _in_group(wanted: Wanted, column: Any, tree: Tree) -> ColumnElement[bool]:
    if wanted.value == NONE:
        return column.is_(None)  # type: ignore[no-any-return]
    if wanted.figure == "channel":
        return column == wanted.value  # type: ignore[no-any-return]
    key = number(wanted.value)
    with_below = wanted.figure in ("category", "cause") and key in tree.by_id
    return column.in_(tree.below(key)) if with_below else column == key  # type: ignore[no-any-return]


def _feedback(reader: Reader, wanted: Wanted, tree: Tree, page: int) -> Page[Line]:
    """Suggestions, praise and questions: no clock runs for them."""
    statement: Select[Feedback] = feedback.visible_to(reader.user).where(
        Feedback.kind == wanted.scope.kind,
        _within(wanted, Feedback.received_at),
        *([] if wanted.scope.units is None else [Feedback.unit_id.in_(wanted.scope.units)]),
        _feedback_group(wanted, tree),
    )
    if Kind(wanted.scope.kind) not in reader.kinds:
        statement = statement.where(false())
    listed = page_of(
        statement.order_by(Feedback.received_at.desc(), Feedback.id.desc()).options(
            joinedload(Feedback.customer), joinedload(Feedback.unit)
        ),
        number=page,
    )
    return Page([Line(one, None) for one in listed.rows], listed.total, listed.number, listed.last)


def _feedback_group(wanted: Wanted, tree: Tree) -> ColumnElement[bool]:
    columns = {"category": Feedback.category_id, "unit": Feedback.unit_id, "channel": Feedback.channel}
    if wanted.figure == "received":
        return true()
    name = wanted.figure.partition("_")[0]
    if name not in columns:
        raise Missing("figure")
    return _in_group(wanted, columns[name], tree)
