"""Killing the web and the worker under load: nothing acknowledged is lost, nothing happens twice."""

import collections
import contextlib
import itertools
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import live
from tests.respondent import Respondent

# A run by hand takes HEED_TEST_KILLS=200.
KILLS = int(os.environ.get("HEED_TEST_KILLS", "12"))
PEOPLE = 4

pytestmark = pytest.mark.slow


class Crowd:
    """People who answer the mails as they come and note what was acknowledged to them."""

    def __init__(self, box: live.Postbox) -> None:
        self.box = box
        self.taken = itertools.count()
        self.thanked: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._work) for _ in range(PEOPLE)]

    def _work(self) -> None:
        while not self.stop.is_set():
            number = next(self.taken)
            live.wait_for("a mail", lambda n=number: len(self.box.messages) > n or self.stop.is_set(), 120)
            if self.stop.is_set():
                return
            link = live.link_in(self.box.messages[number], "s")
            while not self.stop.is_set():
                try:
                    done = Respondent(link).answer()
                    assert done.url.endswith("/done")
                    self.thanked.append(link)
                    break
                except (OSError, AssertionError):
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


def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    rng = random.Random(7)
    with live.postbox() as box, live.heed(tmp_path / "data", MAIL_URL=f"smtp://127.0.0.1:{box.port}") as heed:
        heed.command("demo", "--password", "demonstration-2026")
        heed.run("tests.journeys.campaign")
        live.wait_for("the first mails", lambda: len(box.messages) > 20, 60)
        crowd = Crowd(box)
        with crowd.working():
            killed: collections.Counter[str] = collections.Counter()
            while killed.total() < KILLS:
                time.sleep(rng.uniform(0.05, 0.6))
                kind = rng.choice(["web", "worker"])
                victim = heed.pids().get(kind)
                if victim:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victim, signal.SIGKILL)
                        killed[kind] += 1
            live.wait_for("recovery", heed.healthy, 60)
            live.wait_for("an answer", lambda: crowd.thanked, 60)
        live.wait_for("the outbox to drain", lambda: not waiting(heed.data), 240)
        heed.run("tests.journeys.later")
        check_answers(heed.data, crowd)
        check_mail(heed.data, box)
        print(f"{dict(killed)} killed, {len(crowd.thanked)} answers acknowledged, {len(box.messages)} mails")


def waiting(data: Path) -> list[tuple[object, ...]]:
    """Deliveries that will still be sent by themselves."""
    return rows(data, "SELECT id FROM delivery WHERE state IN ('queued', 'claimed')")


def check_answers(data: Path, crowd: Crowd) -> None:
    """Each person who was thanked has exactly one complete response."""
    doubled = rows(data, "SELECT invitation_id FROM response GROUP BY invitation_id HAVING count(*) > 1")
    complete = rows(data, "SELECT count(*) FROM response r JOIN survey s ON s.id = r.survey_id "
                          "WHERE r.state = 'complete' AND s.id = (SELECT max(id) FROM survey)")  # fmt: skip
    assert not [row for row in doubled if row[0] is not None]
    assert len(set(crowd.thanked)) == len(crowd.thanked)
    assert complete[0][0] >= len(crowd.thanked)  # type: ignore[operator]


def check_mail(data: Path, box: live.Postbox) -> None:
    """No mail came twice, and what is not known to have arrived is listed as such."""
    ids = collections.Counter(str(m["Message-ID"]) for m in box.messages)
    assert [i for i, n in ids.items() if n > 1] == []
    states = dict(rows(data, "SELECT message_id, state FROM delivery"))
    assert set(states.values()) <= {"sent", "failed", "unknown", "dropped"}
    arrived = {i.strip("<>").partition("@")[0] for i in ids}
    assert all(states[one] in {"sent", "unknown"} for one in arrived)
    newest = "survey_id = (SELECT max(id) FROM survey)"
    sent = {
        str(row[0])
        for row in rows(data, f"SELECT message_id FROM delivery WHERE state = 'sent' AND {newest}")
    }
    assert sent <= arrived
    assert len(sent) > 100
