"""Killing the web while customers send photos: what was acknowledged is whole, and after the sweep the folder holds
exactly the files that have a row."""

import contextlib
import http.client
import io
import itertools
import os
import random
import re
import signal
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests import live
from tests.factories import sent_files
from tests.journeys.moving_clock import heed_at

# A run by hand takes HEED_TEST_UPLOADS=200.
UPLOADS = int(os.environ.get("HEED_TEST_UPLOADS", "12"))
SENDERS = 6
FILES = 2
STAMP = re.compile(r'name="issued" value="([^"]+)"')
ADDRESS = "/complain"

pytestmark = pytest.mark.slow


@dataclass
class Senders:
    """Customers who each send a complaint with two photos, and press Send again until they are thanked."""

    heed: live.Heed
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    thanked: list[int] = field(default_factory=list)
    broken: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        try:
            self._send_on()
        except BaseException:
            self.over.set()
            raise

    def _send_on(self) -> None:
        while len(self.thanked) < UPLOADS and not self.over.is_set():
            number = next(self.numbers)
            stamp = self._form(number)
            self.over.wait(1.1)  # quicker than that no person is
            while not self.over.is_set():
                status, page = self._ask("POST", number, *self._sheet(number, stamp))
                if status == 303:
                    self.thanked.append(number)
                    break
                assert status in (0, 503), (status, page)
                time.sleep(0.2)

    def _form(self, number: int) -> str:
        while not self.over.is_set():
            status, body = self._ask("GET", number)
            if status == 200:
                found = STAMP.search(body)
                assert found
                return found[1]
            assert status in (0, 503), status
            time.sleep(0.2)
        return ""

    def _sheet(self, number: int, stamp: str) -> tuple[bytes, str]:
        values = MultiDict[str, Any](
            {
                "issued": stamp,
                "kind": "complaint",
                "content": content_of(number),
                "category": "0",
                "phone": f"1380000{number:04}",
            }
        )
        for name in ("漏水.jpg", "地板.jpg"):
            values.add("files", FileStorage(io.BytesIO(sent_files.jpeg()), filename=name))
        boundary, body = encode_multipart(values)
        return body, f'multipart/form-data; boundary="{boundary}"'

    def _ask(self, method: str, number: int, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
        """Status and page; 0 when the server died under us. Everybody comes from an address of his own."""
        parts = urlsplit(self.heed.url)
        headers = {"X-Forwarded-For": f"10.{number // 250}.{number % 250}.7"} | (
            {"Content-Type": kind} if kind else {}
        )
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
        try:
            connection.request(method, ADDRESS, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            self.broken += 1
            return 0, ""
        finally:
            connection.close()


def content_of(number: int) -> str:
    """What the sender of this number writes."""
    return f"第 {number} 号：空调漏水"


def kill_often(heed: live.Heed, over: threading.Event) -> int:
    """Kill the web until told to stop; returns how often."""
    rng = random.Random(7)
    killed = 0
    while not over.is_set():
        # Whoever is killed again and again is started later and later.
        if not heed.healthy():
            over.wait(0.1)
            continue
        over.wait(rng.uniform(0.3, 2.5))
        with contextlib.suppress(ProcessLookupError, KeyError):
            os.kill(heed.pids()["web"], signal.SIGKILL)
            killed += 1
    return killed


def rows(data: Path, query: str) -> list[tuple[str, int]]:
    """Read the database beside the running server."""
    with contextlib.closing(sqlite3.connect(data / "heed.sqlite3", timeout=30)) as connection:
        return list(connection.execute(query))


def test_uploads_survive_kills_whole(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with heed_at(now, tmp_path / "data", HEED_TRUSTED_PROXIES="1") as (heed, clock):
        heed.command("demo", "--password", "demonstration-2026")
        heed.run("tests.journeys.open_form")
        before = set(rows(heed.data, "SELECT stored, feedback_id FROM attachment"))
        senders = Senders(heed)
        crowd = [threading.Thread(target=senders.work) for _ in range(SENDERS)]
        killed: list[int] = []
        killer = threading.Thread(target=lambda: killed.append(kill_often(heed, senders.over)))
        for thread in (*crowd, killer):
            thread.start()
        until = time.monotonic() + 90 + 3 * UPLOADS
        while len(senders.thanked) < UPLOADS and time.monotonic() < until and not senders.over.wait(0.2):
            pass
        senders.over.set()
        for thread in (*crowd, killer):
            thread.join()
        assert len(senders.thanked) >= UPLOADS, f"{len(senders.thanked)} of {UPLOADS}"
        assert killed[0] >= 3, killed
        live.wait_for("recovery", heed.healthy, 60)
        check_whole(heed.data, senders.thanked)
        clock.set(now + timedelta(days=2))
        folder = heed.data / "attachments"
        live.wait_for("the sweep", lambda: names_of(folder) == known(heed.data), 60)
        assert before <= set(rows(heed.data, "SELECT stored, feedback_id FROM attachment"))
        print(f"{killed[0]} kills, {len(senders.thanked)} uploads acknowledged, {senders.broken} broken off")


def check_whole(data: Path, thanked: list[int]) -> None:
    """Each acknowledged complaint is there once, with its two files."""
    found = rows(
        data,
        "SELECT feedback.content, count(attachment.id) FROM feedback LEFT JOIN attachment"
        " ON attachment.feedback_id = feedback.id WHERE feedback.content LIKE '第 %' GROUP BY feedback.id",
    )
    counts = dict(found)
    assert len(counts) == len(found), "a complaint was taken twice"
    wrong = [number for number in thanked if counts.get(content_of(number)) != FILES]
    assert wrong == []
    folder = data / "attachments"
    lost = [
        one for (one, _) in rows(data, "SELECT stored, id FROM attachment") if not (folder / one).is_file()
    ]
    assert lost == []


def names_of(folder: Path) -> set[str]:
    """The files that lie there."""
    return {path.name for path in folder.iterdir() if path.is_file()}


def known(data: Path) -> set[str]:
    """The files that have a row."""
    return {name for (name, _) in rows(data, "SELECT stored, id FROM attachment")}
