"""Words of the settings of complaints: clocks, limits, days, and what differs between two versions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Unit
from app.queries.complaints.trees import Tree
from app.rules import calendar_editing, policy_editing
from app.rules.worktime import Limit
from app.rules.worktime import Unit as Measure
from app.rules.worktime.hours import written
from app.web.filters import day
from app.web.i18n import page_language

SEVERITIES = {"general": _l("General"), "major": _l("Major"), "urgent": _l("Urgent")}
CLOCKS = {
    "acknowledge": _l("First answer"),
    "department": _l("Work of the unit"),
    "customer": _l("Solution"),
    "interim": _l("Interim reply"),
    "callback": _l("Callback"),
}
WEEKDAYS = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"),
)  # fmt: skip
OWN_KINDS = {
    "holiday": _l("Days off"),
    "make_up": _l("Worked like another weekday"),
    "own_hours": _l("Other hours"),
}
LIMITS = {
    "acknowledge": _l("First answer to the customer"),
    "interim": _l("Interim reply"),
    "department": _l("Work of the unit"),
    "resolve": _l("Solution"),
    "callback": _l("Callback"),
    "pause_cap": _l("Longest waiting in all"),
}
SETTINGS = {
    "critical": _l("Notices at any hour"),
    "warnings": _l("Warnings at"),
    "lapse_days": _l("Waiting for the customer ends after"),
    "reminders": _l("Reminders before that"),
}
MEASURES = {
    "working_days": _l("working days"),
    "working_hours": _l("working hours"),
    "hours": _l("hours, day and night"),
}
HOURS_ERRORS = {
    "unreadable": _l("Write hours such as 09:00–12:00, 13:00–18:00."),
    "too_many_spans": _l("At most six stretches a day."),
    "span_outside_day": _l("A day has 24 hours: the latest end is 24:00."),
    "span_empty": _l("The end has to come after the beginning. A night shift is two: 22:00–24:00 and 00:00–06:00."),
    "spans_overlap": _l("Two of these stretches overlap."),
}  # fmt: skip
REFUSALS = {
    "never_open": _l("With no hours at all, no deadline would ever come. Enter hours for at least one weekday."),
    "no_own_calendar": _l("This unit works by the firm’s calendar. Give it one of its own first."),
    "ends_before": _l("The last day lies before the first one. Correct one of them."),
    "too_long": _l("At most a year at once. Choose a shorter time."),
    "outside_years": _l("Choose a year from 2000 to 2199."),
    "too_many": _l("There are 300 entries already. Remove old ones first."),
    "name_missing": _l("Enter a name: it explains deadlines later."),
    "hours_missing": _l("Enter the hours of these days."),
    "busy": _l("Somebody else has just changed this, too. Send the form again."),
    "no_unit": _l("This unit does not exist any more. Choose another one."),
}  # fmt: skip

DOUBTS = {
    "unit_inactive": _l("This unit is switched off: such complaints stay with customer service."),
    "nobody_there": _l("Nobody active in this unit can take cases."),
    "handler_elsewhere": _l(
        "This person can’t take cases of the unit any more: they go to the unit without a handler."
    ),
}
RULE_REFUSALS = {
    "no_category": ("category", _l("Choose a category from the list.")),
    "no_unit": ("unit", _l("This unit does not exist any more. Choose another one.")),
    "no_severity": ("severity", _l("Choose a severity from the list.")),
    "unit_inactive": ("to_unit", _l("This unit is switched off. Choose another one.")),
    "handler_elsewhere": ("handler", _l("That person does not work in the chosen unit. Choose another one.")),
    "rule_twice": ("category", _l("There is a rule for exactly this already. Change that one.")),
}
TREES = {"category": _l("Categories"), "cause": _l("Root causes")}
TREE_REFUSALS = {
    "no_such_parent": ("parent", _l("Choose an entry from the list.")),
    "below_itself": ("parent", _l("An entry can’t stand below itself.")),
    "too_deep": ("parent", _l("The tree would have more than four levels.")),
    "name_taken": ("name", _l("There is an entry with this name at this place already.")),
}
IMPLAUSIBLE = {
    "too_much": _l("That is more than can be meant: at most 90 working days, 500 working hours or 1,440 hours."),
    "longer_than_solution": _l("This takes longer than the solution. Shorten it, or give the solution more time."),
    "cap_unit": _l("Waiting is measured like the limits it stops: either all in hours day and night, or none."),
    "warn_range": _l("Enter a percentage from 10 to 95."),
    "warn_order": _l("The second warning has to come after the first."),
    "lapse_range": _l("Enter 3 to 180 days."),
    "reminders_range": _l("Enter 0 to 5."),
}  # fmt: skip


def refusal(code: str, **params: Any) -> str:
    """Why a change was refused, and what to do about it."""
    if code == "days_overlap":
        days = stretch(params["first"], params["last"])
        return _(
            "“%(name)s” is entered for %(days)s already. Remove it first.", name=params["name"], days=days
        )
    return str(REFUSALS.get(code, REFUSALS["busy"]))


def stretch(first: date, last: date) -> str:
    """One day, or from the first to the last."""
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def weekday_of(on: date) -> str:
    """The short name of the day of the week."""
    return str(format_date(on, "EEE"))


def limit_text(limit: Limit | None) -> str:
    """How much time there is."""
    if limit is None:
        return "–"
    if limit.unit is Measure.WORKING_DAYS:
        return ngettext("One working day", "%(num)s working days", limit.amount)
    hours, minutes = divmod(limit.amount, 60)
    length = _("%(number)s h", number=hours) if not minutes else _("%(number)s min", number=limit.amount)
    return _("%(time)s of working time", time=length) if limit.unit is Measure.WORKING_MINUTES else length


def setting_text(name: str, value: Any) -> str:
    """A limit or setting of a policy."""
    if name in LIMITS:
        return limit_text(value)
    if name == "warnings":
        return _("%(first)s%% and %(last)s%%", first=value[0], last=value[1])
    if name == "critical":
        return _("Yes") if value else _("No")
    return ngettext("1 day", "%(num)s days", value) if name == "lapse_days" else str(value)


def whose(unit: int | None, units: Mapping[int, Unit]) -> str:
    """Whose calendar it is."""
    if unit is None:
        return _("The firm")
    return units[unit].name_in(page_language()) if unit in units else "–"


def calendar_difference(one: calendar_editing.Difference, units: Mapping[int, Unit]) -> str:
    """One line of what a version of the calendars changed."""
    name, year = whose(one.unit, units), str(one.place)
    if one.what == "week":
        return _(
            "%(unit)s, %(weekday)s: %(after)s instead of %(before)s",
            unit=name, weekday=WEEKDAYS[one.place], after=hours_text(one.after), before=hours_text(one.before),
        )  # fmt: skip
    if one.days is not None:
        said = {"unit": name, "what": days_text(one.days)}
        return _("%(unit)s: entered %(what)s", **said) if one.what == "days_added" else _(
            "%(unit)s: removed %(what)s", **said
        )  # fmt: skip
    return {
        "unit_added": _("%(unit)s has a calendar of its own", unit=name),
        "unit_removed": _("%(unit)s works by the firm’s calendar again", unit=name),
        "follows": _("%(unit)s keeps the firm’s days off", unit=name)
        if one.place
        else _("%(unit)s does not keep the firm’s days off", unit=name),
        "year_known": _("The holidays of %(year)s are known", year=year),
        "year_provisional": _("The holidays of %(year)s are provisional", year=year),
        "list_changed": _("Official list of %(year)s renewed", year=year),
    }[one.what]


def hours_text(spans: Any) -> str:
    """The hours of a day, or that there are none."""
    return written(spans) or _("no hours")


def days_text(days: calendar_editing.OwnDays) -> str:
    """An entry of one's own in one line."""
    name = days.name_en if page_language() == "en" and days.name_en else days.name
    return _(
        "%(days)s %(name)s (%(what)s)", days=stretch(days.first, days.last), name=name, what=what_of(days)
    )


def what_of(days: calendar_editing.OwnDays) -> str:
    """What an entry says of its days."""
    if days.kind == "holiday":
        return _("day off")
    if days.like is not None:
        return _("worked like a %(weekday)s", weekday=WEEKDAYS[days.like])
    return written(days.spans)


def policy_difference(one: policy_editing.Difference, tree: Tree) -> str:
    """One line of what a version of the time limits changed."""
    place = policy_place(one.category, one.severity.value, tree)
    if one.what == "added":
        return _("%(place)s: time limits of its own", place=place)
    if one.what == "removed":
        return _("%(place)s: no time limits of its own any more", place=place)
    return _(
        "%(place)s, %(what)s: %(after)s instead of %(before)s",
        place=place,
        what=(LIMITS | SETTINGS)[one.what],
        after=setting_text(one.what, one.after),
        before=setting_text(one.what, one.before),
    )


def policy_place(category: int | None, severity: str, tree: Tree) -> str:
    """For which complaints a policy is."""
    if category is None:
        return str(SEVERITIES[severity])
    return _(
        "%(category)s, %(severity)s",
        category=tree.label(category, page_language()),
        severity=SEVERITIES[severity],
    )
