"""What customers do with the mail: answer in a browser, on a phone, in either language, with or without script."""

import re

from playwright.sync_api import Page

from tests.journeys.browsing import Person

MOST_PAGES = 30
WORDS = {"zh": "等的时间有点久，希望改进。", "en": "It took a little long."}
START = re.compile("^(开始|Start|从上次的地方继续|Continue where you stopped)$")
SAVE = re.compile("^(保存并继续|保存并提交|Save and continue|Save and finish)$")


def open_link(person: Person, link: str) -> None:
    """Open the mail's link and press the button of the first screen."""
    person.goto(link)
    person.look("answer-start")
    start(person.page)


def start(page: Page) -> None:
    """The button of the first screen."""
    page.get_by_role("button", name=START).click()
    page.wait_for_url(re.compile(r"/[so]/[^/]+/\w+"))


def fill(page: Page, wishes: dict[str, str], lang: str = "zh") -> None:
    """Choose and type on this page: what is wished for a field, else the middle or the first answer."""
    names = page.eval_on_selector_all(
        "#answers input[type=radio]", "all => [...new Set(all.map(one => one.name))]"
    )
    for name in names:
        group = page.locator(f'#answers input[name="{name}"]')
        values = [one.get_attribute("value") for one in group.all()]
        wished = wishes.get(name)
        value = wished if wished in values else values[len(values) // 2]
        page.locator(f'#answers label:has(input[name="{name}"][value="{value}"])').click()
    for box in page.locator("#answers textarea").all():
        box.fill(WORDS[lang])


def save(page: Page) -> None:
    """Save this page and wait for the one that follows."""
    before = page.url
    page.get_by_role("button", name=SAVE).click()
    page.wait_for_url(lambda url: url != before)


def answer(person: Person, link: str, wishes: dict[str, str]) -> str:
    """Answer everything; returns the receipt number."""
    open_link(person, link)
    page = person.page
    for number in range(MOST_PAGES):
        if page.url.endswith("/done"):
            person.look("answer-done")
            return page.inner_text(".receipt")
        if number in (0, 1, 8):
            person.look(f"answer-page-{number}")
        fill(page, wishes, person.lang)
        save(page)
    raise AssertionError("the questionnaire has no end")


def unsubscribe(person: Person, link: str) -> None:
    """The link at the foot of a mail, and the button behind it."""
    person.goto(link)
    person.look("unsubscribe")
    person.page.get_by_role("button").last.click()
    person.page.wait_for_load_state("load")
    person.look("unsubscribed")


def decline(person: Person, link: str) -> None:
    """Not this time."""
    person.goto(link)
    person.press("这次调查别再提醒我")
    person.look("declined")
