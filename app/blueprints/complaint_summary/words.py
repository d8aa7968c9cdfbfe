"""How fields, durations and periods are called on the summary; what cases say as well is in `web.case_words`."""

from collections.abc import Mapping
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Unit
from app.queries.complaints.summary.listing import NONE
from app.queries.complaints.trees import Tree
from app.queries.figures.model import Difference
from app.rules.complaints.periods import Length, Period
from app.web import case_words
from app.web.case_words import CHANNELS as CHANNELS
from app.web.case_words import CLOCKS as CLOCKS
from app.web.case_words import SATISFACTIONS as SATISFACTIONS
from app.web.case_words import STATES as STATES
from app.web.filters import day, number

KINDS = {
    "complaint": _l("Complaints"),
    "suggestion": _l("Suggestions"),
    "praise": _l("Praise"),
    "question": _l("Inquiries"),
}
KIND_OF_ONE = case_words.KINDS  # beside a single entry
FIELDS = {
    "category": _l("Category"),
    "unit": _l("Unit"),
    "cause": _l("Root cause"),
    "channel": _l("Channel"),
}
MISSING = {
    "unit": _l("Not assigned to a unit"),
    "cause": _l("No root cause stated yet"),
    "category": _l("No category"),
    "channel": _l("No channel"),
}
DURATIONS = {
    "acknowledge": _l("Time to the first answer"),
    "resolve": _l("Time to the solution"),
}
SIGNALS = {
    "outside_limits": _l("outside the limits"),
    "run_of_8": _l("eight in a row on one side"),
}
JUDGED = {
    "due": _l("due"),
    "within": _l("in time"),
    "late": _l("late"),
    "overdue": _l("open and overdue"),
    "not_yet": _l("not due yet"),
}
COUNTED = _l(
    "Feedback received in the period. What was not accepted as a complaint, or was merged into another one, counts nowhere. A complaint counts under the category and unit it has now, everything else as it was recorded. A row further in is part of the one above it."
)
REFUSALS = {
    "no_period": _l("That is no period. Choose one from the list, or give two days."),
    "ends_before": _l("The last day lies before the first one. Correct one of them."),
    "too_long": _l("At most three years can be counted at once. Choose a shorter time."),
    "no_unit": _l("This unit does not exist any more. Choose another one."),
}
SECTIONS = {
    "situation": _l("Situation"),
    "causes": _l("Causes"),
    "measures": _l("Measures"),
    "suggestions": _l("Suggestions for improvement"),
}
REPORT_STATES = {
    "draft": _l("Draft"),
    "submitted": _l("Submitted"),
    "reviewed": _l("Reviewed"),
    "returned": _l("Returned"),
}
# What a document says it is not yet.
MARKS = {
    "draft": _l("Draft, not submitted"),
    "submitted": _l("Submitted, not reviewed yet"),
    "reviewed": "",
    "returned": _l("Draft, returned for more work"),
}
REPORT_EVENTS = {
    "started": _l("Report started"),
    "edited": _l("Text changed"),
    "refreshed": _l("Figures taken anew"),
    "submitted": _l("Submitted to management"),
    "reviewed": _l("Reviewed by management"),
    "returned": _l("Returned"),
}
REPORT_REFUSALS = {
    "not_allowed": _l("Your role does not take this step."),
    "not_now": _l(
        "The report is in another state by now, so this step is not open. The page shows how it stands."
    ),
    "own_report": _l("You have written in this report yourself. Somebody else in management reviews it."),
    "no_reason": _l("Say why the report goes back, so that the authors know what to change."),
    "empty_report": _l("The report says nothing yet. Write at least one section."),
    "not_whole": _l(
        "Figures or text are not those that were submitted. Return the report and have it submitted again."
    ),
    "changed_meanwhile": _l(
        "Somebody has changed the report since you opened it. The page shows how it stands now; look at it and decide again."
    ),
}
FORMATS = {"docx": _l("Download as Word"), "pdf": _l("Download as PDF")}
_WHOLE_DAYS = 72
_A_LITTLE = 0.1  # of a day


def period_name(period: Period) -> str:
    """September 2026, Q3 2026, 2026, or both days."""
    if period.length is Length.MONTH:
        return month_name(period.first)
    if period.length is Length.QUARTER:
        return _("Q%(quarter)s %(year)s", quarter=(period.first.month + 2) // 3, year=period.first.year)
    if period.length is Length.YEAR:
        return _("%(year)s", year=period.first.year)
    return f"{day(period.first)} – {day(period.last)}"


def month_name(first: date) -> str:
    """A month with its year."""
    return format_date(first, _("MMMM y"))


def unit_of(hours: float | None) -> str:
    """The unit in which a duration reads best: minutes | hours | days (from three of them on)."""
    if hours is None:
        return ""
    return "minutes" if hours < 1 else "hours" if hours < _WHOLE_DAYS else "days"


def duration(hours: float | None, unit: str = "") -> str:
    """In the given unit, so that what stands side by side can be compared; else in its own."""
    if hours is None:
        return "–"
    unit = unit or unit_of(hours)
    if unit == "minutes":
        return _("%(minutes)s min", minutes=number(60 * hours, 0))
    if unit == "hours":
        return _("%(hours)s h", hours=number(hours))
    days = hours / 24
    return _("%(days)s days", days=number(days, 2 if 0 < days < _A_LITTLE else 1))


def between(low: float | None, high: float | None, unit: str = "") -> str:
    """An interval of durations; without an upper limit while too few cases have ended."""
    if low is None:
        return "–"
    unit = unit or unit_of(low if high is None else high)
    if high is None:
        return _("at least %(low)s", low=duration(low, unit))
    return _("%(low)s to %(high)s", low=duration(low, unit), high=duration(high, unit))


def reason(code: str | None) -> str:
    """Why there is no figure."""
    reasons = {
        "no_exposure": _("no customer is on record"),
        "zero_count": _("none then"),
        "nothing_due": _("nothing was due yet"),
        "not_reached": _("too few have ended so far"),
        "no_data": _("no cases"),
    }
    return reasons.get(code or "", "")


def reading(change: Difference | None) -> str:
    """What a change says, for the spreadsheet."""
    if change is None:
        return ""
    readings = {"rise": _("rise"), "fall": _("fall"), "no_significant_change": _("no clear change")}
    return readings.get(change.direction, _("not tested"))


def figure_name(figure: str, value: str, tree: Tree, units: Mapping[int, Unit], lang: str) -> str:
    """Which cases a list shows."""
    if figure.startswith("deadline."):
        return _("%(clock)s: %(judged)s", clock=CLOCKS[figure.partition(".")[2]], judged=JUDGED[value])
    if figure in DURATIONS:
        ended = {"all": _("all"), "done": _("done"), "open": _("still open")}
        return _("%(what)s: %(which)s", what=DURATIONS[figure], which=ended[value])
    if figure == "callback":
        return _("Called back: %(answer)s", answer=SATISFACTIONS.get(value, _("all")))
    plain = {
        "received": _("All received"),
        "left_out": _("Not accepted or merged"),
        "reopened": _("Opened again"),
        "repeats": _("Complained again within 90 days"),
    }
    return plain.get(figure) or _group_name(figure.partition("_")[0], value, tree, units, lang)


def _group_name(field: str, value: str, tree: Tree, units: Mapping[int, Unit], lang: str) -> str:
    if value == NONE:
        return str(MISSING[field])
    if field == "channel":
        name = str(CHANNELS[value])
    elif field == "unit":
        unit = units.get(int(value))
        name = unit.name_in(lang) if unit else value
    else:
        name = tree.label(int(value), lang) or value
    return _("%(what)s: %(which)s", what=FIELDS[field], which=name)
