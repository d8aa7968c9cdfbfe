"""Starts Heed and keeps it running: settings, lock, free port, preparation, then web and worker until told to stop.

Only the standard library and the settings are imported: this process does nothing but watch two others, and has to stay
small. `script/server` runs this file by its path, so that it finds the project wherever somebody stands.
"""

import ctypes
import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config import ROOT, SettingError, Settings

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
# A process that lived this long has come through its start; ending again and again, it still does not spin.
STEADY_SECONDS = 3.0
STOP_SECONDS = 8.0
READY_SECONDS = 30.0
TRIES_BEFORE_READY = 3
PR_SET_PDEATHSIG = 1


class StartError(Exception):
    """Heed cannot start now. The text is one sentence for the person who started it."""


@dataclass
class Child:
    """One process that is kept running. `pause` grows with each early death, so that a broken one does not spin."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        """In a session of its own: Ctrl-C reaches only the supervisor, which then stops the children in order."""
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self.started = time.monotonic()

    def reap(self) -> bool:
        """Whether the process has just died. What it left behind in its group is ended, so the port is free again."""
        if self.process is None or self.process.poll() is None:
            return False
        self.signal_group(signal.SIGKILL)
        now = time.monotonic()
        self.pause = (
            FIRST_PAUSE if now - self.started > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        )
        self.due = now + self.pause
        self.deaths += 1
        say(f"The {self.name} process ended ({_how(self.process.returncode)}); starting it again.")
        self.process = None
        return True

    def signal_group(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stopped(self) -> bool:
        return self.process is None or self.process.poll() is not None


@dataclass
class Supervisor:
    """Keeps `children` running until SIGINT or SIGTERM. `ready` is asked until it is true, then `on_ready` runs once."""

    children: list[Child]
    ready: Callable[[], bool] = lambda: True
    on_ready: Callable[[], None] = lambda: None
    stopping: bool = False
    announced: bool = False
    _wake: tuple[int, int] = field(default_factory=os.pipe)

    def run(self) -> int:
        """Blocks until everything has stopped. Returns 0, or 1 when the web process never came up."""
        self._listen()
        try:
            for child in self.children:
                child.start()
            patience = time.monotonic() + READY_SECONDS
            while not self.stopping:
                self._restart_the_dead()
                patience = self._announce(patience)
                self._sleep()
            return 0
        except StartError as problem:
            say(str(problem))
            return 1
        finally:
            self._stop()

    def _listen(self) -> None:
        for end in self._wake:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        # The handler itself does nothing: without one, the death of a child would not end the sleep.
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _sleep(self) -> None:
        waiting = [child.due for child in self.children if child.process is None]
        longest = 0.1 if not self.announced else 30.0
        pause = min([longest, *(max(due - time.monotonic(), 0.0) for due in waiting)])
        if select.select([self._wake[0]], [], [], pause)[0]:
            os.read(self._wake[0], 4096)

    def _restart_the_dead(self) -> None:
        for child in self.children:
            child.reap()
            if child.process is None and time.monotonic() >= child.due:
                if not self.announced and child.deaths >= TRIES_BEFORE_READY:
                    raise StartError(
                        f"Heed did not start: the {child.name} process ends again and again, see above."
                    )
                child.start()

    def _announce(self, patience: float) -> float:
        if self.announced:
            return patience
        if self.ready():
            self.announced = True
            self.on_ready()
        elif time.monotonic() > patience:
            say("Heed does not answer yet; its health page tells what is missing. Still trying.")
            patience = time.monotonic() + READY_SECONDS
        return patience

    def _stop(self) -> None:
        """Asks everybody, waits together, and ends whoever has not finished in time."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not all(child.stopped() for child in self.children):
            time.sleep(0.02)
        for child in self.children:
            child.signal_group(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
        signal.set_wakeup_fd(-1)
        for end in self._wake:
            os.close(end)


def _die_with_parent() -> None:
    """A supervisor that is killed outright must not leave a web process behind that nobody watches (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def say(sentence: str) -> None:
    print(sentence, flush=True)


def take_lock(data: Path) -> int:
    """Holds the data folder for this process; the lock goes with the process, however it ends.

    Returns the open file. Raises StartError when another Heed holds it.
    """
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise StartError(f"Heed is already running on {data} (process {holder}); stop it first.") from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode("ascii"))
    return handle


def check_port(host: str, port: int) -> None:
    """Raises StartError when nothing can be opened at this address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise StartError(f"HEED_BIND is {host}, which is not an address of this machine.") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except PermissionError:
            raise StartError(f"Port {port} needs more rights; choose one above 1023 with PORT.") from None
        except OSError as problem:
            reason = (problem.strerror or "unknown reason").lower()
            raise StartError(
                f"Port {port} on {host} cannot be used ({reason}); choose another with PORT."
            ) from None


def local_host(settings: Settings) -> str:
    """Where this machine itself reaches the web process."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.bind, settings.bind)  # noqa: S104 - read, not bound


def healthy(settings: Settings) -> bool:
    """Whether GET /healthz says 200. A bare socket: an HTTP library would double this process's memory."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((local_host(settings), settings.port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def web_command(settings: Settings) -> list[str]:
    """The web server. On SQLite one process: respondents who save at once share a flush (web.writers).

    Its access log stays off, because the address of an answering page is the respondent's personal key.
    """
    workers = 1 if settings.sqlite_path else len(os.sched_getaffinity(0)) if sys.platform == "linux" else 2
    options = {
        "--interface": "rsgi",
        "--host": settings.bind,
        "--port": str(settings.port),
        "--workers": str(workers),
        "--backpressure": "1024",
        "--http": "1",
        "--log-level": "error",
        "--respawn-interval": "0.2",
        "--workers-kill-timeout": "5",
    }
    switches = ["--no-ws", "--no-access-log", "--respawn-failed-workers"]
    pairs = [part for pair in options.items() for part in pair]
    return [sys.executable, "-m", "granian", *pairs, *switches, "wsgi:front"]


def worker_command() -> list[str]:
    return [sys.executable, "-m", "app.jobs"]


def prepare() -> None:
    """Migrates in a short-lived process, so that this one stays small. Raises StartError when that fails.

    It ends with this process: going on alone it would change the database without holding the lock.
    """
    command = [sys.executable, "-m", "app.preparation"]
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent).returncode:
        raise StartError("Heed did not start, because its database could not be prepared; see above.")


def announce(settings: Settings) -> None:
    say(f"Heed is ready: {settings.base_url}")
    code = settings.data / "setup_code"
    if code.exists():
        say(f"This Heed has no firm yet. Set it up here, once: {code.read_text(encoding='utf-8').strip()}")
    if settings.bind not in ("127.0.0.1", "::1", "localhost") and "://localhost" in settings.base_url:
        say("Other machines are answered only under the address in BASE_URL; set it to the one people type.")
    say("Stop it with Ctrl-C.")


def main() -> int:
    """Exit code 2: a setting is bad. 1: Heed cannot start or stay up. 0: stopped on request."""
    # Whatever Heed or its children write is for its own account only, also where HEED_DATA is an open folder.
    os.umask(0o077)
    try:
        settings = Settings.from_env(os.environ)
    except SettingError as problem:
        print(problem, file=sys.stderr)
        return 2
    try:
        take_lock(settings.data)
        check_port(settings.bind, settings.port)
        prepare()
    except StartError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    children = [Child("web", web_command(settings)), Child("worker", worker_command())]
    return Supervisor(children, ready=lambda: healthy(settings), on_ready=lambda: announce(settings)).run()


if __name__ == "__main__":
    sys.exit(main())
