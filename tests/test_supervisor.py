"""The supervisor over dummy processes: it restarts, stops, refuses; and it stays small."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import ROOT, Settings

PATIENCE = 15.0
SUPERVISOR = [sys.executable, "-P", str(ROOT / "app" / "supervisor.py")]

# Writes its process id to a file and waits; argv: file, what to do on SIGTERM.
DUMMY = """
import os, signal, sys, time
def stop(number, frame):
    with open(sys.argv[1] + ".stopped", "w"): pass
    sys.exit(0)
signal.signal(signal.SIGTERM, stop if sys.argv[2] == "polite" else signal.SIG_IGN)
with open(sys.argv[1] + ".new", "w") as file: file.write(str(os.getpid()))
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True: time.sleep(1)
"""

HARNESS = """
import runpy, sys
names = runpy.run_path({path!r}, run_name="supervisor")
import json
commands = json.loads(sys.argv[1])
names["Supervisor"].run.__globals__["STOP_SECONDS"] = 1.0
children = [names["Child"](name, command) for name, command in commands.items()]
ready = lambda: {ready}
sys.exit(names["Supervisor"](children, ready=ready, on_ready=lambda: print("READY", flush=True)).run())
"""


def dummy(file: Path, manner: str = "polite") -> list[str]:
    return [sys.executable, "-c", DUMMY, str(file), manner]


@contextmanager
def supervising(commands: dict[str, list[str]], ready: str = "True") -> Iterator[subprocess.Popen[str]]:
    import json

    code = HARNESS.format(path=str(ROOT / "app" / "supervisor.py"), ready=ready)
    process = subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(commands)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE)


def wait_for_pid(file: Path, *, other_than: int = 0) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if file.exists() and int(file.read_text()) != other_than:
            return int(file.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{file.name} did not start")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)


def test_either_process_is_started_again_when_it_is_killed(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("web", "worker")}
    with supervising({name: dummy(file) for name, file in files.items()}):
        before = {name: wait_for_pid(file) for name, file in files.items()}
        for name in files:
            os.kill(before[name], signal.SIGKILL)
            after = wait_for_pid(files[name], other_than=before[name])
            assert alive(after)
        assert alive(wait_for_pid(files["web"]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_everything_gracefully(tmp_path: Path, number: signal.Signals) -> None:
    files = [tmp_path / "web", tmp_path / "worker"]
    with supervising({file.name: dummy(file) for file in files}) as supervisor:
        pids = [wait_for_pid(file) for file in files]
        began = time.monotonic()
        supervisor.send_signal(number)
        assert supervisor.wait(PATIENCE) == 0
        assert time.monotonic() - began < 3
    assert not any(alive(pid) for pid in pids)
    assert all(file.with_suffix(".stopped").exists() for file in files)


def test_a_process_that_will_not_stop_is_ended(tmp_path: Path) -> None:
    with supervising({"web": dummy(tmp_path / "web", "stubborn")}) as supervisor:
        pid = wait_for_pid(tmp_path / "web")
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(PATIENCE) == 0
    assert not alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel to end orphans")
def test_a_killed_supervisor_leaves_nobody_behind(tmp_path: Path) -> None:
    with supervising({"web": dummy(tmp_path / "web")}) as supervisor:
        pid = wait_for_pid(tmp_path / "web")
        supervisor.kill()
    wait_until_gone(pid)


def test_a_process_that_never_comes_up_ends_the_start(tmp_path: Path) -> None:
    broken = [sys.executable, "-c", "raise SystemExit(3)"]
    with supervising({"web": broken, "worker": dummy(tmp_path / "worker")}, ready="False") as supervisor:
        output = supervisor.communicate(timeout=PATIENCE)[0]
    assert supervisor.returncode == 1
    assert "Heed did not start: the web process ends again and again" in output


def test_ready_is_said_once_and_only_when_it_is_true(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    with supervising(
        {"web": dummy(tmp_path / "web")}, ready=f"__import__('os').path.exists({str(sign)!r})"
    ) as running:
        pid = wait_for_pid(tmp_path / "web")
        sign.touch()
        assert running.stdout is not None
        assert running.stdout.readline() == "READY\n"
        os.kill(pid, signal.SIGKILL)
        wait_for_pid(tmp_path / "web", other_than=pid)
        running.send_signal(signal.SIGTERM)
        assert "READY" not in running.stdout.read()


def start(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("HEED_")}
    environment = bare | {"HEED_DATA": str(tmp_path / "data"), "PORT": str(free_port())} | env
    return subprocess.run(
        SUPERVISOR, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("SECRET_KEY", "changeme"), ("DATABASE_URL", "mysql://x/y"), ("HEED_LOCALE", "fr")],
)
def test_a_bad_setting_is_one_sentence_and_exit_code_2(tmp_path: Path, name: str, value: str) -> None:
    done = start(tmp_path, **{name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_second_start_on_the_same_data_is_refused(tmp_path: Path) -> None:
    import fcntl

    data = Settings.from_env({"HEED_DATA": str(tmp_path / "data")}).data
    with (data / "lock").open("w") as held:
        held.write("4321\n")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        done = start(tmp_path)
    assert done.returncode == 1
    assert "already running" in done.stderr
    assert "4321" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = start(tmp_path, PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "choose another with PORT" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_supervisor_stays_small() -> None:
    code = (
        "import runpy, sys\n"
        f"runpy.run_path({str(ROOT / 'app' / 'supervisor.py')!r}, run_name='supervisor')\n"
        "heavy = {'flask', 'sqlalchemy', 'asyncio', 'ssl', 'http', 'email', 'logging'} & set(sys.modules)\n"
        "heavy |= {name for name in sys.modules if name.startswith('app.')} - {'app.servers'}\n"
        "status = open('/proc/self/status').read() if sys.platform == 'linux' else 'VmRSS: 0'\n"
        "print(sorted(heavy), next(line.split()[1] for line in status.splitlines() if 'VmRSS' in line))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    heavy, _, kilobytes = done.stdout.strip().rpartition(" ")
    assert heavy == "[]"
    assert int(kilobytes) < 25 * 1024
    print(kilobytes)
