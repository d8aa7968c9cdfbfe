"""Disclosure control: which cells of a table of groups may be shown."""

from collections.abc import Sequence
from enum import StrEnum

from app.stats.types import SUPPRESS_BELOW, WARN_BELOW


class Disclosure(StrEnum):
    """What may be published of a cell."""

    SHOWN = "shown"
    SMALL_N = "small_n"
    EMPTY = "empty"
    SUPPRESS = "suppress"
    SUPPRESS_SECONDARY = "suppress_secondary"

    @property
    def hidden(self) -> bool:
        """Whether figures of the cell stay out of pages, files and tests."""
        return self in (Disclosure.SUPPRESS, Disclosure.SUPPRESS_SECONDARY)


def _primary(n: int, least: int) -> Disclosure:
    if n == 0:
        return Disclosure.EMPTY
    if n < least:
        return Disclosure.SUPPRESS
    return Disclosure.SMALL_N if n < WARN_BELOW else Disclosure.SHOWN


def disclose(
    ns: Sequence[int], *, total_published: bool = True, least: int = SUPPRESS_BELOW
) -> tuple[Disclosure, ...]:
    """Decide which groups of one total may be shown.

    Parameters
    ----------
    ns : sequence of int
        Cases of each group; together they make up the total.
    total_published : bool
        Whether the total is shown beside the groups, so that one hidden group could
        be found by subtraction.
    least : int
        Cases below which a group is hidden; 5 unless the firm asks for more.

    Returns
    -------
    tuple of Disclosure
        Same order. Fewer than `least` cases are suppressed, up to 29 marked `small_n`. If the
        total is published and exactly one group is hidden, the next smallest is hidden
        too (ties: the first). An empty group has nothing to hide and hides nothing.

    Raises
    ------
    ValueError
        ``negative_count``.

    Notes
    -----
    One step goes beyond the usual rule: further groups are hidden while all hidden
    ones together have fewer than `least` cases, because subtraction gives those cases as
    a group.

    Examples
    --------
    >>> [state.value for state in disclose([40, 3, 12, 25])]
    ['shown', 'suppress', 'suppress_secondary', 'small_n']
    >>> [state.value for state in disclose([40, 3], total_published=False)]
    ['shown', 'suppress']
    """
    if any(n < 0 for n in ns):
        raise ValueError("negative_count")
    states = [_primary(n, least) for n in ns]
    hidden = [i for i, state in enumerate(states) if state.hidden]
    if not (total_published and hidden):
        return tuple(states)
    open_groups = (i for i, state in enumerate(states) if not state.hidden and ns[i] > 0)
    for i in sorted(open_groups, key=lambda group: (ns[group], group)):
        if len(hidden) > 1 and sum(ns[j] for j in hidden) >= least:
            break
        states[i] = Disclosure.SUPPRESS_SECONDARY
        hidden.append(i)
    return tuple(states)
