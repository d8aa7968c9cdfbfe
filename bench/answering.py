"""How many complete answers a second Heed takes, beside a bare WSGI application doing the same durable work.

One complete answer is what a browser does: start, then three times read a page and save it, then read the
thanks: eight requests, four durable writes, four reads, 20 questions. Both run under the same granian, one after the
other, in alternating rounds: Heed by its front, the bare application as granian serves WSGI with many threads. A bare
application in a single thread has nobody to wait for and is nearly twice as quick; it is measured as well.
"""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from app import clock
from app.supervisor import web_command
from bench._report import Figure, report
from bench._site import free_port, live_survey, load, percentile_ms, server
from config import ROOT, Settings

SECONDS = 5.0
ROUNDS = 2
PEOPLE = (8, 32)
LINKS_PER_ROUND = 6000
SAVE_LIMIT_MS = 50.0
PAGE_LIMIT_KB = 30.0
MANY_THREADS = 64

Runs = dict[int, list[dict[str, Any]]]


def _prepare(settings: Settings, count: int) -> list[str]:
    """Make the database with one survey and `count` invitations; return the paths of their links."""
    from flask_migrate import upgrade

    from app import create_app

    app = create_app(settings)
    with app.app_context():
        upgrade()
        return live_survey(_contacts(count))


def _contacts(count: int) -> list[tuple[int, int]]:
    """Ids of contacts and their customers."""
    from app.extensions import db
    from app.models import Contact, Customer, Firm

    now = clock.now()
    firm = Firm(
        name="恒信服务集团", name_en="Hengxin", language="zh", timezone="Asia/Shanghai", created_at=now
    )
    contacts = []
    for number in range(count):
        customer = Customer(code=f"C{number}", name=f"客户{number}", created_at=now, updated_at=now)
        contacts.append(
            Contact(name=f"联系人{number}", email=f"c{number}@customer.example", customer=customer)
        )
    db.session.add_all([firm, *contacts])
    db.session.flush()
    return [(contact.id, contact.customer_id) for contact in contacts]


def _measure(folder: Path) -> list[Figure]:
    environ = {"HEED_DATA": str(folder), "PORT": str(free_port()), "HEED_ASSETS": "local"}
    settings = Settings.from_env(environ)
    paths = _prepare(settings, LINKS_PER_ROUND * (ROUNDS * len(PEOPLE) + 1))
    bare_port = free_port()
    bare_environ = {"BARE_DATABASE": str(folder / "bare.sqlite3"), "BARE_PAGE": "4000"}
    command = web_command(settings)
    heed, bare, lone = ({people: [] for people in PEOPLE} for _ in range(3))

    def share() -> list[str]:
        return [paths.pop() for _ in range(LINKS_PER_ROUND)]

    with server(command, environ, settings.port):
        page = load(settings.port, 2, share(), 1.0)["page"]
        bare_environ["BARE_PAGE"] = str(page)
        lone_port = free_port()
        with (
            server(_bare(command, settings.port, bare_port, MANY_THREADS), bare_environ, bare_port),
            server(_bare(command, settings.port, lone_port, 1), bare_environ, lone_port),
        ):
            for turn in range(ROUNDS):
                for people in PEOPLE:
                    heed[people].append(load(settings.port, people, share(), SECONDS))
                    for port, runs in ((bare_port, bare), (lone_port, lone)):
                        made_up = [f"/s/{port}-{turn}-{people}-{n}" for n in range(LINKS_PER_ROUND * 4)]
                        runs[people].append(load(port, people, made_up, SECONDS))
    return _figures(heed, bare, lone, page)


def _bare(command: list[str], heeds_port: int, port: int, threads: int) -> list[str]:
    """The command of the bare application: Heed's, but for what is served."""
    other = {str(heeds_port): str(port), "rsgi": "wsgi", "wsgi:front": "bench._bare:app"}
    return [*(other.get(word, word) for word in command), "--blocking-threads", str(threads)]


def _figures(heed: Runs, bare: Runs, lone: Runs, page: int) -> list[Figure]:
    figures = []
    for people in PEOPLE:
        ours = statistics.median(run["per_second"] for run in heed[people])
        limit = statistics.median(run["per_second"] for run in bare[people])
        alone = statistics.median(run["per_second"] for run in lone[people])
        saves = [one for run in heed[people] for one in run["saves"]]
        figures += [
            Figure(f"complete_answers_at_{people}", ours, "answers/s", limit),
            Figure(f"bare application in one thread at {people}", alone, "answers/s"),
            Figure(f"save_p50_at_{people}", percentile_ms(saves, 0.5), "ms"),
            Figure(
                f"save_p99_at_{people}",
                percentile_ms(saves, 0.99),
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
