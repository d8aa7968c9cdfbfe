"""The tree of units as plain pairs: what is below what, and what may be moved where."""

from collections.abc import Mapping

MAX_DEPTH = 6


def chain_above(unit_id: int, parents: Mapping[int, int | None]) -> list[int]:
    """Ids from a unit's parent up to the root."""
    above: list[int] = []
    current = parents.get(unit_id)
    while current is not None and current not in above:
        above.append(current)
        current = parents.get(current)
    return above


def height(unit_id: int, parents: Mapping[int, int | None]) -> int:
    """Number of levels from a unit down to its deepest descendant, itself included."""
    children = [child for child, parent in parents.items() if parent == unit_id]
    return 1 + max((height(child, parents) for child in children), default=0)


def refusal(unit_id: int | None, parent_id: int | None, parents: Mapping[int, int | None]) -> str | None:
    """Return why a unit (None: a new one) can't stand under a parent (None: at the top), or None.

    Codes: `no_such_parent`, `below_itself`, `too_deep`.
    """
    if parent_id is None:
        return None
    if parent_id not in parents:
        return "no_such_parent"
    above = [parent_id, *chain_above(parent_id, parents)]
    if unit_id is not None and unit_id in above:
        return "below_itself"
    own_height = 1 if unit_id is None else height(unit_id, parents)
    return "too_deep" if len(above) + own_height > MAX_DEPTH else None
