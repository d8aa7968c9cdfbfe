"""A real Heed for journeys: supervisor, web and worker as processes, and a mail server on loopback."""

import contextlib
import email
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: str, found: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Ask until the answer is truthy; fail with `what` when it never is."""
    end = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.1)


@dataclass
class Postbox:
    """A mail server that accepts everything and remembers it."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        message = email.message_from_bytes(envelope.content, policy=default)
        message["X-Envelope-To"] = envelope.rcpt_tos[0]
        with self.lock:
            self.messages.append(message)  # type: ignore[arg-type]
        return "250 2.0.0 queued"

    def to(self, address: str) -> list[EmailMessage]:
        """What has come for an address."""
        with self.lock:
            return [m for m in self.messages if m["X-Envelope-To"] == address]

    def recipients(self) -> list[str]:
        """Every address in the order of arrival."""
        with self.lock:
            return [str(m["X-Envelope-To"]) for m in self.messages]


@contextlib.contextmanager
def postbox() -> Iterator[Postbox]:
    """Run a mail server for the duration of the block."""
    box = Postbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def link_in(message: EmailMessage, kind: str) -> str:
    """The first address of a kind ("s" to answer, "u" to unsubscribe) in the text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    found = re.search(rf"https?://\S+/{kind}/[\w-]+", part.get_content())
    assert found, part.get_content()
    return found.group()


@dataclass
class Heed:
    """A running installation."""

    url: str
    data: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    def pids(self) -> dict[str, int]:
        """Process numbers of the two children, by what they run."""
        listing = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,  # no child at the moment
        ).stdout
        found = {}
        for line in listing.splitlines():
            pid, _, command = line.strip().partition(" ")
            name = "web" if "granian" in command else "worker" if "app.jobs" in command else None
            if name:
                found[name] = int(pid)
        return found

    def command(self, *words: str) -> str:
        """Run `script/heed WORDS` in the same installation."""
        return self.run("app.cli", *words)

    def run(self, module: str, *words: str) -> str:
        """Run a module with the settings of this installation."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def healthy(self) -> bool:
        """Whether /healthz says that all is well."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextlib.contextmanager
def heed(data: Path, **settings: str) -> Iterator[Heed]:
    """Start an installation in `data` as script/server does, and stop it afterwards."""
    port = free_port()
    url = f"http://localhost:{port}"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("HEED_")}
    environ |= {
        "PORT": str(port),
        "HEED_DATA": str(data),
        "HEED_ASSETS": "local",
        "BASE_URL": url,
        "PYTHONUNBUFFERED": "1",
    } | settings
    log = data.parent / f"{data.name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "app/supervisor.py"],
            cwd=ROOT,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Heed(url, data, environ, process, log)
    try:
        wait_for(f"the server; its log:\n{log}", lambda: _ready(running), START_SECONDS)
        yield running
    finally:
        stop(running)


def _ready(running: Heed) -> bool:
    if running.process.poll() is not None:
        raise AssertionError(running.log.read_text("utf-8", "replace"))
    return running.healthy()


def stop(running: Heed) -> None:
    """Ctrl-C; after ten seconds by force."""
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        try:
            running.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait(5)
