"""What the publishing check reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error forbids publishing, a warning asks for a second look, a hint is advice."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    `path` is `questions/<id>/…`, `pages/<id>/…` or a top-level key; for `malformed` it is the
    place in the JSON by index.
    """

    severity: Severity
    code: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def question_id(self) -> str | None:
        """The question the finding belongs to, if any."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "questions" and len(parts) > 1 else None
