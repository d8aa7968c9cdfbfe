"""What can go wrong on purpose. Services and rules raise these; `web.error_pages` words them."""

from typing import Any


class HeedError(Exception):
    """Base of the expected failures. `code` names the sentence a person will read."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Refused(HeedError):
    """The step is not legal now (409)."""


class Stale(HeedError):
    """The row was changed by somebody else since it was read (409)."""


class Missing(HeedError):
    """There is no such row, or none this person may see (404)."""
