"""Which rows a filter leaves, and whether what is left may be shown."""

from collections.abc import Iterator

from app.queries.analysis.asking import Asking
from app.queries.analysis.model import Facet
from app.queries.frames.frame import FIELDS, Frame
from app.stats.grouping import disclose
from app.stats.types import Mask


def selection(frame: Frame, asking: Asking) -> Mask:
    """Rows of a wave that the filter leaves."""
    return frame.where(asking.filters.chosen, asking.filters.customers)


def refusal(frame: Frame, mask: Mask, asking: Asking) -> str | None:
    """Why the selection may not be shown (`too_few`, `would_reveal`), or None.

    For cautious readers the rest must not be small either, neither within the whole survey nor within any
    group they could ask for beside it, and a group that is hidden among its siblings stays hidden.
    """
    n = int(mask.sum())
    if n < asking.least:
        return "too_few"
    if not (asking.cautious and asking.filters.used):
        return None
    if len(asking.filters.chosen) + (asking.filters.segment is not None) > 1:
        return "would_reveal"
    for field, text in asking.filters.chosen.items():
        if text not in open_values(frame, field, asking.least):
            return "would_reveal"
    for group in _groups(frame):
        if not (mask & ~group).any() and 0 < int((group & ~mask).sum()) < asking.least:
            return "would_reveal"
    return None


def _groups(frame: Frame) -> Iterator[Mask]:
    """The whole survey and every group that one filter gives."""
    yield frame.where({})
    for field in FIELDS:
        for text in frame.labels[field].counts():
            yield frame.labels[field].equal(text)


def open_values(frame: Frame, field: str, least: int) -> dict[str, int]:
    """Values of a field whose groups may be shown beside the total."""
    counts = frame.labels[field].counts()
    states = disclose(list(counts.values()), least=least)
    return {
        text: n for (text, n), state in zip(counts.items(), states, strict=True) if text and not state.hidden
    }


def facets(frame: Frame, asking: Asking) -> tuple[Facet, ...]:
    """What can be chosen: fields with at least two groups."""
    found = []
    for field in FIELDS:
        counts = frame.labels[field].counts()
        if len(counts) < 2:
            continue
        options = (
            open_values(frame, field, asking.least)
            if asking.cautious
            else {text: n for text, n in counts.items() if text and n >= asking.least}
        )
        if options:
            found.append(Facet(field, dict(sorted(options.items(), key=lambda pair: (-pair[1], pair[0])))))
    return tuple(found)
