"""To whom a new complaint goes by itself: rules by category, unit and severity, the narrowest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """Empty conditions mean any. A rule with three empty ones is the fallback."""

    category_id: int | None
    unit_id: int | None
    severity: str | None
    to_unit_id: int
    handler_id: int | None
    position: int = 0


def choose(
    rules: Iterable[Rule], *, categories: Sequence[int], unit_id: int | None, severity: str
) -> Rule | None:
    """The rule for a complaint; `categories` is its category and those above, nearest first. None: none fits.

    The nearest category counts most, then the unit, then the severity, then the order of the rules.
    """
    fitting = (
        rule
        for rule in rules
        if rule.category_id in (None, *categories)
        and rule.unit_id in (None, unit_id)
        and rule.severity in (None, severity)
    )
    return min(fitting, key=lambda rule: _width(rule, categories), default=None)


def _width(rule: Rule, categories: Sequence[int]) -> tuple[int, bool, bool, int]:
    category = rule.category_id
    distance = len(categories) if category is None else categories.index(category)
    return distance, rule.unit_id is None, rule.severity is None, rule.position
