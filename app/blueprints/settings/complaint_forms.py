"""Forms of the settings of complaints."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.blueprints.settings import complaint_words as words
from app.rules.calendar_editing import OwnDays
from app.rules.policy_editing import find_implausible
from app.rules.worktime import CalendarError, DayKind, Limit
from app.rules.worktime import Unit as Measure
from app.rules.worktime.calendar import Spans
from app.rules.worktime.hours import read_spans, written
from app.web.forms import Form, options

LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
WHOLE = _l("Enter a whole number.")
HOUR = 60


class Hours:
    """Validator: the hours of a day as people write them."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Refuse with a sentence."""
        try:
            read_spans(field.data or "")
        except CalendarError as error:
            raise ValidationError(words.HOURS_ERRORS[error.code]) from None


def _weekday(number: int) -> StringField:
    return StringField(words.WEEKDAYS[number], [Length(max=100), Hours()], render_kw={"autocomplete": "off"})


class Example(Form):
    """Asks what a change would do to something received at a moment."""

    example = DateTimeLocalField(
        _l("Example: received at"),
        [Optional()],
        format=LOCAL,
        description=_l("For the preview only. If empty, it is now."),
    )


class WeekForm(Example):
    """The hours of a week. `version` is the one the person has seen."""

    version = HiddenField()
    d0 = _weekday(0)
    d1 = _weekday(1)
    d2 = _weekday(2)
    d3 = _weekday(3)
    d4 = _weekday(4)
    d5 = _weekday(5)
    d6 = _weekday(6)
    follows = BooleanField(
        _l("Keeps the firm’s days off"),
        description=_l("Official holidays, make-up working days, and what was entered for the whole firm."),
    )

    @property
    def days(self) -> list[Field]:
        """The seven fields."""
        return [self[f"d{weekday}"] for weekday in range(7)]

    def fill(self, week: tuple[Spans, ...], *, follows: bool) -> None:
        """Show stored hours."""
        for field, spans in zip(self.days, week, strict=True):
            field.data = written(spans)
        self.follows.data = follows

    def week(self) -> tuple[Spans, ...]:
        """The hours as typed."""
        return tuple(read_spans(field.data or "") for field in self.days)


class DaysForm(Example):
    """Days on which the weekly hours do not hold."""

    first = DateField(_l("First day"), [InputRequired(_l("Enter the day."))])
    last = DateField(_l("Last day"), [Optional()], description=_l("If empty, it is one day."))
    kind = RadioField(_l("What are these days?"), choices=options(words.OWN_KINDS.items()), default="holiday")
    like = SelectField(_l("Worked like a"), choices=options(enumerate(words.WEEKDAYS)), coerce=int, default=4)
    hours = StringField(_l("Hours of these days"), [Length(max=100), Hours()])
    name = StringField(
        _l("What is it called?"),
        [DataRequired(_l("Enter a name: it explains deadlines later.")), Length(max=60)],
    )
    name_en = StringField(_l("Name in English"), [Length(max=60)])

    def entry(self) -> OwnDays:
        """What was typed."""
        kind = DayKind(self.kind.data)
        return OwnDays(
            first=self.first.data,
            last=self.last.data or self.first.data,
            kind=kind,
            name=self.name.data or "",
            name_en=self.name_en.data or "",
            spans=read_spans(self.hours.data or "") if kind is DayKind.OWN_HOURS else (),
            like=self.like.data if kind is DayKind.MAKE_UP else None,
        )


def _amount(label: Any, **more: Any) -> IntegerField:
    return IntegerField(label, [Optional()], render_kw={"inputmode": "numeric"}, **more)


def _measure(label: Any) -> SelectField:
    return SelectField(label, choices=options(words.MEASURES.items()))


class PolicyForm(Example):
    """The time limits of one severity. Each limit is an amount and what it is measured in."""

    version = HiddenField()
    acknowledge = _amount(words.LIMITS["acknowledge"])
    acknowledge_in = _measure(words.LIMITS["acknowledge"])
    interim = _amount(words.LIMITS["interim"])
    interim_in = _measure(words.LIMITS["interim"])
    department = _amount(words.LIMITS["department"])
    department_in = _measure(words.LIMITS["department"])
    resolve = _amount(words.LIMITS["resolve"])
    resolve_in = _measure(words.LIMITS["resolve"])
    callback = _amount(words.LIMITS["callback"])
    callback_in = _measure(words.LIMITS["callback"])
    pause_cap = _amount(words.LIMITS["pause_cap"])
    pause_cap_in = _measure(words.LIMITS["pause_cap"])
    warn_first = IntegerField(_l("First warning at (%)"), [InputRequired(WHOLE)])
    warn_last = IntegerField(_l("Second warning at (%)"), [InputRequired(WHOLE)])
    lapse_days = IntegerField(_l("Days until waiting for the customer ends"), [InputRequired(WHOLE)])
    reminders = IntegerField(_l("Reminders to the customer before that"), [InputRequired(WHOLE)])
    critical = BooleanField(
        _l("Notices at any hour"), description=_l("Otherwise they wait until the unit opens.")
    )

    def fill(self, policy: Any) -> None:
        """Show a stored policy."""
        for name in words.LIMITS:
            limit = getattr(policy, name)
            if limit is not None:
                self[name].data, self[f"{name}_in"].data = _typed(limit)
        self.warn_first.data, self.warn_last.data = policy.warnings
        self.lapse_days.data, self.reminders.data = policy.lapse_days, policy.reminders
        self.critical.data = policy.critical

    def limits(self) -> dict[str, Limit | None]:
        """As typed; fields that hold no number are left to their own errors."""
        return {name: _limit(self[name].data, self[f"{name}_in"].data) for name in words.LIMITS}

    def settings(self) -> dict[str, Any]:
        """Everything that is no limit."""
        return {
            "warnings": (self.warn_first.data, self.warn_last.data),
            "lapse_days": self.lapse_days.data,
            "reminders": self.reminders.data,
            "critical": self.critical.data,
        }

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Also what is not plausible."""
        if not super().validate(extra_validators):
            return False
        for name in words.LIMITS:
            amount = self[name].data
            if amount is None and name not in ("interim", "pause_cap"):
                self[name].errors = [str(_l("Enter how much time there is."))]
            elif amount is not None and not 0 < amount < 1_000_000:
                self[name].errors = [str(_l("Enter a whole number above 0."))]
        if self.errors:
            return False
        for one in find_implausible(self.limits(), self.settings()):
            self[one.field].errors = [*self[one.field].errors, str(words.IMPLAUSIBLE[one.code])]
        return not self.errors


def _typed(limit: Limit) -> tuple[int, str]:
    if limit.unit is Measure.WORKING_DAYS:
        return limit.amount, "working_days"
    return limit.amount // HOUR, "hours" if limit.unit is Measure.MINUTES else "working_hours"


def _limit(amount: int | None, measure: str) -> Limit | None:
    if amount is None or amount <= 0:
        return None
    if measure == "working_days":
        return Limit.working_days(amount)
    return Limit.hours(amount) if measure == "hours" else Limit.working_hours(amount)


class RuleForm(Form):
    """To whom complaints go by themselves."""

    version = HiddenField()
    category = SelectField(_l("Category"))
    unit = SelectField(_l("Unit it is about"))
    severity = SelectField(_l("Severity"))
    to_unit = SelectField(_l("Goes to"), [InputRequired(_l("Choose a unit."))])
    handler = SelectField(_l("Handler"), description=_l("If none is named, somebody of the unit accepts it."))


class CategoryForm(Form):
    """One entry of a tree, in both languages."""

    version = HiddenField()
    name = StringField(_l("Name in Chinese"), [DataRequired(_l("Enter the name.")), Length(max=80)])
    name_en = StringField(
        _l("Name in English"), [DataRequired(_l("Enter the name in English, too.")), Length(max=80)]
    )
    parent = SelectField(_l("Stands below"))
    active = BooleanField(
        _l("In use"),
        description=_l("Without this tick it is no longer offered. What was sorted by it stays."),
    )
