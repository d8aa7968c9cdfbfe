"""From results of `stats` to figures of the summary: estimates, and changes read together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.queries.figures.model import Difference, Figure
from app.stats.change import Change, Direction, ProportionChange
from app.stats.types import Estimate, Interval

NOTHING = Figure(None, None, None, 0, "hidden")
Adjust = Callable[[Sequence[float | None]], tuple[float | None, ...]]


def figure(estimate: Estimate, factor: float = 1.0) -> Figure:
    """The estimate, times `factor` (100 turns a rate into percent)."""
    value = None if estimate.value is None else factor * estimate.value
    ci = estimate.ci and estimate.ci.scaled(factor)
    return Figure(value, ci.low if ci else None, ci.high if ci else None, estimate.n, estimate.reason)


@dataclass(frozen=True)
class Compared:
    """A change before correction, with the earlier figure. `test` None: not compared, `reasons` say why."""

    previous: Figure
    test: Change | ProportionChange | None
    reasons: tuple[str, ...] = ()
    partial: bool = False

    @property
    def p(self) -> float | None:
        if self.test is None or self.test_direction(None) is Direction.NOT_TESTED:
            return None
        return self.test.headline_p if isinstance(self.test, ProportionChange) else self.test.headline.p

    @property
    def ci(self) -> Interval | None:
        if self.test is None:
            return None
        return self.test.headline_ci if isinstance(self.test, ProportionChange) else self.test.headline.ci

    def test_direction(self, p: float | None) -> Direction:
        return Direction.NOT_TESTED if self.test is None else self.test.direction(p)

    def difference(self, p_adjusted: float | None) -> Difference:
        """The change as it is published; `p_adjusted` decides the direction."""
        test = self.test.points if isinstance(self.test, ProportionChange) else self.test
        ci = self.ci
        return Difference(
            self.previous,
            test.diff if test else None,
            ci.low if ci else None,
            ci.high if ci else None,
            self.p,
            p_adjusted,
            self.test_direction(p_adjusted).value,
            test.n_overlap if test else 0,
            self.reasons,
            self.partial,
        )


def single(compared: Compared | None) -> Difference | None:
    """A change read by itself: its p is not corrected."""
    return None if compared is None else compared.difference(compared.p)


def family(compared: Mapping[str, Compared], adjust: Adjust) -> dict[str, Difference]:
    """Changes read together, corrected by `adjust`."""
    adjusted = adjust([one.p for one in compared.values()])
    return {name: one.difference(p) for (name, one), p in zip(compared.items(), adjusted, strict=True)}
