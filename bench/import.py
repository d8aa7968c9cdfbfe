# ruff: noqa: N999 - a keyword as a module name: it is only ever run, as `script/bench import`
"""How long 100,000 customers take from the upload to the register, and whether the pages stay quick meanwhile.

A real installation (supervisor, web, worker) in a folder of its own. The list is an .xlsx with 16 columns.
The clock runs from sending the file to the finished import, the decisions made at once. Before and during it,
GET /healthz and a small write (choosing a language) are timed, one after the other, through the web server.
"""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._report import Figure, report

ROWS = 100_000
LIMIT_SECONDS = 30.0
LIMIT_MS = 1000.0
ROOT = Path(__file__).resolve().parent.parent
HEADER = [
    "客户编号", "客户名称", "客户类型", "地区", "规模", "业务线", "成为客户日期", "重点客户", "联系人", "电子邮箱",
    "联系电话", "沟通语言", "服务日期", "服务内容", "请勿联系", "行业",
]  # fmt: skip
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="heed-bench-"))
    try:
        content = make_list(folder / "customers.xlsx")
        with installation(folder / "data") as (port, cookie):
            site = Site(port, cookie)
            quiet = Latency(Site(port, cookie))
            with quiet.running():
                time.sleep(5)
            busy = Latency(Site(port, cookie))
            with busy.running():
                steps = bring_in(site, content)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    whole = sum(steps.values())
    figures = [Figure("whole", whole, "s", LIMIT_SECONDS)]
    figures += [Figure(f"step_{name}", seconds, "s") for name, seconds in steps.items()]
    for name in ("read", "write"):
        for share, word in ((0.5, "p50"), (0.99, "p99")):
            before, during = quiet.at(name, share), busy.at(name, share)
            figures.append(Figure(f"{name}_{word}_before", before, "ms"))
            figures.append(Figure(f"{name}_{word}_during", during, "ms", LIMIT_MS))
    report("import", figures)


def make_list(path: Path) -> bytes:
    """The list, written by the product's own writer."""
    from app.adapters.workbook.writer import Column, Sheet, write_table

    regions, sizes, kinds = ("华东", "华南", "华北", "西南"), ("小型", "中型", "大型"), ("企业", "个人")
    rows = (
        [
            f"K{n:06}", f"青禾第{n}商贸有限公司", kinds[n % 2], regions[n % 4], sizes[n % 3], "咨询、培训",
            f"20{10 + n % 15}-0{1 + n % 9}-1{n % 10}", "是" if n % 20 == 0 else "否", f"王{n}",
            f"contact{n}@customer{n % 500}.example", f"138{n:08}", "中文", f"2024-0{1 + n % 9}-2{n % 9}",
            "上门维护", "否", "餐饮" if n % 3 else "物流",
        ]
        for n in range(ROWS)
    )  # fmt: skip
    write_table(path, [Sheet("客户", [Column(name) for name in HEADER], rows)])
    return path.read_bytes()


@contextlib.contextmanager
def installation(data: Path) -> Iterator[tuple[int, str]]:
    """A running Heed with one signed-in user: its port and the user's cookie."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "PORT": str(port),
        "HEED_DATA": str(data),
        "HEED_ASSETS": "local",
        "BASE_URL": f"http://localhost:{port}",
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HEED_")} | settings
    cookie = prepare(settings)
    process = subprocess.Popen(
        [sys.executable, "-P", "app/supervisor.py"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait(lambda: listening(port) and Site(port, cookie).get("/healthz")[0] == 200, "the server", 60)
        yield port, cookie
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def prepare(settings: dict[str, str]) -> str:
    """Make the database, the firm and a user, and return the cookie of a session."""
    from flask.sessions import SecureCookieSessionInterface
    from flask_migrate import upgrade
    from sqlalchemy import select

    from app import clock, create_app
    from app.extensions import db
    from app.jobs import runner
    from app.models import Firm, Role, User
    from app.services import accounts
    from config import Settings

    app = create_app(Settings.from_env(settings))
    with app.app_context():
        upgrade()
        now = clock.now()
        with runner.transaction():
            db.session.add(Firm(name="测量", language="zh", timezone="Asia/Shanghai", created_at=now))
            user = User(
                email="bench@firm.example", name="Bench", fs_uniquifier=uuid.uuid4().hex, created_at=now
            )
            user.roles = list(db.session.scalars(select(Role).where(Role.name == "marketing")))
            db.session.add(user)
            db.session.flush()
            content = {
                "_user_id": user.fs_uniquifier,
                "_fresh": True,
                "fs_cc": "set",
                "fs_paa": 4_000_000_000,
                "staff_session": accounts.start_session(user, now=now),
            }
        db.engine.dispose()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(content)}"


def listening(port: int) -> bool:
    """Whether somebody answers at the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(found: Callable[[], Any], what: str, seconds: float) -> Any:
    """Ask until the answer is truthy."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(0.1)
    return answer


class Site:
    """One browser, with a connection of its own."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.token = ""

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, text, target of a redirect."""
        return self._ask("GET", path, b"", "")

    def post(
        self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded"
    ) -> tuple[int, str, str]:
        """As `get`, with a body and the session's token."""
        if not self.token:
            page = self.get("/customers/")[1]
            found = TOKEN.search(page)
            assert found, page[:500]
            self.token = found[1]
        return self._ask("POST", path, body, kind)

    def _ask(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Cookie": self.cookie,
            "X-CSRFToken": self.token,
            "Referer": f"http://localhost:{self.port}/",
        }
        headers |= {"Origin": f"http://localhost:{self.port}"} | ({"Content-Type": kind} if kind else {})
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for name, value in answer.getheaders():
                # The token stands in the session, so that its cookie has to be kept.
                if name.lower() == "set-cookie" and value.startswith(self.cookie.partition("=")[0] + "="):
                    self.cookie = value.partition(";")[0]
            return answer.status, text, answer.headers.get("Location", "")
        finally:
            connection.close()


@dataclass
class Latency:
    """Times a reading and a small write in turns until it is stopped; milliseconds."""

    site: Site
    times: dict[str, list[float]] = field(default_factory=lambda: {"read": [], "write": []})

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Measure while the block runs."""
        stop = threading.Event()
        thread = threading.Thread(target=self._measure, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _measure(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._time("read", lambda: self.site.get("/healthz"), (200, 503))
            self._time("write", lambda: self.site.post("/language/zh", b""), (302,))
            time.sleep(0.02)

    def _time(self, name: str, ask: Callable[[], tuple[int, str, str]], expected: tuple[int, ...]) -> None:
        begin = time.perf_counter()
        status = ask()[0]
        self.times[name].append((time.perf_counter() - begin) * 1000)
        if status not in expected:
            raise SystemExit(f"the {name} was answered by {status}")

    def at(self, name: str, share: float) -> float:
        """A quantile."""
        return statistics.quantiles(self.times[name], n=100, method="inclusive")[round(share * 100) - 1]


def bring_in(site: Site, content: bytes) -> dict[str, float]:
    """The whole way; seconds of each step."""
    steps: dict[str, float] = {}

    def step(name: str, done: str) -> str:
        return str(wait(lambda: (page := site.get(path)[1]) and (page if done in page else ""), name, 120))

    begin = time.perf_counter()
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="customers.xlsx"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    status, text, path = site.post("/customers/imports", body, f"multipart/form-data; boundary={boundary}")
    if status != 303:
        raise SystemExit(f"the upload was answered by {status}: {text[:300]}")
    page = step("reading", 'name="target-0"')
    steps["read"] = time.perf_counter() - begin
    begin = time.perf_counter()
    selects = re.findall(r'id="target-(\d+)".*?</select>', page, re.DOTALL)
    targets = re.findall(r'value="(\w+)" selected', page[page.index('id="target-0"') :])
    form = "&".join(f"target-{place}={target}" for place, target in zip(selects, targets, strict=False))
    site.post(f"{path}/columns", f"sheet=0&{form}".encode())
    step("checking", f"{path}/run")
    steps["check"] = time.perf_counter() - begin
    begin = time.perf_counter()
    site.post(f"{path}/run", b"mode=all")
    step("importing", f"{path}/undo")
    steps["run"] = time.perf_counter() - begin
    return steps


if __name__ == "__main__":
    main()
