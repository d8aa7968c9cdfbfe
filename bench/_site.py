"""A questionnaire of 20 questions, its server and its respondents, for the benchmarks that measure saving."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from app import clock
from config import ROOT

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


def content() -> dict[str, Any]:
    """The questionnaire: three pages, 19 scales and one open question."""
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


def bodies() -> list[str]:
    """What a browser posts for the three pages."""
    filled = {f"item_{n}": str(1 + n % 5) for n in range(1, 20)} | {
        "item_20": "等的时间有点久，师傅很专业。" * 3
    }
    parts = [range(1, 8), range(8, 15), range(15, 21)]
    return [urlencode({f"item_{n}": filled[f"item_{n}"] for n in part}) for part in parts]


def live_survey(contacts: list[tuple[int, int]]) -> list[str]:
    """Ask these contacts (ids of contact and customer); returns the paths of their links.

    In the present application context. The measurement is its own edge: it commits what the product would have
    stored in many requests.
    """
    from app.extensions import db
    from app.models import Invitation, Questionnaire, QuestionnaireVersion, Series, Survey
    from app.queries.links import answer_url
    from app.rules.links import new_nonce

    now = clock.now()
    version = QuestionnaireVersion(
        number=1, state="published", content=content(), content_hash="0" * 64, created_at=now, edited_at=now,
        questionnaire=Questionnaire(title={"zh": "年度"}, created_at=now),
    )  # fmt: skip
    survey = Survey(
        series=Series(name={"zh": "年度"}, created_at=now), name={"zh": "年度"}, questionnaire_version=version,
        state="live", opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), created_at=now,
    )  # fmt: skip
    rows = [
        Invitation(survey=survey, contact_id=contact, customer_id=customer, nonce=new_nonce(), language="zh", created_at=now)
        for contact, customer in contacts
    ]  # fmt: skip
    db.session.add_all(rows)
    db.session.commit()
    return ["/" + answer_url(one).split("/", 3)[3] for one in rows]


@contextmanager
def server(command: list[str], environ: dict[str, str], port: int) -> Iterator[None]:
    """Run a web server while the block runs."""
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


def load(port: int, people: int, paths: list[str], seconds: float) -> dict[str, Any]:
    """So many people answer for so long; see `bench._load` for the result."""
    order = {"port": port, "people": people, "paths": paths, "seconds": seconds, "bodies": bodies()}
    run = subprocess.run(
        [sys.executable, "-m", "bench._load"], input=json.dumps(order), cwd=ROOT, text=True, capture_output=True, check=False
    )  # fmt: skip
    if run.returncode:
        raise SystemExit(run.stderr)
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def percentile_ms(seconds: list[float], share: float) -> float:
    """In milliseconds, the duration that `share` of them do not exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000
