"""A calendar as a page draws it: a year of months, and its special days as a list."""

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_date
from flask_babel import gettext as _

from app.blueprints.settings import complaint_words as words
from app.rules.calendar_editing import OwnDays
from app.rules.worktime import Calendar, Day, DayKind
from app.rules.worktime.hours import written

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cell:
    """One day of a month. `look` is a class, `mark` the letter that says the same, `said` what a reader hears."""

    number: int
    look: str
    mark: str
    said: str


@dataclass(frozen=True)
class Month:
    """Weeks from Monday; None for days of other months."""

    name: str
    weeks: Sequence[Sequence[Cell | None]]


@dataclass(frozen=True)
class Stretch:
    """Special days in a row with the same name. `own`: entered by people, so that it can be removed."""

    when: str
    what: str
    name: str
    look: str
    mark: str
    own: OwnDays | None


@dataclass(frozen=True)
class Look:
    """How a kind of day is drawn and called."""

    look: str
    mark: str
    what: str


def looks() -> dict[str, Look]:
    """Every kind of special day, in the order of the legend."""
    return {
        "holiday": Look("holiday", _("H"), _("official day off")),
        "make_up": Look("make-up", _("W"), _("official make-up working day")),
        "own_holiday": Look("own-off", _("C"), _("closed by us")),
        "own_make_up": Look("own-on", _("D"), _("worked by us")),
        "own_hours": Look("own-on", _("O"), _("other hours")),
    }


class YearView:
    """One year of one calendar; `own` are its entries, `firms` those of the firm that a unit keeps too."""

    def __init__(
        self, calendar: Calendar, own: Sequence[OwnDays], year: int, *, firms: Sequence[OwnDays] = ()
    ) -> None:
        self.calendar, self.own, self.firms, self.year = calendar, own, firms, year
        self.looks = looks()

    def months(self) -> list[Month]:
        """January to December."""
        return [self._month(date(self.year, month, 1)) for month in range(1, 13)]

    def _month(self, first: date) -> Month:
        weeks = [
            [self._cell(on) if on.month == first.month else None for on in week]
            for week in Weeks().monthdatescalendar(first.year, first.month)
        ]
        return Month(str(format_date(first, _("LLLL"))), weeks)

    def _cell(self, on: date) -> Cell:
        day = self.calendar.day(on)
        look = self._look(day)
        if look is None:
            rest = day.kind is DayKind.REST_DAY
            return Cell(on.day, "rest" if rest else "", "", _("not a working day") if rest else "")
        return Cell(on.day, look.look, look.mark, f"{day.name}, {look.what}" if day.name else look.what)

    def _look(self, day: Day) -> Look | None:
        if day.kind in (DayKind.WORKDAY, DayKind.REST_DAY):
            return None
        if day.kind is DayKind.OWN_HOURS:
            return self.looks["own_hours"]
        return self.looks[f"own_{day.kind.value}" if self._entry(day.on) else day.kind.value]

    def _entry(self, on: date) -> OwnDays | None:
        return next((one for one in (*self.own, *self.firms) if one.first <= on <= one.last), None)

    def stretches(self) -> list[Stretch]:
        """The special days of the year, those in a row together."""
        found: list[tuple[Day, date]] = []
        on = date(self.year, 1, 1)
        while on.year == self.year:
            day = self.calendar.day(on)
            if self._look(day) is not None:
                before = found[-1] if found else None
                joined = before and before[1] + DAY == on and self._same(before[0], day)
                if before and joined:
                    found[-1] = (before[0], on)
                else:
                    found.append((day, on))
            on += DAY
        return [self._stretch(day, last) for day, last in found]

    def _same(self, one: Day, other: Day) -> bool:
        same = (one.kind, one.name, one.spans) == (other.kind, other.name, other.spans)
        return same and self._entry(one.on) == self._entry(other.on)

    def _stretch(self, day: Day, last: date) -> Stretch:
        look, entry = self._look(day), self._entry(day.on)
        assert look is not None, "only special days are listed"
        what = look.what + (" " + written(day.spans) if day.spans else "")
        removable = entry if entry in self.own else None
        return Stretch(words.stretch(day.on, last), what, day.name, look.look, look.mark, removable)
