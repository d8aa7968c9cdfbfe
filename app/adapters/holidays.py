"""Chinese public holidays and make-up working days, year by year, from the library `holidays`.

The library knows the State Council's list once it is published (in autumn, for the next year) and the library has been
brought up to date; before that it silently guesses. A guessed year is marked provisional. It can be told by its lack
of make-up working days: the law names the holidays, but only the list moves working days, and every list since 2001
has moved some.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.rules.worktime import DayKind, SpecialDay

DAY = timedelta(days=1)
FRIDAY, SATURDAY = 4, 5
# What the library calls a festival, and what the official list calls its days off, with an English name.
FESTIVALS = {
    "元旦": ("元旦", "New Year"),
    "农历除夕": ("春节", "Spring Festival"),
    "春节": ("春节", "Spring Festival"),
    "清明节": ("清明节", "Qingming Festival"),
    "劳动节": ("劳动节", "Labour Day"),
    "端午节": ("端午节", "Dragon Boat Festival"),
    "中秋节": ("中秋节", "Mid-Autumn Festival"),
    "国庆节": ("国庆节", "National Day"),
}
# “休息日（由 2026-02-14 调休）” is a day off that is worked on the date named.
_MOVED = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")
# “清明节（补假）” is the day after a festival that fell on a weekend.
_OBSERVED = re.compile(r"（补假）$")


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """A day off, or (`kind` make-up) a weekend day that is worked like the weekday `like` (0 = Monday).

    `names` are those of the festival, by language "zh" and "en".
    """

    on: date
    kind: DayKind
    names: Mapping[str, str]
    like: int | None = None


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """The list of one year, in order. `provisional`: the list is not known, and the days are a guess."""

    year: int
    days: tuple[OfficialDay, ...]
    provisional: bool

    def special_days(self, language: str) -> tuple[SpecialDay, ...]:
        """The days as a calendar takes them, with names in "zh" or "en"."""
        return tuple(SpecialDay(day.on, day.kind, day.names[language], like=day.like) for day in self.days)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days off without a working day between them, and the make-up days for them."""

    days: tuple[date, ...]
    names: Mapping[str, str]
    made_up: Mapping[date, date]  # from the day worked to the day off


def chinese_year(year: int) -> OfficialYear:
    """Days off and make-up working days of a year in mainland China.

    Days off are whole stretches, with the weekends in and around them, as the official list gives them: that matters
    to a firm that works on Saturdays.
    """
    # A new year's holiday may reach into the year before, and be made up there.
    labels, worked = _look_up([year - 1, year, year + 1])
    stretches = list(_stretches(labels, worked))
    found = [
        OfficialDay(on, DayKind.HOLIDAY, _names([labels[on]]) if _is_festival(on, labels) else stretch.names)
        for stretch in stretches
        for on in stretch.days
    ]
    found += [_make_up(on, stretches) for on in worked]
    days = sorted((day for day in found if day.on.year == year), key=lambda day: day.on)
    return OfficialYear(year, tuple(days), provisional=not any(on.year == year for on in worked))


def _look_up(years: list[int]) -> tuple[Mapping[date, str], set[date]]:
    """What the library says: days off with their labels, and weekend days that are worked."""
    # Takes 12 MB and a moment to load, and is needed on one page of the settings only.
    import holidays

    book = holidays.country_holidays("CN", years=years, language="zh_CN")
    return book, book.weekend_workdays


def _stretches(labels: Mapping[date, str], worked: set[date]) -> Iterator[_Stretch]:
    def is_off(on: date) -> bool:
        return on in labels or (on.weekday() >= SATURDAY and on not in worked)

    last = date.min
    for first in sorted(labels):
        if first <= last:
            continue
        while is_off(first - DAY):
            first -= DAY
        last = first
        while is_off(last + DAY):
            last += DAY
        days = tuple(first + number * DAY for number in range((last - first).days + 1))
        moved = ((on, match) for on in days if (match := _MOVED.search(labels.get(on, ""))))
        yield _Stretch(
            days,
            names=_names([labels[on] for on in days if _is_festival(on, labels)]),
            made_up={date.fromisoformat(match.group(1)): on for on, match in moved},
        )


def _is_festival(on: date, labels: Mapping[date, str]) -> bool:
    """Whether a day has a name of its own, and is not off because of its neighbours."""
    return on in labels and not _MOVED.search(labels[on])


def _names(labels: list[str]) -> dict[str, str]:
    """What some days off are called together, by language."""
    bare = [_OBSERVED.sub("", label) for label in labels]
    pairs = dict.fromkeys(FESTIVALS.get(name, (name, name)) for name in bare)
    return {"zh": "、".join(zh for zh, _en in pairs), "en": ", ".join(en for _zh, en in pairs)}


def _make_up(on: date, stretches: list[_Stretch]) -> OfficialDay:
    """A weekend day that is worked. Where no day off names it, it belongs to the nearest stretch and weekday."""
    for stretch in stretches:
        if on in stretch.made_up:
            return OfficialDay(on, DayKind.MAKE_UP, stretch.names, like=stretch.made_up[on].weekday())
    nearest = min(stretches, key=lambda stretch: min(abs(day - on) for day in stretch.days))
    return OfficialDay(on, DayKind.MAKE_UP, nearest.names, like=FRIDAY if on.weekday() == SATURDAY else 0)
