"""Changing a stored calendar: every function takes a document and gives the changed one. Shape: `rules.clocks.documents`.

`unit` None means the firm's calendar. Documents are never changed in place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.errors import Refused
from app.rules.clocks.documents import week_document, week_of
from app.rules.worktime import CalendarError, DayKind, Span, SpecialDay, find_problems
from app.rules.worktime.calendar import Spans

Document = Mapping[str, Any]
EARLIEST, LATEST = 2000, 2199
LONGEST_DAYS = 366
MOST_ENTRIES = 300
OWN_KINDS = (DayKind.HOLIDAY, DayKind.MAKE_UP, DayKind.OWN_HOURS)


@dataclass(frozen=True)
class OwnDays:
    """Days entered by people: closed, worked like a weekday (0 = Monday), or with hours of their own."""

    first: date
    last: date
    kind: DayKind
    name: str
    name_en: str = ""
    spans: Spans = ()
    like: int | None = None

    @property
    def document(self) -> dict[str, Any]:
        """As it is stored; without an English name the other one stands in for it."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "kind": self.kind.value,
            "names": {"zh": self.name, "en": self.name_en or self.name},
            "spans": [[span.opens, span.closes] for span in self.spans],
            "like": self.like,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "OwnDays":
        """The entry that `document` stored."""
        names = stored["names"]
        return cls(
            date.fromisoformat(stored["first"]),
            date.fromisoformat(stored["last"]),
            DayKind(stored["kind"]),
            names["zh"],
            "" if names["en"] == names["zh"] else names["en"],
            tuple(Span(opens, closes) for opens, closes in stored["spans"]),
            stored["like"],
        )


def own_days(document: Document, unit: int | None = None) -> tuple[OwnDays, ...]:
    """What people have entered, in order."""
    holder = document if unit is None else document["units"][str(unit)]
    return tuple(OwnDays.of(one) for one in holder.get("own_days", ()))


def week(document: Document, unit: int | None = None) -> tuple[Spans, ...]:
    """The hours of the firm, or of a unit that has its own calendar."""
    return week_of((document if unit is None else document["units"][str(unit)])["week"])


def units(document: Document) -> tuple[int, ...]:
    """Units that have a calendar of their own."""
    return tuple(int(unit) for unit in document.get("units", {}))


def with_week(document: Document, unit: int | None, hours: tuple[Spans, ...], follows: bool) -> Document:
    """Other hours; `follows`: the unit keeps the firm's special days too. Raises `Refused` `never_open`."""
    if not any(hours):
        raise Refused("never_open")
    changed: dict[str, Any] = {"week": week_document(hours)}
    return _put(document, unit, changed if unit is None else changed | {"follows": follows})


def with_days(document: Document, unit: int | None, entry: OwnDays) -> Document:
    """One entry more; the very same one again changes nothing.

    Raises `Refused`: `ends_before`, `too_long`, `outside_years`, `days_overlap`, `too_many`, or a code of
    `worktime.Problem`.
    """
    present = own_days(document, unit)
    if entry in present:
        return document
    check_days(entry)
    if len(present) >= MOST_ENTRIES:
        raise Refused("too_many")
    for one in present:
        if one.first <= entry.last and entry.first <= one.last:
            raise Refused("days_overlap", first=one.first, last=one.last, name=one.name)
    ordered = sorted((*present, entry), key=lambda one: one.first)
    return _put(document, unit, {"own_days": [one.document for one in ordered]})


def check_days(entry: OwnDays) -> None:
    """Raises `Refused` as `with_days`."""
    if entry.last < entry.first:
        raise Refused("ends_before")
    if not EARLIEST <= entry.first.year <= entry.last.year <= LATEST:
        raise Refused("outside_years")
    if (entry.last - entry.first).days >= LONGEST_DAYS:
        raise Refused("too_long")
    day = SpecialDay(entry.first, entry.kind, entry.name, entry.spans, entry.like)
    problem = next(find_problems(((),) * 7, (day,)), None)
    if problem:
        raise Refused(problem.code)


def without_days(document: Document, unit: int | None, first: date) -> Document:
    """Without the entry that begins on a day; when there is none, nothing changes."""
    kept = [one.document for one in own_days(document, unit) if one.first != first]
    return _put(document, unit, {"own_days": kept}) if len(kept) < len(own_days(document, unit)) else document


def with_unit(document: Document, unit: int) -> Document:
    """The unit gets a calendar of its own, which begins as the firm's."""
    if unit in units(document):
        return document
    own = {"week": document["week"], "own_days": [], "follows": True}
    return {**document, "units": {**document.get("units", {}), str(unit): own}}


def without_unit(document: Document, unit: int) -> Document:
    """The unit works by the firm's calendar again."""
    kept = {key: own for key, own in document.get("units", {}).items() if key != str(unit)}
    return {**document, "units": kept} if unit in units(document) else document


def with_year(document: Document, year: int, *, known: bool) -> Document:
    """A person says that all holidays of a year are entered, or that they are not. Raises `Refused` `outside_years`."""
    if not EARLIEST <= year <= LATEST:
        raise Refused("outside_years")
    provisional, confirmed = set(document["provisional"]), set(document.get("confirmed", ()))
    if known:
        confirmed |= {year} & provisional
        provisional -= {year}
    elif year in confirmed:
        confirmed -= {year}
        provisional |= {year}
    if sorted(provisional) == sorted(document["provisional"]):
        return document
    return {**document, "provisional": sorted(provisional), "confirmed": sorted(confirmed)}


def _put(document: Document, unit: int | None, changed: Mapping[str, Any]) -> Document:
    if unit is None:
        return {**document, **changed}
    own = document.get("units", {})
    if str(unit) not in own:
        raise Refused("no_own_calendar")
    return {**document, "units": {**own, str(unit): {**own[str(unit)], **changed}}}


@dataclass(frozen=True)
class Difference:
    """One thing that is another one in the later version. `unit` None: the firm's calendar.

    `what`: `week` (`place` a weekday; `before` and `after` its spans), `days_added`, `days_removed` (`days`),
    `follows`, `unit_added`, `unit_removed`, `year_known`, `year_provisional`, `list_changed` (`place` a year).
    """

    what: str
    unit: int | None = None
    place: int = 0
    before: Spans = ()
    after: Spans = ()
    days: OwnDays | None = None


def differences(before: Document, after: Document) -> list[Difference]:
    """Everything that a person would want to know about a new version."""
    found = [*_weeks(before, after, None), *_days(before, after, None), *_years(before, after)]
    old, new = units(before), units(after)
    for unit in new:
        if unit not in old:
            found.append(Difference("unit_added", unit))
            continue
        found += [*_weeks(before, after, unit), *_days(before, after, unit)]
        if before["units"][str(unit)]["follows"] != after["units"][str(unit)]["follows"]:
            found.append(Difference("follows", unit, place=int(after["units"][str(unit)]["follows"])))
    return found + [Difference("unit_removed", unit) for unit in old if unit not in new]


def _weeks(before: Document, after: Document, unit: int | None) -> Iterator[Difference]:
    for weekday, (old, new) in enumerate(zip(week(before, unit), week(after, unit), strict=True)):
        if old != new:
            yield Difference("week", unit, weekday, old, new)


def _days(before: Document, after: Document, unit: int | None) -> Iterator[Difference]:
    old, new = own_days(before, unit), own_days(after, unit)
    yield from (Difference("days_added", unit, days=one) for one in new if one not in old)
    yield from (Difference("days_removed", unit, days=one) for one in old if one not in new)


def _years(before: Document, after: Document) -> Iterator[Difference]:
    old, new = set(before["provisional"]), set(after["provisional"])
    yield from (Difference("year_known", place=year) for year in sorted(old - new))
    yield from (Difference("year_provisional", place=year) for year in sorted(new - old))
    lists = [
        {year: [day for day in one["special_days"] if day["on"].startswith(str(year))] for year in _listed(one)}
        for one in (before, after)
    ]  # fmt: skip
    for year in sorted(lists[1]):
        if lists[0].get(year) != lists[1][year]:
            yield Difference("list_changed", place=year)


def _listed(document: Document) -> set[int]:
    """Years of which the document has an official list or a guess."""
    return {int(day["on"][:4]) for day in document["special_days"]}


__all__ = [
    "OWN_KINDS", "CalendarError", "Difference", "OwnDays", "check_days", "differences", "own_days", "units", "week",
    "with_days", "with_unit", "with_week", "with_year", "without_days", "without_unit",
]  # fmt: skip
