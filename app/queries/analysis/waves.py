"""One wave as it is compared: plan, frame, and the rows that the filter leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.queries.frames import Frame, Plan
from app.queries.frames.frame import Mask, Wide
from app.rules.questionnaire import ScoredItem
from app.stats.status import reverse
from app.stats.types import FloatArray, Scale


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
            values = self.frame.column(code, self.mask).values
            turned = reverse(values, self.scale(code)) if self.plan.items[code].reverse else values
            self._values[code] = turned
        return self._values[code]

    def index_values(self, code: str) -> FloatArray:
        """The same on 0–100."""
        scale = self.scale(code)
        return (self.values(code) - scale.low) * (100 / (scale.high - scale.low))

    def top_values(self, code: str) -> FloatArray:
        """1 for an answer in the top box, 0 for another, NaN where not valid."""
        values = self.values(code)
        return (values >= self.scale(code).top_box) + 0.0 * values

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
