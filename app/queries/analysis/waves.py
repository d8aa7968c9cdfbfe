"""One wave as it is compared: plan, frame, and the rows that the filter leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.queries.frames import Frame, Plan
from app.queries.frames.frame import Tally, Wide, pairs
from app.rules.questionnaire import ScoredItem
from app.stats.counted import Counted
from app.stats.difference import Overlap
from app.stats.status import reverse
from app.stats.types import FloatArray, IntArray, Mask, Scale


@dataclass(frozen=True)
class Wave:
    """A survey under a filter. Values are turned, so that high always means good."""

    plan: Plan
    frame: Frame
    mask: Mask

    @cached_property
    def n(self) -> int:
        return int(self.mask.sum())

    @cached_property
    def customers(self) -> Wide:
        return self.frame.customers[self.mask]

    @cached_property
    def _values(self) -> dict[str, FloatArray]:
        return {}

    def scale(self, code: str) -> Scale:
        item = self.plan.items[code]
        return Scale(item.min, item.max)

    def values(self, code: str) -> FloatArray:
        """Answers of the selected rows, NaN where not valid."""
        if code not in self._values:
            values = self.frame.values(code, self.mask)
            turned = reverse(values, self.scale(code)) if self.plan.items[code].reverse else values
            self._values[code] = turned
        return self._values[code]

    @cached_property
    def _tallies(self) -> dict[str, Tally]:
        return {}

    def tally(self, code: str) -> Tally:
        """The selected rows by their answer; points are not turned."""
        if code not in self._tallies:
            self._tallies[code] = self.frame.tally(code, self.mask)
        return self._tallies[code]

    def counts(self, code: str) -> IntArray:
        """Answers at each point of the scale."""
        return self._on_scale(code, self.tally(code).points)

    def counted(self, code: str, earlier: "Wave", overlap: Overlap) -> Counted:
        """Both waves' answers to a question that is the same in them. `overlap` holds rows of the two selections."""
        before = earlier.frame.codes(code, earlier.mask)[overlap.old]
        table = pairs(before, self.frame.codes(code, self.mask)[overlap.new])
        turned = self._on_scale(code, self._on_scale(code, table).T).T
        return Counted(earlier.counts(code), self.counts(code), turned, overlap.repeated_ids)

    def _on_scale(self, code: str, found: IntArray) -> IntArray:
        """Of counts by point (the first axis) those of the scale, turned where high means bad."""
        scale = self.scale(code)
        counts = found[scale.low : scale.high + 1]
        return counts[::-1] if self.plan.items[code].reverse else counts

    def hidden(self, codes: Iterable[str], least: int, *, cautious: bool) -> str | None:
        """Why figures of these items may not be shown for this selection: `too_few`, `would_reveal`, or None."""
        wanted = tuple(codes)
        n = self.frame.answered(wanted, self.mask)
        if n < least:
            return "too_few"
        others = self.frame.answered(wanted, ~self.mask)
        return "would_reveal" if cautious and 0 < others < least else None

    def has_answers(self, code: str) -> bool:
        return self.frame.answered((code,), self.mask) > 0


def turned_labels(
    item: ScoredItem,
) -> tuple[tuple[Mapping[str, str], ...], Mapping[str, str], Mapping[str, str]]:
    """Labels from the worst to the best point, and the words of both ends."""
    if item.reverse:
        return tuple(reversed(item.labels)), item.high, item.low
    return tuple(item.labels), item.low, item.high
