"""A person at a browser: opens pages, presses what is written on them, and notes what is wrong with them."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

# Three words of English in a row on a Chinese page: a sentence nobody has translated.
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
TEXT_OF_PAGE = """() => {
  const copy = document.body.cloneNode(true);
  for (const part of copy.querySelectorAll("[lang^=en], script, style, textarea, option, pre, code")) part.remove();
  return copy.textContent;
}"""


@dataclass
class Person:
    """One browser window with its own cookies. `problems` gathers whatever nobody should meet."""

    context: BrowserContext
    page: Page
    lang: str
    width: int
    problems: list[str] = field(default_factory=list)

    def goto(self, url: str) -> None:
        """Open an address."""
        self.page.goto(url)

    def press(self, words: str, *, exact: bool = True) -> None:
        """Press the one button or link that says so, and wait for the next page."""
        found = self.page.locator("main, #main, body").last
        target = found.get_by_role("button", name=words, exact=exact).or_(
            found.get_by_role("link", name=words, exact=exact)
        )
        target.first.click()
        self.page.wait_for_load_state("load")

    def confirm(self, words: str, yes: str) -> None:
        """Open a question that asks once, and say yes."""
        self.page.locator("details.confirm > summary", has_text=words).first.click()
        self.page.locator("details.confirm[open]").get_by_role("button", name=yes).click()
        self.page.wait_for_load_state("load")

    def text(self) -> str:
        """What the page says."""
        return self.page.inner_text("body")

    def look(self, name: str) -> None:
        """Check that the page is in one language and fits its width; keep a picture when a folder is named."""
        where = f"{name} ({urlsplit(self.page.url).path[:14]})"
        lang = self.page.evaluate("document.documentElement.lang")
        if not lang.startswith(self.lang):
            self.problems.append(f"{where}: is in {lang}")
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.problems.append(f"{where}: {wide} px wider than the screen")
        if self.lang == "zh":
            self.problems += [f"{where}: {one}" for one in ENGLISH.findall(self._text_in_language())]
        folder = os.environ.get("HEED_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"loop-{name}.{self.width}.png", full_page=True)

    def _text_in_language(self) -> str:
        return str(self.page.evaluate(TEXT_OF_PAGE))


def sit_down(chromium: Browser, *, lang: str = "zh", width: int = 1280, javascript: bool = True) -> Person:
    """Open a browser window; close it with `person.context.close()`."""
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        locale="zh-CN" if lang == "zh" else "en-GB",
        java_script_enabled=javascript,
        accept_downloads=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(30_000)
    person = Person(context, context.new_page(), lang, width)

    def heard(message: ConsoleMessage) -> None:
        # The browser's own remark on a form that came back with something to put right is none of ours.
        if message.type in ("error", "warning") and " 422 " not in message.text:
            person.problems.append(f"console: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            person.problems.append(f"{response.status} at {urlsplit(response.url).path[:14]}")

    person.page.on("console", heard)
    person.page.on("pageerror", lambda error: person.problems.append(f"script: {error}"))
    person.page.on("response", answered)
    return person
