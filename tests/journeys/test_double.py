"""What people do twice: click, reload, go back, open two tabs. And what the network does. One answer comes of it."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import live
from tests.journeys import customer
from tests.journeys.browsing import Person, sit_down

pytestmark = pytest.mark.browser

LAST = re.compile("^(保存并提交|Save and finish)$")
DONE = re.compile("/done$")
SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


@dataclass(frozen=True)
class Link:
    """Somebody's link, and the number of the invitation behind it."""

    invitation: int
    url: str


@pytest.fixture(scope="module")
def links(demo: live.Heed) -> Iterator[Link]:
    """Links that nobody has opened yet, one after another."""
    lines = demo.run("tests.journeys.links", "12").splitlines()
    return iter([Link(int(number), url) for number, url in (line.split() for line in lines)])


@pytest.fixture
def phone(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """A customer's phone; nothing may go wrong on it."""
    javascript = (
        request.node.callspec.params.get("javascript", True) if hasattr(request.node, "callspec") else True
    )
    person = sit_down(chromium, width=360, javascript=javascript)
    yield person
    person.context.close()
    # The browser itself reports a lost connection.
    assert [one for one in person.problems if "ERR_INTERNET_DISCONNECTED" not in one] == []


def responses(heed: live.Heed, link: Link) -> list[tuple[str, dict[str, Any]]]:
    """State and answers of every response to the link."""
    with closing(sqlite3.connect(heed.data / "heed.sqlite3", timeout=30)) as connection:
        rows = connection.execute(
            "SELECT state, answers FROM response WHERE invitation_id = ?", (link.invitation,)
        )
        return [(state, json.loads(answers)) for state, answers in rows]


def to_last_page(person: Person, link: Link, wishes: dict[str, str] | None = None) -> None:
    """Answer until the page whose button sends everything, and fill that one too."""
    page = person.page
    if "/s/" not in page.url:
        customer.open_link(person, link.url)
    for _ in range(customer.MOST_PAGES):
        customer.fill(page, wishes or {})
        if page.get_by_role("button", name=LAST).count():
            return
        customer.save(page)


def one_complete(heed: live.Heed, link: Link) -> dict[str, Any]:
    """There is exactly one response, and it is complete. Returns its answers."""
    found = responses(heed, link)
    assert [state for state, _answers in found] == ["complete"]
    return found[0][1]


@SCRIPT
def test_double_click_and_reload(
    demo: live.Heed, links: Iterator[Link], phone: Person, javascript: bool
) -> None:
    link = next(links)
    to_last_page(phone, link)
    phone.page.get_by_role("button", name=LAST).dblclick()
    phone.page.wait_for_url(DONE)
    receipt = phone.page.inner_text(".receipt")
    phone.page.reload()
    assert phone.page.inner_text(".receipt") == receipt
    one_complete(demo, link)


@SCRIPT
def test_back_and_send_again(demo: live.Heed, links: Iterator[Link], phone: Person, javascript: bool) -> None:
    link, page = next(links), phone.page
    to_last_page(phone, link)
    page.get_by_role("button", name=LAST).click()
    page.wait_for_url(DONE)
    before = one_complete(demo, link)
    page.go_back()
    again = page.get_by_role("button", name=LAST)
    if again.count():
        # The browser shows the page as it was.
        customer.fill(page, {"nps": "0"})
        again.click()
        page.wait_for_url(DONE)
    else:
        expect(page.get_by_role("heading", name="您已经答过了")).to_be_visible()
    assert one_complete(demo, link) == before


@SCRIPT
def test_two_tabs(demo: live.Heed, links: Iterator[Link], phone: Person, javascript: bool) -> None:
    link = next(links)
    customer.open_link(phone, link.url)
    second: Page = phone.context.new_page()
    second.goto(link.url)
    customer.start(second)
    customer.fill(second, {})
    to_last_page(phone, link)
    phone.page.get_by_role("button", name=LAST).click()
    phone.page.wait_for_url(DONE)
    before = one_complete(demo, link)
    customer.save(second)
    second.wait_for_url(DONE)
    assert one_complete(demo, link) == before


@SCRIPT
def test_back_shows_the_earlier_answer(links: Iterator[Link], phone: Person, javascript: bool) -> None:
    page = phone.page
    customer.open_link(phone, next(links).url)
    customer.fill(page, {})
    chosen = checked(page)
    assert chosen
    customer.save(page)
    page.go_back()
    expect(page.locator("#answers input:checked")).to_have_count(len(chosen))
    assert checked(page) == chosen
    customer.save(page)
    page.get_by_role("link", name="返回").click()
    page.wait_for_load_state("load")
    assert checked(page) == chosen


@SCRIPT
def test_switching_the_language_keeps_what_is_chosen(
    links: Iterator[Link], phone: Person, javascript: bool
) -> None:
    page = phone.page
    customer.open_link(phone, next(links).url)
    customer.fill(page, {})
    customer.save(page)
    customer.fill(page, {})
    chosen, here = checked(page), page.url
    page.locator(".langs").get_by_text("English").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    assert checked(page) == chosen
    phone.lang = "en"
    customer.save(page)
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    page.get_by_role("link", name="Back").click()
    page.wait_for_url(re.compile(re.escape(here)))
    assert checked(page) == chosen
    phone.look("double-language")


def test_lost_network_keeps_what_is_typed(demo: live.Heed, links: Iterator[Link], phone: Person) -> None:
    link, page = next(links), phone.page
    customer.open_link(phone, link.url)
    for _ in range(customer.MOST_PAGES):
        customer.fill(page, {})
        if page.locator("#answers textarea").count():
            break
        customer.save(page)
    box = page.locator("#answers textarea").first
    code, words = box.get_attribute("name") or "", "在电梯里写的：\n“等了很久” 👍"
    box.fill(words)
    phone.context.set_offline(True)
    page.get_by_role("button", name=customer.SAVE).click()
    expect(page.locator("#offline")).to_be_visible()
    assert box.input_value() == words
    phone.look("double-offline")
    before = page.url
    phone.context.set_offline(False)
    page.wait_for_url(lambda url: url != before)
    ((_state, answers),) = responses(demo, link)
    assert answers[code] == words


def checked(page: Page) -> list[str]:
    """Names and values of what is ticked."""
    found: list[str] = page.eval_on_selector_all(
        "#answers input:checked", "all => all.map(one => one.name + '=' + one.value)"
    )
    return found
