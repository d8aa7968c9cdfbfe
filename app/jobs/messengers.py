"""The messenger thread of the worker: posts what is due, one message after the other, each step stored first.

A thread of its own, because a messenger may take its time, and neither jobs nor mails shall wait for it.
"""

import logging
import time
from collections.abc import Callable
from functools import partial

from flask import Flask
from sqlalchemy.exc import OperationalError

from app import clock
from app.adapters.messenger import Line, NoLine
from app.errors import Refused
from app.extensions import db
from app.jobs.runner import release, trace_without_values, transaction
from app.rules.messengers import verdict
from app.services import messengers

log = logging.getLogger("heed.messengers")

IDLE_SECONDS = 1.0
LEASE_CHECK_SECONDS = 20.0
# Not worth another try: somebody has to change the address.
FINAL = frozenset({"private_address"})


def run_forever(app: Flask, stop: Callable[[], bool]) -> None:
    """Post what is due until `stop()` says so. A database that is busy or away is waited for."""
    poster = Poster(Line)
    while not stop():
        worked = False
        with app.app_context():
            try:
                worked = poster.round()
            except OperationalError:
                log.warning("the database is not available; trying again")
            except Exception:
                log.error("a message could not be posted:\n%s", trace_without_values())
            finally:
                db.session.remove()
        if not worked:
            time.sleep(IDLE_SECONDS)


class Poster:
    """Posts one message a round. `line` makes a connection to a host; tests give another one."""

    def __init__(self, line: Callable[[str], Line]) -> None:
        self._line = line
        self._leases_checked = 0.0

    def round(self) -> bool:
        """Post the next message. Returns whether there was one."""
        self._check_leases()
        with transaction():
            post_id = messengers.claim(now=clock.now())
        if post_id is None:
            return False
        try:
            outgoing = messengers.prepare(post_id, now=clock.now())
        except Refused as refused:
            self._not_posted(post_id, refused.code, again=False)
            return True
        except Exception:
            # One message that can't be made must not keep all later ones waiting.
            log.error("message %s can't be composed:\n%s", post_id, trace_without_values())
            self._not_posted(post_id, "not_composable", again=False)
            return True
        release()
        self._post(outgoing)
        return True

    def _post(self, outgoing: messengers.Outgoing) -> None:
        line = self._line(outgoing.host)
        try:
            line.open()
        except NoLine as trouble:
            self._not_posted(outgoing.post_id, trouble.code, again=trouble.code not in FINAL)
            return
        try:
            with transaction():
                begun = messengers.begin(outgoing.post_id, now=clock.now())
            if begun:
                answer = line.post(outgoing.path, outgoing.body)
                judged = verdict(outgoing.kind, answer.status, answer.body)
                self._surely(partial(messengers.posted, outgoing.post_id, judged))
        finally:
            line.close()

    def _not_posted(self, post_id: int, reason: str, *, again: bool) -> None:
        with transaction():
            messengers.not_posted(post_id, reason, again=again, now=clock.now())

    def _surely(self, store: Callable[..., None]) -> None:
        """Store an outcome that is known, also when the database is busy for a moment."""
        for pause in (0.5, 2.0, 5.0):
            try:
                with transaction():
                    store(now=clock.now())
                return
            except OperationalError:
                time.sleep(pause)
        with transaction():
            store(now=clock.now())

    def _check_leases(self) -> None:
        if self._leases_checked and time.monotonic() - self._leases_checked < LEASE_CHECK_SECONDS:
            return
        self._leases_checked = time.monotonic()
        with transaction():
            back, lost = messengers.expire_leases(now=clock.now())
        if back or lost:
            log.warning("a worker has died: %d messages go again, of %d nobody knows", back, lost)
