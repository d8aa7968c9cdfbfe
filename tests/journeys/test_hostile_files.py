"""T31 in a real browser: what strangers send through the public form never runs, neither for staff nor for customers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page, expect

from tests import live
from tests.factories import sent_files
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser

SCRIPT = b"<script>window.pwned = 1; document.title = 'pwned'</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned = 1"><script>window.pwned = 1</script></svg>'
REFUSED = {
    "page.html": HTML,
    "picture.svg": SVG,
    "shell.php": b"<?php system($_GET[0]);",
    "double.jpg.html": HTML,
    "html.as.jpg": HTML,
    "svg.as.png": SVG,
    "page.pdf": HTML,
    "upper.HTML": HTML,
    "polyglot.gif": b"GIF89a/*" + SCRIPT,
}
# These are what they say, and something else besides.
TAKEN = {
    "double.html.jpg": sent_files.jpeg(tail=HTML, told=SCRIPT),
    "polyglot.png": sent_files.png(tail=HTML, told=SCRIPT),
    "程序.pdf": sent_files.pdf() + b"%" + SCRIPT + b"\n%%EOF\n",
}
AT_ONCE = 5


@pytest.fixture
def heed(tmp_path: Path) -> Iterator[live.Heed]:
    """An installation of its own: it gets a public form, which the demonstration firm of the other pages has not."""
    with live.heed(tmp_path / "data") as running:
        running.command("demo", "--password", PASSWORD)
        yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(locale="zh-CN", accept_downloads=True)
    yield opened
    opened.close()


def put(folder: Path, files: dict[str, bytes]) -> list[Path]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def send(page: Page, files: list[Path]) -> None:
    page.set_input_files("#f-files", files)
    page.wait_for_timeout(1500)  # quicker than that no person is
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_load_state("load")


def sign_in(page: Page, heed: live.Heed, local: str) -> None:
    page.goto(f"{heed.url}/sign-in")
    page.fill("input[name=email]", f"{local}@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{heed.url}/")


def fetch(page: Page, address: str) -> Download:
    """Type the address of a file, as a stranger would make somebody do."""
    with page.expect_download() as waiting:
        page.evaluate("address => { location.href = address }", address)
    return waiting.value


def test_what_strangers_send_is_saved_and_never_runs(
    context: BrowserContext, heed: live.Heed, tmp_path: Path
) -> None:
    page = context.new_page()
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.goto(f"{heed.url}/complain")
    page.fill("#f-content", "空调漏水，照片见附件。")
    page.fill("#f-email", "wu@kunde.cn")
    refused = put(tmp_path, REFUSED)
    for begin in range(0, len(refused), AT_ONCE):
        send(page, refused[begin : begin + AT_ONCE])
        expect(page.locator("#f-content")).to_have_value("空调漏水，照片见附件。")
        for one in refused[begin : begin + AT_ONCE]:
            expect(page.get_by_text(one.name).first).to_be_visible()
        assert "/c/" not in page.url
    send(page, put(tmp_path, TAKEN))
    links = page.locator('a[href*="/files/"]')
    assert "/c/" in page.url, page.inner_text("main")
    expect(links).to_have_count(len(TAKEN))
    own = [link.get_attribute("href") or "" for link in links.all()]
    kept = {"double.html.jpg", "polyglot.png"}
    for address in own:
        given = fetch(page, address)
        assert given.suggested_filename in TAKEN
        if given.suggested_filename in kept:
            assert b"<script" not in Path(given.path()).read_bytes(), "what is behind a picture is not kept"
    number = re.search(r"\b\d\d-\d{5}-\d\b", page.inner_text("body"))
    assert number
    assert page.evaluate("window.pwned") is None

    desk = context.new_page()
    sign_in(desk, heed, "service")
    desk.goto(f"{heed.url}/complaints/?q={number[0]}")
    desk.locator('a[href^="/complaints/"]', has_text="空调漏水").first.click()
    desk.wait_for_load_state("load")
    files = desk.locator('a[href^="/attachments/"]')
    addresses = sorted({link.get_attribute("href") or "" for link in files.all()})
    assert len(addresses) == len(TAKEN)
    for address in addresses:
        assert fetch(desk, address).suggested_filename in TAKEN
        # Nor inside of a page, where a browser asks for no download.
        desk.evaluate(
            """address => { for (const name of ["iframe", "object", "embed", "script", "img"]) {
                 const one = document.createElement(name);
                 one[name === "object" ? "data" : "src"] = address;
                 document.body.append(one); } }""",
            address,
        )
    desk.wait_for_timeout(500)
    for one in (page, desk):
        assert all(frame.evaluate("window.pwned") is None for frame in one.frames)
        assert "pwned" not in one.title()
    assert ran == []
