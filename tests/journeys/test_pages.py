"""Every page of the demonstration firm in both languages, both themes, on a phone and on a desk.

Each must answer, be in its language, fit its width, obey the content security policy, and pass axe. With
HEED_SCREENSHOTS=folder the pictures are kept, to be looked at; HEED_TEST_LOOKS=all takes all eight looks.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from app import create_app
from config import Settings
from tests import live
from tests.journeys.conftest import PASSWORD
from tests.journeys.page_list import LEFT_OUT, PAGES, PUBLIC, SETUP, Place

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that another theme could break. The light looks, one in each language and width, run every rule.
DARK = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
RULES: dict[str, dict[str, Any]] = {
    "light": {"runOnly": TAGS, "resultTypes": ["violations"]},
    "dark": {"runOnly": {"type": "rule", "values": DARK}, "resultTypes": ["violations"]},
}


@dataclass(frozen=True)
class Look:
    """One way of looking at a page."""

    lang: str
    theme: str
    width: int

    def __str__(self) -> str:
        return f"{self.lang}-{self.theme}-{self.width}"


# Four looks hold each language with each theme and each language at each width. A theme changes no widths.
LOOKS = [
    Look("zh", "light", 360),
    Look("zh", "dark", 1280),
    Look("en", "light", 1280),
    Look("en", "dark", 360),
]
if os.environ.get("HEED_TEST_LOOKS") == "all":
    LOOKS += [Look(one.lang, one.theme, 1640 - one.width) for one in LOOKS]

# Part of a page's name, to look at a few only.
WANTED = os.environ.get("HEED_TEST_PAGES", "")
WIDEST = """() => [...document.body.querySelectorAll('*')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.tagName + '.' + e.className).slice(0, 3).join(', ')"""


@dataclass
class Site:
    """The demonstration firm in every state, an installation without a firm, and who is signed in."""

    firm: live.Heed
    bare: live.Heed
    words: dict[str, Any]
    sessions: dict[str, Any] = field(default_factory=dict)

    def address(self, place: Place, lang: str) -> str:
        """Where a page is."""
        path = place.path.format(**self.words, lang=lang)
        return (
            self.bare.url + path.removeprefix("@bare") if path.startswith("@bare") else self.firm.url + path
        )


@pytest.fixture(scope="module")
def site(demo: live.Heed, tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Site]:
    """Both installations, with one signed-in session for each role."""
    words = json.loads(demo.run("tests.journeys.scenery"))
    data: Path = tmp_path_factory.mktemp("bare")
    with live.heed(data) as bare:
        words["setup_code"] = (data / "setup_code").read_text("ascii").strip().partition("code=")[2]
        made = Site(demo, bare, words)
        for role in sorted({place.role for place in PAGES} - {PUBLIC, SETUP}):
            made.sessions[role] = session_of(chromium, demo, role)
        yield made


def session_of(chromium: Browser, heed: live.Heed, local: str) -> Any:
    """Sign in as one of the demonstration users, through the page."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{heed.url}/sign-in")
    page.fill("input[name=email]", f"{local}@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{heed.url}/")
    state = context.storage_state()
    context.close()
    return state


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_pages(chromium: Browser, site: Site, look: Look) -> None:
    with contextlib.closing(sqlite3.connect(site.firm.data / "heed.sqlite3", timeout=30)) as connection:
        connection.execute("UPDATE user SET language = ?, theme = ?", (look.lang, look.theme))
        connection.commit()
    problems: list[str] = []
    for role in sorted({place.role for place in PAGES}):
        context = chromium.new_context(
            viewport={"width": look.width, "height": 800},
            locale="zh-CN" if look.lang == "zh" else "en-GB",
            color_scheme="dark" if look.theme == "dark" else "light",
            reduced_motion="reduce",
            storage_state=site.sessions.get(role),
        )
        tab, noticed = listening(context)
        for place in (one for one in PAGES if one.role == role and WANTED in one.name):
            found = visit(tab, site, place, look)
            problems += [f"{look} {place.name}: {one}" for one in found + noticed]
            noticed.clear()
        context.close()
    assert not problems, "\n".join(problems)


def listening(context: BrowserContext) -> tuple[Page, list[str]]:
    """A tab, and the list into which its errors go."""
    tab, noticed = context.new_page(), list[str]()

    def note(message: ConsoleMessage) -> None:
        # The browser also reports every answer that is not 2xx; those are checked elsewhere.
        if message.type == "error" and "Failed to load resource" not in message.text:
            noticed.append(f"console: {message.text}")

    tab.on("console", note)
    tab.on("pageerror", lambda error: noticed.append(f"script: {error}"))
    return tab, noticed


def visit(tab: Page, site: Site, place: Place, look: Look) -> list[str]:
    """Open a page, and return what is wrong with it."""
    if place.role in (PUBLIC, SETUP):
        tab.context.clear_cookies()  # a stranger comes with nothing
    found = []
    answer = tab.goto(site.address(place, look.lang), wait_until="load")
    if answer is None or answer.status != place.status:
        found.append(f"status {answer.status if answer else 'none'}, not {place.status}")
    if place.act:
        place.act(tab)
        tab.wait_for_load_state("load")
    found += faults(tab, look)
    keep_picture(tab, look, place.name)
    return found


def faults(tab: Page, look: Look) -> list[str]:
    """What is wrong with the page as it stands."""
    found = []
    overflow = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        found.append(f"{overflow} px wider than the screen: {tab.evaluate(WIDEST)}")
    if not tab.evaluate("document.documentElement.lang").startswith(look.lang):
        found.append("is in the other language")
    for violation in Axe().run(tab, options=RULES[look.theme]).response["violations"]:
        targets = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
        found.append(f"axe {violation['id']}: {violation['help']} at {targets}")
    return found


def keep_picture(tab: Page, look: Look, name: str) -> None:
    """Store a picture when a folder is named."""
    folder = os.environ.get("HEED_SCREENSHOTS")
    if folder:
        target = Path(folder) / f"{name}.{look}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=target, full_page=True)


def test_every_page_is_on_the_list(settings: Settings) -> None:
    listed = {page.endpoint for page in PAGES} | set(LEFT_OUT)
    app = create_app(settings)
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    assert pages - listed == set()
    assert listed - pages == set()
