"""`python -m tests.journeys.pictures FOLDER`: takes pictures of the guide anew, in both languages."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests import live
from tests.journeys.conftest import FLAGS, PASSWORD

# Name, path and height of the picture. The second survey of the demonstration is that of last year.
PICTURES = (
    ("home", "/", 480),
    ("statistics", "/analysis/2", 740),
    ("monitor", "/surveys/3", 800),
    ("builder", "/questionnaires/1/edit", 800),
)


def main(folder: Path) -> None:
    """Start a demonstration, look at it, and stop it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, live.heed(Path(data) / "data") as heed:
        heed.command("demo", "--password", PASSWORD)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for lang in ("en", "zh"):
                take(browser, heed.url, lang, folder)
            browser.close()


def take(browser: Browser, url: str, lang: str, folder: Path) -> None:
    """All pictures in one language."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{url}/sign-in")
    page.fill("input[name=email]", "marketing@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{url}/")
    switch = page.locator(f".tools button[lang={lang}]")
    if switch.count():
        switch.click()
    for name, path, height in PICTURES:
        page.goto(url + path)
        if name == "builder" and "/edit" not in page.url:  # no draft yet
            page.locator("main .actions form button").click()
        page.set_viewport_size({"width": 1280, "height": height})
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.{lang}.png")
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
