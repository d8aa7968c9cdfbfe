"""The reading thread of the worker: looks into the mailbox every minute and takes in what is new.

A thread of its own, because a mail server may take its time, and neither jobs nor mails that go out shall wait for it.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import clock
from app.adapters.mailbox import MOST_BYTES, MOST_BYTES_WHOLE, MailboxTrouble, MailFolder
from app.extensions import db
from app.jobs.runner import release, trace_without_values, transaction
from app.models import Firm
from app.rules.inbound import Judged, Kind, judge
from app.services import letters
from app.services import mailbox as service
from app.services.mailbox import Arrival
from config import MailboxServer

log = logging.getLogger("heed.mailbox")

# After so many failures in a row: a server that is away is not pestered, and a wrong password locks no account.
WAITS = (60.0, 120.0, 300.0, 600.0, 1800.0)
SLEEP_SECONDS = 0.5
BATCH = 50


def run_forever(app: Flask, stop: Callable[[], bool]) -> None:
    """Read the mailbox of the settings until `stop()` says so; return at once when there is none."""
    server = app.config["HEED"].mailbox
    if server is None:
        return
    reader = Reader(server, stop=stop)
    while not stop():
        with app.app_context():
            wait = reader.attempt()
            db.session.remove()
        until = time.monotonic() + wait
        while not stop() and time.monotonic() < until:
            time.sleep(SLEEP_SECONDS)


class Reader:
    """Reads one folder. It remembers only how often it has failed; everything that must hold is in the rows."""

    def __init__(self, server: MailboxServer, *, stop: Callable[[], bool] = lambda: False) -> None:
        self._server = server
        self._stop = stop
        self._failures = 0

    def attempt(self) -> float:
        """Read what is new. Returns after how many seconds to look again; never raises."""
        try:
            self.read()
        except MailboxTrouble as trouble:
            self._troubled(trouble.code)
        except OperationalError:
            log.warning("the database is not available; trying again")
        except Exception:
            log.error("reading the mailbox failed:\n%s", trace_without_values())
            self._troubled("internal")
        else:
            self._failures = 0
        return WAITS[min(max(self._failures - 1, 0), len(WAITS) - 1)]

    def read(self) -> None:
        """Take in everything that is new, and put away what was about our own mails. Raises MailboxTrouble.

        Not before the firm exists, and not while its mail rests: a restored copy must not empty the mailbox of the
        installation it was taken from.
        """
        paused = db.session.scalar(select(Firm.mail_paused))
        release()
        if paused is not False:
            return
        with MailFolder(self._server) as folder:
            mark = self._mark(folder)
            numbers = folder.numbers_above(mark)
            self._put_away(folder)
            for start in range(0, len(numbers), BATCH):
                self._batch(folder, numbers[start : start + BATCH])
                if self._stop():
                    return
        with transaction():
            service.note_read(self._server.name, now=clock.now())

    def _mark(self, folder: MailFolder) -> int:
        """How far the folder is read; one that is new to us is read from some weeks back."""
        known = service.mark_of(self._server.name, folder.validity)
        release()
        if known is not None:
            return known
        mark = folder.mark_before((clock.now() - service.LOOK_BACK).date())
        with transaction():
            service.start(self._server.name, folder.validity, mark)
        return mark

    def _batch(self, folder: MailFolder, numbers: list[int]) -> None:
        sizes = folder.sizes(numbers)
        for number in numbers:
            if self._stop():
                break
            self._one(folder, number, *sizes.get(number, (None, None)))
        self._put_away(folder)

    def _one(self, folder: MailFolder, number: int, size: int | None, at: datetime | None) -> None:
        raw = folder.fetch(number) if size is not None else None
        if size is None or raw is None:
            with transaction():
                service.pass_over(self._server.name, folder.validity, number)
            return
        arrival = Arrival(number, size, raw, at)
        judged = _judged(arrival)
        room = _room_for(judged)
        if size > MOST_BYTES:
            # Its beginning says whether it concerns us; of one that is too large even then, the beginning is read.
            if room is None:
                arrival, judged = Arrival(number, size, None, at), Judged(Kind.TOO_LARGE)
            elif (whole := folder.fetch(number, most=MOST_BYTES_WHOLE)) is not None:
                arrival = Arrival(number, size, whole, at)
                judged = _judged(arrival)
        self._take_in(folder.validity, arrival, judged, room)

    def _take_in(self, validity: int, arrival: Arrival, judged: Judged, room: int | None) -> None:
        parcel = None
        try:
            if room is not None and judged.letter is not None:
                parcel = letters.pack(judged.letter, judged.kind, room=room)
            with transaction():
                outcome = service.take_in(
                    self._server.name, validity, arrival, judged, parcel, now=clock.now()
                )
        except OperationalError:
            raise
        except Exception:
            # One mail that can't be taken in is noted and must not keep all later ones waiting.
            log.error("mail %s can't be taken in:\n%s", arrival.number, trace_without_values())
            outcome = ""
            with transaction():
                service.take_in(
                    self._server.name, validity, arrival, Judged(Kind.UNREADABLE), now=clock.now()
                )
        if parcel is not None and outcome not in service.PUT_AWAY:
            letters.forget(parcel)

    def _put_away(self, folder: MailFolder) -> None:
        """After what they led to is stored; also what an earlier worker did not come to."""
        numbers = service.unfiled(self._server.name, folder.validity)
        release()
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            folder.put_away(some)
            with transaction():
                service.note_filed(self._server.name, folder.validity, some)

    def _troubled(self, code: str) -> None:
        self._failures += 1
        log.warning("the mailbox can't be read (%s)", code)
        try:
            with transaction():
                service.note_trouble(self._server.name, code, now=clock.now())
        except Exception:
            # Whatever it is: it must not end the thread that reads.
            log.error("the trouble can't be noted:\n%s", trace_without_values())


def _room_for(judged: Judged) -> int | None:
    """How many files it may bring; None: it is nothing to us."""
    if judged.letter is None or judged.bounce is not None:
        return None
    room = letters.room_for(judged.letter, judged.kind)
    release()
    return room


def _judged(arrival: Arrival) -> Judged:
    try:
        return judge(arrival.raw or b"")
    except Exception:
        log.error("mail %s can't be understood:\n%s", arrival.number, trace_without_values())
        return Judged(Kind.UNREADABLE)
