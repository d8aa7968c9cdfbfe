"""Request limits per source address. Sign-in has its own memory in the database (accounts)."""

import logging
import time

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

log = logging.getLogger("heed.web")

REST_SECONDS = 30.0

limiter = Limiter(get_remote_address)


class _Counters:
    """The shared counters, and this process's own while Redis is gone: guessing must not become free."""

    def __init__(self) -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    def hit(self, limit: RateLimitItem, what: str, source: str) -> bool:
        """Count one event; False when it was one too many."""
        if time.monotonic() >= self._away_until:
            try:
                return limiter.limiter.hit(limit, what, source)
            except Exception as error:
                # Left alone for a while: a stalled Redis would keep each request, and its place, for a second.
                self._away_until = time.monotonic() + REST_SECONDS
                log.warning("limits are counted in this process only: %s", type(error).__name__)
        return self._own.hit(limit, what, source)

    def ask_again(self) -> None:
        """Try the shared counters at once."""
        self._away_until = 0.0


_counters = _Counters()


def within(limit: RateLimitItem, what: str) -> bool:
    """Count one event of the present source; False when it was one too many."""
    return _counters.hit(limit, what, get_remote_address())


def init_app(app: Flask) -> None:
    """Counters in Redis when there is one, otherwise in this process (see config.py)."""
    _counters.ask_again()
    limiter.init_app(app)
