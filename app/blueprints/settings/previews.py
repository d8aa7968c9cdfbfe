"""What a change would do: the deadlines of an example under the present and the new version."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from app import clock
from app.blueprints.settings import complaint_words as words
from app.queries.complaints.versions import Affected
from app.rules.clocks.examples import Example
from app.web.filters import moment
from app.web.i18n import firm_timezone


@dataclass(frozen=True)
class Line:
    """One clock of one severity; `after` is "" where nothing moves."""

    severity: str
    clock: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """`start`: when the example was received. `affected` None: running cases keep the version they have."""

    start: datetime
    lines: list[Line]
    affected: Affected | None
    running: int = 0

    @property
    def moved(self) -> int:
        """How many deadlines of the example move."""
        return sum(1 for line in self.lines if line.after)


def start_of(typed: datetime | None) -> datetime:
    """The moment of the example, in UTC."""
    if typed is None:
        return clock.now().replace(second=0, microsecond=0)
    return typed.replace(tzinfo=firm_timezone()).astimezone(UTC)


def lines(before: Iterable[Example], after: Iterable[Example]) -> list[Line]:
    """Both beside each other; a clock that only one of them has stands there too."""
    old = {(one.severity, one.clock): one for one in before}
    new = {(one.severity, one.clock): one for one in after}
    return [
        Line(
            str(words.SEVERITIES[key[0]]),
            str(words.CLOCKS[key[1]]),
            _text(old.get(key)),
            "" if key in old and key in new and old[key].due_at == new[key].due_at else _text(new.get(key)),
        )
        for key in dict.fromkeys((*old, *new))
    ]


def _text(example: Example | None) -> str:
    return "–" if example is None else moment(example.due_at)
