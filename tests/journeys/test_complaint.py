"""The life of a complaint as one journey: real browser, server, worker, mail server and mailbox.

A customer complains on his phone; the case is sent back once, waits over a make-up weekend, goes on when he answers by
mail, and is solved in the second round by somebody else. The clock of the installation is moved; all else is real.
"""

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests import live
from tests.imap_server import PASSWORD as MAILBOX_PASSWORD
from tests.imap_server import USER, ImapServer, Store
from tests.journeys import desk_work, office
from tests.journeys.browsing import Person, sit_down
from tests.journeys.desk_work import open_case, take
from tests.journeys.moving_clock import heed_at
from tests.journeys.office import ZONE

pytestmark = pytest.mark.browser

CUSTOMER = "wu@kunde.cn"
MODEL = "型号是 KFR-35，买了两年。"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In October 2026. The Saturday of the 10th is a make-up working day for the holidays from the 1st to the 7th."""
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE)


def mails(box: live.Postbox, number: int) -> list[str]:
    """The subjects of what the customer has got, once there are so many."""
    live.wait_for(f"mail {number} to the customer", lambda: len(box.to(CUSTOMER)) >= number, 60)
    return [str(mail["Subject"]) for mail in box.to(CUSTOMER)]


def test_the_life_of_a_complaint(chromium: Browser, tmp_path: Path) -> None:
    store = Store()
    with live.postbox() as box, ImapServer(store) as imap:
        settings = {
            "MAIL_URL": f"smtp://127.0.0.1:{box.port}",
            "MAILBOX_URL": f"imap://{quote(USER, safe='')}:{quote(MAILBOX_PASSWORD, safe='')}@127.0.0.1:{imap.port}/INBOX",
        }
        with heed_at(at(9, 10), tmp_path / "data", **settings) as (heed, clock):
            li = sit_down(chromium)
            office.set_up(li, heed)
            heed.run("tests.journeys.staffing", office.PASSWORD)
            address = desk_work.switch_on_form(li, heed)

            wu = sit_down(chromium, width=360)
            number = desk_work.complain(wu, address, CUSTOMER, tmp_path)
            assert number in mails(box, 1)[0]
            link = live.link_in(box.to(CUSTOMER)[0], "c")

            people = {name: sit_down(chromium) for name in ("zhou", "chen", "liu", "sun")}
            for name, person in people.items():
                desk_work.sign_in(person, heed, name, office.PASSWORD)
            first_round(heed, box, people, number)
            clock.set(at(9, 14))
            wait_over_the_weekend(box, people["chen"], number)
            clock.set(at(12, 9, 30))
            answer_by_mail(box, store, people["chen"])
            second_round(heed, box, people, number)
            check_summary(li, heed)
            check_customer(wu, link)
            check_log(heed, box)
            problems = [one for person in (li, wu, *people.values()) for one in person.problems]
            assert problems == [], link


def first_round(heed: live.Heed, box: live.Postbox, people: dict[str, Person], number: str) -> None:
    zhou, sun, chen = people["zhou"], people["sun"], people["chen"]
    open_case(zhou, heed, number)
    take(zhou, "classify", "修改分类", severity="重大")
    take(zhou, "assign", "分派", unit="配送部", reason="请今天联系客户。")
    open_case(sun, heed, number)
    take(sun, "send_back", "退回", reason="这是维修质量问题，不归配送部。")
    zhou.page.reload()
    take(zhou, "assign", "分派", unit="维修部", reason="维修三次没修好。")
    open_case(chen, heed, number)
    take(chen, "accept", "接受")


def wait_over_the_weekend(box: live.Postbox, chen: Person, number: str) -> None:
    before = len(box.to(CUSTOMER))
    chen.page.reload()
    take(chen, "wait", "等待", party="customer", what="请告诉我们空调型号。", until="2026-10-16")
    assert number in mails(box, before + 1)[-1]


def second_round(heed: live.Heed, box: live.Postbox, people: dict[str, Person], number: str) -> None:
    """Resolved, not satisfied, on to a colleague, satisfied, closed."""
    zhou, chen, liu = people["zhou"], people["chen"], people["liu"]
    chen.page.reload()
    before = len(box.to(CUSTOMER))
    take(
        chen, "resolve", "登记处理结果", result="排水管接头老化，已更换。", remedy="免费维修", told="邮件",
        reply="您好，排水管接头已更换，本次免费。", cause_text="接头老化", prevention="保养时检查接头。",
    )  # fmt: skip
    mails(box, before + 1)
    open_case(zhou, heed, number)
    take(zhou, "callback", "登记回访", answer="not", words="还在滴水。", channel="电话", handler="刘洋")
    open_case(liu, heed, number)
    take(
        liu, "resolve", "登记处理结果", result="更换整机排水泵，并赔付地板。", remedy="赔付 800 元", told="电话",
        reply="您好，排水泵已更换，地板赔付 800 元。", cause_text="排水泵选型过小", prevention="改用大流量排水泵。",
    )  # fmt: skip
    zhou.page.reload()
    take(
        zhou,
        "callback",
        "登记回访",
        answer="satisfied",
        solution_score="5",
        handling_score="4",
        channel="电话",
    )
    zhou.page.reload()
    if zhou.page.locator("#close-form").count():
        take(zhou, "close", "关闭", outcome="satisfied")


def answer_by_mail(box: live.Postbox, store: Store, chen: Person) -> None:
    store.put(desk_work.reply_to(box.to(CUSTOMER)[-1], MODEL))

    def came() -> bool:
        chen.page.reload()
        return MODEL in chen.text()

    live.wait_for("the customer's mail on the case", came, 150)
    expect(chen.page.get_by_text(re.compile("处理中")).first).to_be_visible()
    chen.look("case-answered")
    clocks = chen.page.locator("#clocks").text_content() or ""
    # Five working days from Friday 10:00 would end on Thursday the 15th; he was waited for from Friday 14:00 to Monday
    # 09:30, with the Saturday in between a working day.
    assert "10月19日 09:30 到期" in clocks
    assert "调休上班" in clocks


def check_summary(li: Person, heed: live.Heed) -> None:
    """One complaint in October, opened again, one of two callbacks satisfied, nothing late."""
    li.goto(f"{heed.url}/complaints/summary?period=2026-10")
    expect(li.page.locator(".stats")).to_be_visible(timeout=30_000)
    li.look("complaint-summary")
    said = re.sub(r"\s+", " ", li.text())
    assert "2026 年 10 月收到投诉 1 件" in said
    assert "已回访 2 件" in said
    assert "不满意 1 部分满意 0 满意 1" in said
    assert "重新打开 1 件中 1 件 100.0%" in said
    assert "首次答复 100.0%" in said


def check_customer(wu: Person, link: str) -> None:
    """The customer reads the same on his page: his mail, both answers, the end."""
    wu.goto(link)
    wu.look("followed-to-the-end")
    for words in (desk_work.WHAT, MODEL, "赔付 800 元"):
        assert words in wu.text(), words


def check_log(heed: live.Heed, box: live.Postbox) -> None:
    """Nothing of the customer stands in a log, and nothing went wrong behind the scenes."""
    log = "\n".join(file.read_text("utf-8", "replace") for file in [heed.log, *heed.data.rglob("*.log")])
    tokens = {live.link_in(mail, "c").rpartition("/")[2] for mail in box.to(CUSTOMER)}
    private = [*tokens, CUSTOMER, MODEL, desk_work.WHAT, "吴先生"]
    assert [one for one in private if one in log] == []
    assert not re.search(r"Traceback|CRITICAL|\b50[0234]\b", log), log[-3000:]
