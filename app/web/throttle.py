"""Request limits per source address. Sign-in has its own memory in the database (accounts)."""

import logging

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

log = logging.getLogger("heed.web")

limiter = Limiter(get_remote_address)
# Counts in this process while Redis is gone: guessing must not become free.
_own = FixedWindowRateLimiter(MemoryStorage())


def within(limit: RateLimitItem, what: str) -> bool:
    """Count one event of the present source; False when it was one too many."""
    source = get_remote_address()
    try:
        return limiter.limiter.hit(limit, what, source)
    except Exception as error:
        log.warning("limits are counted in this process only: %s", type(error).__name__)
        return _own.hit(limit, what, source)


def init_app(app: Flask) -> None:
    """Counters in Redis when there is one, otherwise in this process (see config.py)."""
    limiter.init_app(app)
