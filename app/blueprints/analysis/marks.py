"""From figures to what is drawn and printed: marks with their axis, changes with their words."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.queries.figures.model import Difference, Figure, Measure
from app.web.filters import number, signed, span

_STEPS = (1, 2, 5, 10, 20, 25, 50)
_SMALL = 30


@dataclass(frozen=True)
class Axis:
    """Ends of an axis and the values printed below it."""

    low: float
    high: float
    ticks: list[tuple[float, str]]

    @property
    def grid(self) -> list[float]:
        return [value for value, _text in self.ticks]


@dataclass(frozen=True)
class Change:
    """A change in words. `direction`: better | worse where it is significant, else None; `reason` where the
    two waves are not compared."""

    text: str
    direction: str | None
    rising: bool
    reason: str | None = None


@dataclass(frozen=True)
class Mark:
    """A score mark: dot, interval, and the wave before."""

    value: float
    low: float | None
    high: float | None
    previous: float | None
    previous_low: float | None
    previous_high: float | None
    label: str


def axis(
    measures: Iterable[Measure], lowest: float, highest: float, *, most_ticks: int = 5, unit: str = ""
) -> Axis:
    """An axis around all marks, from and to a round number, within the ends of the scale."""
    points = [
        value
        for measure in measures
        for figure in (measure.now, measure.change.previous if measure.change else None)
        if figure is not None and figure.value is not None
        for value in _clipped(figure, lowest, highest)
        if value is not None
    ]
    if not points:
        return Axis(
            lowest, highest, [(lowest, number(lowest, 0) + unit), (highest, number(highest, 0) + unit)]
        )
    low, high = min(points), max(points)
    for step in _STEPS:
        first = max(lowest, step * math.floor((low - 0.2 * step) / step))
        last = min(highest, step * math.ceil((high + 0.2 * step) / step))
        count = round((last - first) / step)
        if count < most_ticks:
            break
    ticks = [first + step * place for place in range(count + 1)]
    return Axis(first, last, [(tick, number(tick, 0) + unit) for tick in ticks])


def _clipped(figure: Figure, lowest: float, highest: float) -> Sequence[float | None]:
    return [
        None if value is None else min(max(value, lowest), highest)
        for value in (figure.value, figure.low, figure.high)
    ]


def mark(measure: Measure, name: str, lowest: float, highest: float) -> Mark | None:
    """The mark of a measure; None without a value."""
    value, low, high = _clipped(measure.now, lowest, highest)
    if value is None:
        return None
    before = measure.change.previous if measure.change else None
    previous = _clipped(before, lowest, highest) if before else [None, None, None]
    label = _("%(name)s: %(value)s", name=name, value=number(value))
    if low is not None and high is not None:
        label += _(", 95%% interval %(span)s", span=span(low, high))
    if previous[0] is not None:
        label += _(", before %(value)s", value=number(previous[0]))
    return Mark(value, low, high, previous[0], previous[1], previous[2], label)


def change(difference: Difference | None, *, interval: bool = False, digits: int = 1) -> Change | None:
    """A change in words: its size, its interval where asked for, and whether it is clear."""
    if difference is None:
        return None
    if difference.diff is None:
        return Change("", None, True, reason_words(difference.reasons))
    text = signed(difference.diff, digits)
    if interval and difference.low is not None and difference.high is not None:
        text = _("%(value)s (%(span)s)", value=text, span=span(difference.low, difference.high, digits))
    if difference.direction == "not_tested":
        return Change("", None, True, _("%(value)s, not tested", value=text))
    rising = difference.diff > 0
    direction = {"rise": "better", "fall": "worse"}.get(difference.direction)
    return Change(text, direction, rising)


def reason_words(reasons: Sequence[str]) -> str:
    """Why two waves are not compared."""
    words = {
        "type": _("not comparable: the kind of question changed"),
        "wording": _("not comparable: the wording changed"),
        "scale": _("not comparable: the scale changed"),
        "labels": _("not comparable: the answer labels changed"),
        "direction": _("not comparable: the scale was turned round"),
        "not_applicable": _("not comparable: “not applicable” was added or removed"),
        "new": _("new in this survey"),
        "too_few": _("too few answers in the earlier survey"),
        "live": _("not compared while the survey is open"),
    }
    known = [words[reason] for reason in words if reason in reasons]
    return known[0] if known else _("not compared")


def hidden_words(hidden: str | None, least: int) -> str:
    """Why a figure is not shown."""
    if hidden == "would_reveal":
        return _("not shown, so that nobody can be singled out")
    return _("fewer than %(least)s answers: not shown", least=least)


def interval(figure: Figure, lowest: float, highest: float, digits: int = 1) -> str:
    """The interval cut to the scale, or "–"."""
    _value, low, high = _clipped(figure, lowest, highest)
    return span(low, high, digits)


def is_small(n: int) -> bool:
    """Whether a reader has to be told that the number is small."""
    return 0 < n < _SMALL


def listed(names: Sequence[str]) -> str:
    """Names in one phrase: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s", first=_(", ").join(names[:-1]), last=names[-1])
