"""Killing the web and the worker under load: nothing acknowledged is lost, nothing happens twice."""

import collections
import contextlib
import http.client
import itertools
import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import live
from tests.respondent import BusyError, NoQuestionsError, Respondent

# A run by hand takes HEED_TEST_KILLS=200.
KILLS = int(os.environ.get("HEED_TEST_KILLS", "8"))
PEOPLE = 8
COMPLETE = "response WHERE state = 'complete'"
ALREADY_ANSWERED = re.compile("<h1>(You have already answered|您已经答过了)</h1>")

pytestmark = pytest.mark.slow


class Crowd:
    """People who answer the mails as they come and note what was acknowledged to them."""

    def __init__(self, box: live.Postbox) -> None:
        self.box = box
        self.numbers = itertools.count()
        self.thanked: list[str] = []
        self.told_later: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._work) for _ in range(PEOPLE)]

    def _work(self) -> None:
        while not self.stop.is_set():
            number = next(self.numbers)
            live.wait_for("a mail", lambda n=number: len(self.box.messages) > n or self.stop.is_set(), 120)
            if self.stop.is_set():
                return
            link = live.link_in(self.box.messages[number], "s")
            while not self.stop.is_set():
                try:
                    Respondent(link).answer()
                    self.thanked.append(link)
                    break
                except NoQuestionsError as page:
                    # The answer was stored, but the server died before it could say so.
                    if not ALREADY_ANSWERED.search(str(page)):
                        raise
                    self.told_later.append(link)
                    break
                except (OSError, http.client.HTTPException, BusyError):
                    # The server was killed under us; a customer tries again.
                    time.sleep(0.2)

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Answer while the block runs."""
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in self.threads:
                thread.join()


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    """Read the database beside the running server."""
    with contextlib.closing(sqlite3.connect(data / "heed.sqlite3", timeout=30)) as connection:
        return list(connection.execute(query))


@contextlib.contextmanager
def campaigns(heed: live.Heed, *, after: int) -> Iterator[None]:
    """Survey after survey while the block runs, so that there is always something to send and to answer."""
    stop = threading.Event()

    def plan() -> None:
        while not stop.wait(0.5):
            if not waiting(heed.data, after=after):
                heed.run("tests.journeys.campaign")

    planner = threading.Thread(target=plan)
    planner.start()
    try:
        yield
    finally:
        stop.set()
        planner.join()


def kill(heed: live.Heed, times: int) -> collections.Counter[str]:
    """Kill the web or the worker so many times; some die while they start, most while they work."""
    rng = random.Random(7)
    killed: collections.Counter[str] = collections.Counter()
    # Whoever is killed again and again is started later and later, and on a busy machine starting takes long.
    until = time.monotonic() + 60 + 15 * times
    while killed.total() < times:
        assert time.monotonic() < until, f"only {killed.total()} of {times} could be killed"
        time.sleep(rng.uniform(0.05, 3.0))
        kind = rng.choice(["web", "worker"])
        victim = heed.pids().get(kind)
        if victim:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                killed[kind] += 1
    return killed


def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    with live.postbox() as box, live.heed(tmp_path / "data", MAIL_URL=f"smtp://127.0.0.1:{box.port}") as heed:
        heed.command("demo", "--password", "demonstration-2026")
        after = int(str(rows(heed.data, "SELECT max(id) FROM survey")[0][0]))
        heed.run("tests.journeys.campaign")
        live.wait_for("the first mails", lambda: len(box.messages) > 20, 60)
        crowd = Crowd(box)
        with crowd.working():
            with campaigns(heed, after=after):
                killed = kill(heed, KILLS)
            live.wait_for("recovery", heed.healthy, 60)
            live.wait_for("an answer", lambda: crowd.thanked, 60)
            live.wait_for("the outbox to drain", lambda: not waiting(heed.data, after=after), 60)
        check_answers(heed.data, crowd, after=after)
        check_mail(heed.data, box, after=after)
        print(
            f"{dict(killed)} killed, {len(crowd.thanked)} answers acknowledged, "
            f"{len(crowd.told_later)} on asking again, {len(box.messages)} mails"
        )


def waiting(data: Path, *, after: int) -> list[tuple[object, ...]]:
    """Deliveries of the campaigns that will still be sent by themselves, or whose end is not stored yet.

    Those of the demonstration's own survey may wait for the morning.
    """
    return rows(
        data, f"SELECT id FROM delivery WHERE state IN ('queued', 'claimed', 'data') AND survey_id > {after}"
    )


def check_answers(data: Path, crowd: Crowd, *, after: int) -> None:
    """Whoever was thanked, or told to have answered already, has a complete response, and nobody has two."""
    acknowledged = crowd.thanked + crowd.told_later
    assert len(set(acknowledged)) == len(acknowledged)
    complete = int(str(rows(data, f"SELECT count(*) FROM {COMPLETE} AND survey_id > {after}")[0][0]))
    # The last answer of each person may be stored without his having been told.
    assert len(acknowledged) <= complete <= len(acknowledged) + PEOPLE
    for link in acknowledged:
        assert ALREADY_ANSWERED.search(Respondent(link).request("GET", link).body), link


def check_mail(data: Path, box: live.Postbox, *, after: int) -> None:
    """No mail came twice, and what is not known to have arrived is listed as such."""
    ids = collections.Counter(str(m["Message-ID"]) for m in box.messages)
    assert [i for i, n in ids.items() if n > 1] == []
    states = dict(rows(data, f"SELECT message_id, state FROM delivery WHERE survey_id > {after}"))
    assert set(states.values()) <= {"sent", "failed", "unknown", "dropped"}
    arrived = {i.strip("<>").partition("@")[0] for i in ids}
    assert all(states[one] in {"sent", "unknown"} for one in arrived)
    sent = {
        str(row[0])
        for row in rows(data, f"SELECT message_id FROM delivery WHERE state = 'sent' AND survey_id > {after}")
    }
    assert sent <= arrived
    assert len(sent) > 100
