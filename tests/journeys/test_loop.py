"""The survey loop as one journey: a real browser, server, worker and mail server.

From the first start over an import, a template, two surveys of one series, mails, answers and reminders to the
statistics and their spreadsheet. With HEED_SCREENSHOTS=folder the pictures are kept, to be looked at.
"""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import live
from tests.journeys import customer, figures, office
from tests.journeys.browsing import Person, sit_down
from tests.respondent import Respondent

pytestmark = pytest.mark.browser

ITEMS = (
    "reach", "understanding", "plan_fit", "plan_clarity", "plan_fees", "schedule", "skill", "updates",
    "problem_speed", "problem_result", "follow_up", "later_help", "overall",
)  # fmt: skip
SERIES = "年度客户满意度调查"
ANSWERS = 40


def opinion(number: int, mood: float) -> dict[str, str]:
    """What a customer says; around `mood` on five points, the same each time for the same number."""
    rng = random.Random(f"{number}/{mood}")
    marks = {item: str(min(5, max(1, round(rng.gauss(mood, 0.9))))) for item in ITEMS}
    nps = str(min(10, max(0, round(rng.gauss(2 * mood, 1.5)))))
    problem = rng.choice(["none", "none", "told", "silent"])
    return marks | {"nps": nps, "effort": marks["overall"], "problem": problem, "service_kind": "training"}


def invited(box: live.Postbox, number: int) -> EmailMessage:
    """The newest mail of the customer with this number."""
    return box.to(f"k{number}@kunde.example")[-1]


def answer_by_post(box: live.Postbox, numbers: list[int], mood: float) -> None:
    """Several customers at once, without a browser."""

    def one(number: int) -> None:
        link = live.link_in(invited(box, number), "s")
        assert Respondent(link, wishes=opinion(number, mood)).answer().url.endswith("/done")

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(one, numbers))


def send_test_mail(li: Person, box: live.Postbox) -> None:
    li.press("保存并给我发一封测试邮件")
    live.wait_for("the test mail", lambda: box.to("li@minghu.example"), 15)
    mail = box.to("li@minghu.example")[0]
    assert "明湖服务" in str(mail["Subject"])
    assert mail["From"].addresses[0].addr_spec == "survey@minghu.example"


def check_invitations(box: live.Postbox, before: int) -> None:
    """Everybody got one mail in the own language; who was a bad row got none."""
    live.wait_for("all invitations", lambda: len(box.messages) >= before + office.GOOD, 60)
    arrived = box.recipients()[before:]
    good = [n for n in range(1, 601) if n not in office.BAD_ROWS]
    assert sorted(arrived) == sorted(f"k{n}@kunde.example" for n in good)
    assert "Minghu Services would like" in str(invited(box, 12)["Subject"]), str(invited(box, 12)["Subject"])
    assert "想听听您的意见" in str(invited(box, 1)["Subject"])


def answer_in_browsers(chromium: Browser, box: live.Postbox) -> list[str]:
    """Once in Chinese, once in English, once without script, each on a phone. Returns what was wrong."""
    problems: list[str] = []
    for number, lang, javascript in ((1, "zh", True), (12, "en", True), (2, "zh", False)):
        person = sit_down(chromium, lang=lang, width=360, javascript=javascript)
        link = live.link_in(invited(box, number), "s")
        assert customer.answer(person, link, opinion(number, 3.2))
        person.goto(link)
        person.look(f"used-{lang}")
        problems += person.problems
        person.context.close()
    return problems


def leave(chromium: Browser, box: live.Postbox) -> list[str]:
    """One never wants mail again, one does not want to answer this time, one only begins."""
    phone = sit_down(chromium, width=360)
    customer.unsubscribe(phone, live.link_in(invited(box, 50), "u"))
    customer.decline(phone, live.link_in(invited(box, 51), "s"))
    customer.open_link(phone, live.link_in(invited(box, 52), "s"))
    phone.context.close()
    return phone.problems


def check_reminders(li: Person, heed: live.Heed, box: live.Postbox, survey: int, finished: list[int]) -> None:
    """Reminders reach exactly those who have neither finished nor declined nor left."""
    before = len(box.messages)
    silent = set(range(1, 601)) - set(office.BAD_ROWS) - set(finished) - {50, 51}
    assert office.remind(li, heed, survey) == len(silent)
    live.wait_for("all reminders", lambda: len(box.messages) >= before + len(silent), 60)
    expect(li.page.get_by_text("已发催答")).to_be_visible()
    arrived = box.recipients()[before:]
    assert sorted(arrived) == sorted(f"k{n}@kunde.example" for n in silent)
    assert live.link_in(box.messages[-1], "s") == live.link_in(box.to(arrived[-1])[0], "s")


def check_log(heed: live.Heed, box: live.Postbox) -> None:
    """No link stands in any log, and nothing went wrong behind the scenes."""
    log = "\n".join(file.read_text("utf-8", "replace") for file in [heed.log, *heed.data.rglob("*.log")])
    tokens = {live.link_in(mail, kind).rpartition("/")[2] for mail in box.messages
              if "kunde" in mail["X-Envelope-To"] for kind in "su"}  # fmt: skip
    assert len(tokens) >= 4 * office.GOOD - 4
    assert [token for token in tokens if token in log] == []
    assert not re.search(r"Traceback|CRITICAL|\b50[0234]\b", log), log[-3000:]


def test_the_survey_loop(chromium: Browser, tmp_path: Path) -> None:
    with live.postbox() as box, live.heed(tmp_path / "data", MAIL_URL=f"smtp://127.0.0.1:{box.port}") as heed:
        li = sit_down(chromium)
        office.set_up(li, heed)
        office.bring_in_customers(li, heed, tmp_path)
        office.make_segment(li, heed)
        office.publish_questionnaire(li, heed)

        first = office.prepare_survey(li, heed, ("2025 年调查", "Survey 2025"), series=SERIES)
        send_test_mail(li, box)
        office.set_pace(li)
        office.launch(li)
        check_invitations(box, 1)
        problems = answer_in_browsers(chromium, box)
        problems += leave(chromium, box)
        by_post = list(range(101, 101 + ANSWERS))
        by_post = [n for n in by_post if n not in office.BAD_ROWS]
        answer_by_post(box, by_post, 3.2)
        check_reminders(li, heed, box, first, [1, 12, 2, *by_post])
        office.close(li, heed, first)

        office.allow_another_survey(li, heed)
        before = len(box.messages)
        second = office.prepare_survey(li, heed, ("2026 年调查", "Survey 2026"), series=SERIES)
        office.set_pace(li)
        office.launch(li)
        live.wait_for("all invitations", lambda: len(box.messages) >= before + office.GOOD - 1, 60)
        answer_by_post(box, [n for n in range(115, 115 + ANSWERS) if n not in office.BAD_ROWS], 4.1)
        office.close(li, heed, second)

        old, new = figures.stored(heed.data, first), figures.stored(heed.data, second)
        li.press("查看结果")
        expect(li.page.locator(".stats")).to_be_visible()
        li.look("statistics")
        figures.check_page(li, old, new)
        workbook = office.download_figures(li, tmp_path)
        li.goto(f"{heed.url}/analysis/{second}/questions")
        expect(li.page.locator("#data-questions")).to_be_attached()
        li.look("questions")
        figures.check_workbook(
            figures.through_libreoffice(workbook, tmp_path), old, new, figures.question_table(li)
        )
        check_log(heed, box)
        assert li.problems + problems == []
