"""How many complete answers a second Heed takes, beside a bare WSGI application doing the same durable work.

One complete answer is what a browser does: start, then three times read a page and save it, then read the
thanks: eight requests, four durable writes, four reads, 20 questions. Both servers run under the same granian with
the same settings, one after the other, in alternating rounds.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app import clock
from app.supervisor import web_command
from bench._report import Figure, report
from config import ROOT, Settings

SECONDS = 5.0
ROUNDS = 2
PEOPLE = (8, 32)
LINKS_PER_ROUND = 4000
SAVE_LIMIT_MS = 50.0
PAGE_LIMIT_KB = 30.0
ENDS = {
    "low": {"zh": "很不满意", "en": "Very dissatisfied"},
    "high": {"zh": "很满意", "en": "Very satisfied"},
}


def _question(number: int) -> dict[str, Any]:
    common = {
        "id": f"q{number}",
        "code": f"item_{number}",
        "hint": {},
        "required": True,
        "indicator": None,
        "show_if": None,
    }
    text = {"zh": f"您对第 {number} 项服务满意吗？", "en": f"How satisfied were you with service {number}?"}
    if number == 20:
        return common | {"type": "long_text", "text": text, "required": False, "max_length": 2000}
    own = {"points": 5, "labels": None, "allow_na": True, "na_text": {}, "reverse": False} | ENDS
    return common | {"type": "scale", "text": text} | own


def _content() -> dict[str, Any]:
    split = [range(1, 8), range(8, 15), range(15, 21)]
    pages = [
        {
            "id": f"p{n}",
            "title": {"zh": f"第 {n} 部分", "en": f"Part {n}"},
            "questions": [_question(q) for q in part],
        }
        for n, part in enumerate(split, 1)
    ]
    title = {"zh": "年度满意度调查", "en": "Yearly satisfaction survey"}
    return {
        "languages": ["zh", "en"], "default_language": "zh", "title": title, "intro": title, "thanks": title,
        "minutes": 3, "pages": pages,
    }  # fmt: skip


def _bodies() -> list[str]:
    filled = {f"item_{n}": str(1 + n % 5) for n in range(1, 20)} | {
        "item_20": "等的时间有点久，师傅很专业。" * 3
    }
    parts = [range(1, 8), range(8, 15), range(15, 21)]
    return [urlencode({f"item_{n}": filled[f"item_{n}"] for n in part}) for part in parts]


def _prepare(settings: Settings, count: int) -> list[str]:
    """Make the database with one survey and `count` invitations; return the paths of their links."""
    from flask_migrate import upgrade

    from app import create_app

    app = create_app(settings)
    with app.app_context():
        upgrade()
        from app.queries.links import answer_url

        return ["/" + answer_url(one).split("/", 3)[3] for one in _invitations(count)]


def _invitations(count: int) -> list[Any]:
    from app.extensions import db
    from app.models import (
        Contact,
        Customer,
        Firm,
        Invitation,
        Questionnaire,
        QuestionnaireVersion,
        Series,
        Survey,
    )
    from app.rules.links import new_nonce

    now = clock.now()
    firm = Firm(
        name="恒信服务集团", name_en="Hengxin", language="zh", timezone="Asia/Shanghai", created_at=now
    )
    version = QuestionnaireVersion(
        number=1, state="published", content=_content(), content_hash="0" * 64, created_at=now, edited_at=now,
        questionnaire=Questionnaire(title={"zh": "年度"}, created_at=now),
    )  # fmt: skip
    survey = Survey(
        series=Series(name={"zh": "年度"}, created_at=now), name={"zh": "年度"}, questionnaire_version=version,
        state="live", opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), created_at=now,
    )  # fmt: skip
    rows = []
    for number in range(count):
        customer = Customer(code=f"C{number}", name=f"客户{number}", created_at=now, updated_at=now)
        contact = Contact(name=f"联系人{number}", email=f"c{number}@customer.example", customer=customer)
        rows.append(
            Invitation(
                survey=survey,
                contact=contact,
                customer=customer,
                nonce=new_nonce(),
                language="zh",
                created_at=now,
            )
        )
    db.session.add_all([firm, *rows])
    db.session.flush()
    # The measurement is its own edge: it prepares what the product would have stored in many requests.
    db.session.commit()
    return rows


@contextmanager
def _server(command: list[str], environ: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, env=os.environ | environ, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _load(port: int, people: int, paths: list[str], seconds: float) -> dict[str, Any]:
    order = {"port": port, "people": people, "paths": paths, "seconds": seconds, "bodies": _bodies()}
    run = subprocess.run(
        [sys.executable, "-m", "bench._load"], input=json.dumps(order), cwd=ROOT, text=True, capture_output=True, check=False
    )  # fmt: skip
    if run.returncode:
        raise SystemExit(run.stderr)
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def _measure(folder: Path) -> list[Figure]:
    environ = {"HEED_DATA": str(folder), "PORT": str(_free_port()), "HEED_ASSETS": "local"}
    settings = Settings.from_env(environ)
    paths = _prepare(settings, LINKS_PER_ROUND * (ROUNDS * len(PEOPLE) + 1))
    bare_port = _free_port()
    bare_environ = {"BARE_DATABASE": str(folder / "bare.sqlite3"), "BARE_PAGE": "4000"}
    command = web_command(settings)
    bare_command = [
        {str(settings.port): str(bare_port), "wsgi:app": "bench._bare:app"}.get(a, a) for a in command
    ]
    heed: dict[int, list[dict[str, Any]]] = {people: [] for people in PEOPLE}
    bare: dict[int, list[dict[str, Any]]] = {people: [] for people in PEOPLE}

    def share() -> list[str]:
        return [paths.pop() for _ in range(LINKS_PER_ROUND)]

    with _server(command, environ, settings.port):
        page = _load(settings.port, 2, share(), 1.0)["page"]
        bare_environ["BARE_PAGE"] = str(page)
        with _server(bare_command, bare_environ, bare_port):
            for turn in range(ROUNDS):
                for people in PEOPLE:
                    heed[people].append(_load(settings.port, people, share(), SECONDS))
                    made_up = [f"/s/{turn}-{people}-{n}" for n in range(LINKS_PER_ROUND * 4)]
                    bare[people].append(_load(bare_port, people, made_up, SECONDS))
    return _figures(heed, bare, page)


def _figures(
    heed: dict[int, list[dict[str, Any]]], bare: dict[int, list[dict[str, Any]]], page: int
) -> list[Figure]:
    figures = []
    for people in PEOPLE:
        ours = statistics.median(run["per_second"] for run in heed[people])
        limit = statistics.median(run["per_second"] for run in bare[people])
        saves = [one for run in heed[people] for one in run["saves"]]
        figures += [
            Figure(f"complete_answers_at_{people}", ours, "answers/s", limit),
            Figure(f"save_p50_at_{people}", _percentile(saves, 0.5), "ms"),
            Figure(
                f"save_p99_at_{people}",
                _percentile(saves, 0.99),
                "ms",
                SAVE_LIMIT_MS if people == 8 else None,
            ),
        ]
    return [*figures, Figure("page_compressed", page / 1024, "KB", PAGE_LIMIT_KB)]


def main() -> None:
    """Measure in a folder that is thrown away."""
    # Beside the project and not in /tmp, which may be memory and makes durable writes look free.
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        report("answering", _measure(Path(folder)))


if __name__ == "__main__":
    main()
