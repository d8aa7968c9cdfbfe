"""The summary as the sheets of a spreadsheet, in the reader's language. Numbers stay numbers, unrounded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.blueprints.complaint_summary import choosing, words
from app.blueprints.complaint_summary.views import Views
from app.queries.complaints.summary.model import Beside, Breakdown, Part
from app.queries.figures.model import Difference, Figure
from app.web.filters import moment
from app.web.firm import present_firm
from app.web.i18n import page_language

Row = list[Any]
_TEXT, _COUNT, _NUMBER = "text", "integer", "decimal"


def sheets(views: Views) -> list[Mapping[str, Any]]:
    """Overview, one sheet for each breakdown, months, deadlines, method: as `app.jobs.analyst` writes them."""
    found = [_sheet(_("Overview"), _overview_columns(views), list(_overview(views)))]
    for breakdown in views.summary.breakdowns:
        title = str(words.FIELDS[breakdown.name])
        found.append(_sheet(title, _group_columns(views, title), list(_groups(views, breakdown))))
    found.append(_sheet(_("Months"), _month_columns(), list(_months(views))))
    if views.summary.deadlines:
        found.append(_sheet(_("Deadlines"), _deadline_columns(), list(_deadlines(views))))
    columns = [[_("Topic"), _TEXT, 34], [_("How"), _TEXT, 90]]
    return [*found, _sheet(_("Method and filter"), columns, _method(views))]


def _sheet(title: str, columns: Sequence[Sequence[Any]], rows: list[Row]) -> dict[str, Any]:
    return {"title": title, "columns": columns, "rows": rows}


def _overview_columns(views: Views) -> list[list[Any]]:
    columns: list[list[Any]] = [
        [_("Figure"), _TEXT, 40],
        [_("Unit of measure"), _TEXT, 26],
        [_("Value"), _NUMBER],
        [_("Lower limit"), _NUMBER],
        [_("Upper limit"), _NUMBER],
        [_("Base"), _COUNT],
    ]
    for period in views.periods[1:]:
        name = words.period_name(period)
        columns += [
            [name, _NUMBER],
            [_("Difference from %(period)s", period=name), _NUMBER],
            [_("Difference, lower limit"), _NUMBER],
            [_("Difference, upper limit"), _NUMBER],
            ["p", _NUMBER],
            [_("Reading"), _TEXT, 20],
        ]
    return columns


def _overview(views: Views) -> Iterator[Row]:
    summary = views.summary
    counted = summary.counted
    if counted is None:
        return
    earlier = (counted.count_before, *[None] * 5, counted.count_year_before, *[None] * 5)
    name = str(words.KINDS[summary.kind])
    yield [name, _("number"), counted.count, None, None, counted.customers, *earlier]
    percent_of = _("change in percent")
    yield _measured(_("Per 1,000 customers"), percent_of, counted.rate)
    points = _("%, change in points")
    for deadline in summary.deadlines:
        name = _("%(clock)s in time", clock=words.CLOCKS[deadline.clock])
        yield _measured(name, points, deadline.rate)
    for duration in summary.durations:
        name = str(words.DURATIONS[duration.name])
        yield [
            _("%(what)s, median", what=name), _("hours"), *_figure(duration.median), _value(duration.median_before),
            *[None] * 5, _value(duration.median_year_before), *[None] * 5,
        ]  # fmt: skip
        yield [_("%(what)s, 90%% within", what=name), _("hours"), *_figure(duration.ninety), *[None] * 12]
    if summary.callbacks is not None:
        yield _measured(_("Satisfied when called back"), points, summary.callbacks.satisfied)
        scores = ((_("Score for the solution"), summary.callbacks.solution),
                  (_("Score for the handling"), summary.callbacks.handling))  # fmt: skip
        for name, score in scores:
            yield [name, "1–5", *_figure(score), *[None] * 12]
    yield from _parts(summary.reopened, summary.repeats, points)


def _parts(reopened: Part | None, repeats: Part | None, points: str) -> Iterator[Row]:
    if reopened is not None:
        yield _measured(_("Opened again"), points, reopened.share)
    if repeats is not None:
        yield _measured(_("Complained again within 90 days"), points, repeats.share)


def _measured(name: str, unit: str, beside: Beside) -> Row:
    return [name, unit, *_figure(beside.now), *_change(beside.before), *_change(beside.year_before)]


def _figure(figure: Figure) -> Row:
    return [figure.value, figure.low, figure.high, figure.n]


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _change(change: Difference | None) -> Row:
    if change is None:
        return [None] * 6
    return [
        change.previous.value,
        change.diff,
        change.low,
        change.high,
        change.p_adjusted,
        words.reading(change),
    ]


def _group_columns(views: Views, title: str) -> list[list[Any]]:
    before, year_before = (words.period_name(period) for period in views.periods[1:])
    return [
        [title, _TEXT, 40],
        [_("Number"), _COUNT],
        [_("Share, %"), _NUMBER],
        [_("Lower limit"), _NUMBER],
        [_("Upper limit"), _NUMBER],
        [_("Cumulated, %"), _NUMBER],
        [_("Vital few"), _TEXT, 12],
        [_("Per 1,000 customers"), _NUMBER],
        [_("Rate, lower limit"), _NUMBER],
        [_("Rate, upper limit"), _NUMBER],
        [before, _COUNT],
        [_("Difference, %"), _NUMBER],
        [_("p, corrected"), _NUMBER],
        [_("Reading"), _TEXT, 20],
        [year_before, _COUNT],
    ]


def _groups(views: Views, breakdown: Breakdown) -> Iterator[Row]:
    for name, group, depth, _url in views.table(breakdown):
        if group.hidden:
            yield [name, None, None, None, None, None, _("not shown")]
            continue
        change = group.change
        yield [
            "    " * depth + name, group.count, group.share.value, group.share.low, group.share.high,
            group.cumulated if not depth else None, _("yes") if group.vital and not depth else "",
            group.rate.value, group.rate.low, group.rate.high, group.count_before if not depth else None,
            change.diff if change else None, change.p_adjusted if change else None, words.reading(change),
            group.count_year_before if not depth else None,
        ]  # fmt: skip
    if breakdown.missing:
        yield [str(words.MISSING[breakdown.name]), breakdown.missing if views.links else None]


def _month_columns() -> list[list[Any]]:
    return [
        [_("Month"), _TEXT, 14],
        [_("Number"), _COUNT],
        [_("Customers"), _COUNT],
        [_("Per 1,000 customers"), _NUMBER],
        [_("Lower control limit"), _NUMBER],
        [_("Upper control limit"), _NUMBER],
        [_("Signal"), _TEXT, 34],
    ]


def _months(views: Views) -> Iterator[Row]:
    for point in views.points():
        month = point["month"]
        yield [
            month.code, month.count, month.customers, month.rate, month.low, month.high, point["signals"],
        ]  # fmt: skip


def _deadline_columns() -> list[list[Any]]:
    return [
        [_("Time limit"), _TEXT, 24],
        *([str(name).capitalize(), _COUNT] for name in words.JUDGED.values()),
        [_("In time, %"), _NUMBER],
        [_("Lower limit"), _NUMBER],
        [_("Upper limit"), _NUMBER],
    ]


def _deadlines(views: Views) -> Iterator[Row]:
    for one in views.summary.deadlines:
        rate = one.rate.now
        yield [
            str(words.CLOCKS[one.clock]), one.due, one.within, one.late, one.overdue, one.not_yet,
            rate.value, rate.low, rate.high,
        ]  # fmt: skip


def _method(views: Views) -> list[Row]:
    firm = present_firm()
    chips = [
        (chip.label, dict(chip.options or ()).get(chip.value, chip.value).strip())
        for chip in choosing.chips(views.choice)
    ]
    return [
        [_("Firm"), firm.name_in(page_language()) if firm else ""],
        *([label, value] for label, value in chips),
        [_("As of"), moment(views.as_of)],
        *([name, text] for name, text in method_lines()),
    ]


def method_lines() -> list[tuple[str, str]]:
    """How each figure is computed, in words: the same lines stand on the page."""
    return [
        (
            _("What counts"),
            _(
                "Complaints received in the period. What was not accepted as a complaint, or was merged into another one, counts nowhere. Deadlines count in the period in which they fall, callbacks in the one in which the customer was asked. What is open is judged at the moment at which the figures were computed."
            ),
        ),
        (
            _("Per 1,000 customers"),
            _(
                "Complaints divided by the customers on record on the last day of the period; customers without a date since when count throughout. Interval: exact Poisson. A unit’s rate is among its own customers."
            ),
        ),
        (
            _("Difference"),
            _(
                "Rates: exact conditional test among customers and days, so that a short month is no improvement by itself; in percent of the earlier rate. Categories, units, causes and channels are corrected together (Benjamini–Hochberg). Shares: pooled z, interval of Newcombe, in points. Rise or fall is said only where p is below 0.05. A period that is not over is compared with as many days of the earlier ones."
            ),
        ),
        (
            _("Pareto"),
            _(
                "By falling number. The vital few, in colour, are the fewest from the top that reach 80% together; “other” comes last. Categories and causes are counted at the top of their tree; the table shows what they are made of."
            ),
        ),
        (
            _("Control chart"),
            _(
                "Complaints of each month per 1,000 customers, with limits of three standard deviations around the average (u chart). A month stands out when it lies outside its limits, or from the eighth in a row on one side of the average. A month that is not over is left away."
            ),
        ),
        (
            _("In time"),
            _(
                "Of the deadlines that fell in the period and have passed, those kept; open ones count as missed. Interval: Wilson. The time of a unit counts for whose turn it was."
            ),
        ),
        (
            _("Time to the answer and to the solution"),
            _(
                "In calendar hours from receipt; to the solution until the customer was told the result that stood. Open complaints count for as long as they have lasted (Kaplan–Meier)."
            ),
        ),
        (
            _("Satisfied when called back"),
            _(
                "Of the customers who were reached and asked in the period, those who said that they are satisfied. Interval: Wilson."
            ),
        ),
        (
            _("Complained again within 90 days"),
            _(
                "Complaints of a customer on record who had complained within the 90 days before, about whatever it was."
            ),
        ),
    ]
