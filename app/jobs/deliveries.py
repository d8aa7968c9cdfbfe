"""The sending thread of the worker: claims mail, talks to the server, stores each step first."""

import logging
import random
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import clock
from app.adapters.mail import ConnectFailed, KeptMail, Refusal, SmtpCarrier
from app.extensions import db
from app.jobs.runner import connection, release, trace_without_values, transaction
from app.rules.deliveries import DOMAIN_PAUSE, Stage, State, Verdict, domain_of, is_servers_trouble, verdict
from app.rules.sending_time import PaceMeter
from app.services import sending
from app.services.sending import Lane, Outgoing
from config import Settings

log = logging.getLogger("heed.mail")

BATCH = 25
IDLE_SECONDS = 0.5
LEASE_CHECK_SECONDS = 20.0
# An unused connection is given back to the server after this time.
KEEP_OPEN_SECONDS = 15.0
# One mail may end without a clear answer because of its recipient; so many one after the other do not.
SPOILT_IN_A_ROW = 3
SERVER_WAITS = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0)

Carrier = SmtpCarrier | KeptMail


def run_forever(app: Flask, worker: str, stop: Callable[[], bool]) -> None:
    """Send what is due until `stop()` says so. A database that is busy or away is waited for."""
    sender = Sender(carrier_for(app.config["HEED"]), worker=worker, stop=stop)
    while not stop():
        worked = False
        with app.app_context():
            try:
                worked = sender.round()
            except OperationalError:
                log.warning("the database is not available; trying again")
            except Exception:
                log.error("a round of sending failed:\n%s", trace_without_values())
            finally:
                db.session.remove()
        if not worked:
            time.sleep(IDLE_SECONDS)
    sender.carrier.close()


def carrier_for(settings: Settings) -> Carrier:
    """The way mail leaves: the server of the settings, or the folder of kept mail."""
    if settings.mail is None:
        return KeptMail(settings.data / "mail")
    return SmtpCarrier(settings.mail)


class Sender:
    """One sender with its connection and what it has learnt about servers in the meantime.

    What it remembers is only politeness (pauses, pace); everything that must hold is in the rows.
    `paced=False` lets survey mail leave as fast as it can, for measurements and tests.
    """

    def __init__(
        self,
        carrier: Carrier,
        *,
        worker: str,
        stop: Callable[[], bool] = lambda: False,
        paced: bool = True,
    ) -> None:
        self.carrier = carrier
        self.worker = worker
        self._paced = paced
        self._stop = stop
        self._meters: dict[int, PaceMeter] = {}
        self._paused_domains: dict[str, float] = {}
        self._server_failures = 0
        self._spoilt = 0
        self._server_away_until = 0.0
        self._leases_checked = 0.0
        self._last_sent = 0.0

    def round(self) -> bool:
        """Send one batch of every lane that has something due. Returns whether anything was done."""
        self._check_leases()
        if time.monotonic() < self._server_away_until:
            return False
        lanes = sending.due_lanes(clock.now())
        release()
        if not lanes:
            self._hang_up_when_idle()
            return False
        if not self._connected():
            return False
        sent = [self._lane(lane) for lane in lanes]
        return any(sent)

    def _lane(self, lane: Lane) -> bool:
        limit = min(BATCH, self._allowed(lane))
        if limit <= 0 or self._stop():
            return False
        with transaction():
            ids = sending.claim(
                lane, worker=self.worker, limit=limit, now=clock.now(), but_domains=self._resting_domains()
            )
        if lane.survey_id in self._meters:
            self._meters[lane.survey_id].take(len(ids))
        if ids:
            self._send_all(ids)
        return bool(ids)

    def _send_all(self, ids: list[int]) -> None:
        waiting = list(ids)
        try:
            mails = sending.prepare(ids, now=clock.now())
            release()
            for mail in mails:
                if self._stop() or not self._connected():
                    break
                if self._rests(mail.address):
                    self._postpone(mail)
                else:
                    self._send(mail)
                waiting.remove(mail.delivery_id)
        except BaseException:
            # Between the steps of a mail the server still holds its recipient and would refuse the next one.
            self.carrier.close()
            raise
        finally:
            if waiting:
                with transaction():
                    sending.release(waiting, worker=self.worker, now=clock.now())

    def _send(self, mail: Outgoing) -> None:
        if mail.envelope is None:
            # What nobody wants any more has not failed.
            state = State.DROPPED if mail.problem == "not_wanted" else State.FAILED
            self._refuse(mail, Verdict(state, mail.problem, mail.problem == "bad_address"), "")
            return
        refusal = self._begin(mail)
        if refusal is not None:
            self._refused(mail, refusal)
            return
        with connection() as line:
            begun = sending.begin_data(line, mail.delivery_id, worker=self.worker, now=clock.now())
        if not begun:
            self.carrier.reset()
            return
        answer = self.carrier.send_data(mail.message)
        self._last_sent = time.monotonic()
        self._surely(lambda: self._answered(mail, answer))

    def _answered(self, mail: Outgoing, answer: Refusal | str) -> None:
        """Store what the server said after the text."""
        if isinstance(answer, Refusal):
            self._refused(mail, answer)
            return
        self._server_is_fine()
        with connection() as line:
            sending.record_sent(line, mail.delivery_id, worker=self.worker, reply=answer, now=clock.now())

    def _surely(self, store: Callable[[], None]) -> None:
        """Store the outcome of a text that is out, however long the database is busy, full or away.

        Letting go of it would make a person decide about a mail whose end is known here.
        """
        while True:
            try:
                return store()
            except (DBAPIError, PoolTimeout):
                if self._stop():
                    raise
                log.warning("the database is not available; a mail's outcome waits to be stored")
                release()
            time.sleep(IDLE_SECONDS)

    def _begin(self, mail: Outgoing) -> Refusal | None:
        """MAIL and RCPT; a connection that went stale while it was idle is replaced once."""
        assert mail.envelope is not None
        refusal = self.carrier.begin(mail.envelope)
        if refusal is not None and refusal.stage is Stage.MAIL and not refusal.open and self._connected():
            refusal = self.carrier.begin(mail.envelope)
        return refusal

    def _refused(self, mail: Outgoing, refusal: Refusal) -> None:
        if refusal.stage is Stage.MAIL and (refusal.code is None or refusal.code < 500):
            # Not about this mail at all: the server is in trouble. Nobody's tries are counted.
            self._server_trouble(refusal.text)
            with transaction():
                sending.release([mail.delivery_id], worker=self.worker, now=clock.now())
            return
        judged = verdict(refusal.stage, refusal.code, refusal.text)
        if judged.pause_domain:
            self._paused_domains[domain_of(mail.address)] = time.monotonic() + DOMAIN_PAUSE.total_seconds()
        words = f"{refusal.code} {refusal.text}" if refusal.code else refusal.text
        self._refuse(mail, judged, words)
        if not is_servers_trouble(refusal.stage, refusal.code):
            self._server_is_fine()
            return
        self._spoilt += 1
        if self._spoilt >= SPOILT_IN_A_ROW:
            self._server_trouble(words)

    def _server_is_fine(self) -> None:
        """It has given a clear answer about one mail."""
        self._spoilt = self._server_failures = 0

    def _refuse(self, mail: Outgoing, judged: Verdict, words: str) -> None:
        with transaction():
            sending.record_refusal(
                mail.delivery_id,
                judged,
                worker=self.worker,
                reply=words,
                now=clock.now(),
                jitter=random.random(),  # noqa: S311 - spreads tries, guards nothing
            )

    def _postpone(self, mail: Outgoing) -> None:
        now = clock.now()
        with transaction():
            sending.release([mail.delivery_id], worker=self.worker, now=now, due_at=now + DOMAIN_PAUSE)

    def _connected(self) -> bool:
        if time.monotonic() < self._server_away_until:
            return False
        if self.carrier.is_open:
            return True
        try:
            self.carrier.open()
        except ConnectFailed as failure:
            self._server_trouble(f"{failure.code or ''} {failure.text}".strip())
            return False
        return True

    def _server_trouble(self, words: str) -> None:
        self.carrier.close()
        wait = SERVER_WAITS[min(self._server_failures, len(SERVER_WAITS) - 1)]
        self._server_failures += 1
        self._server_away_until = time.monotonic() + wait
        log.warning("the mail server is not available (%s); next try in %d s", words, wait)

    def _hang_up_when_idle(self) -> None:
        if self.carrier.is_open and time.monotonic() - self._last_sent > KEEP_OPEN_SECONDS:
            self.carrier.close()

    def _check_leases(self) -> None:
        if self._leases_checked and time.monotonic() - self._leases_checked < LEASE_CHECK_SECONDS:
            return
        self._leases_checked = time.monotonic()
        with transaction():
            back, uncertain = sending.expire_leases(clock.now())
        if back or uncertain:
            log.warning("a sender has died: %d mails go again, %d are uncertain", back, uncertain)

    def _allowed(self, lane: Lane) -> int:
        if lane.survey_id is None or lane.pace is None or not self._paced:
            return BATCH
        moment = time.monotonic()
        meter = self._meters.setdefault(lane.survey_id, PaceMeter(moment))
        return meter.available(lane.pace, moment)

    def _resting_domains(self) -> list[str]:
        moment = time.monotonic()
        self._paused_domains = {d: until for d, until in self._paused_domains.items() if until > moment}
        return list(self._paused_domains)

    def _rests(self, address: str) -> bool:
        return domain_of(address) in self._resting_domains()
