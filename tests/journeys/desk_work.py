"""What a complainant does on his phone, and what customer service and the departments do with his case, page by page."""

import re
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import expect

from tests import live
from tests.factories import sent_files
from tests.journeys.browsing import Person

WHAT = "空调上门维修三次，还是漏水，地板都泡坏了。"


def sign_in(person: Person, heed: live.Heed, local: str, password: str) -> None:
    """As one of the firm."""
    person.goto(f"{heed.url}/sign-in")
    person.page.fill("input[name=email]", f"{local}@minghu.example")
    person.page.fill("input[name=password]", password)
    person.page.press("input[name=password]", "Enter")
    person.page.wait_for_url(f"{heed.url}/")


def switch_on_form(person: Person, heed: live.Heed) -> str:
    """The public form of the whole firm; returns its address."""
    person.goto(f"{heed.url}/settings/public-forms")
    person.page.locator("#form-0").get_by_role("button", name="启用").click()
    person.page.wait_for_load_state("load")
    person.look("public-forms")
    return person.page.locator("#address-of-0").input_value()


def complain(person: Person, address: str, email: str, folder: Path) -> str:
    """Fill in the form with two photos; returns the number of the case."""
    page = person.page
    person.goto(address)
    person.look("complain")
    page.fill("#f-content", WHAT)
    page.select_option("#f-category", label="维修与售后")
    page.fill("#f-email", email)
    page.fill("#f-name", "吴先生")
    photos = []
    for name, content in (("漏水.jpg", sent_files.jpeg()), ("地板.png", sent_files.png())):
        photos.append(folder / name)
        photos[-1].write_bytes(content)
    page.set_input_files("#f-files", photos)
    page.wait_for_timeout(1500)  # quicker than that no person is
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("link", name="漏水.jpg")).to_be_visible()
    expect(page.get_by_role("link", name="地板.png")).to_be_visible()
    person.look("complained")
    found = re.search(r"\b26-[0-9]{5}-[0-9]\b", person.text())
    assert found, person.text()
    return found.group()


def open_case(person: Person, heed: live.Heed, number: str) -> None:
    """Find it on the desk by its number."""
    person.goto(f"{heed.url}/complaints/?q={number}")
    person.page.get_by_role("link", name=WHAT[:8]).first.click()
    person.page.wait_for_load_state("load")
    expect(person.page.get_by_text(number).first).to_be_visible()


def take(person: Person, door: str, button: str, **fields: str) -> None:
    """Take one step on the page of the case: open its form, fill it in, send it."""
    page = person.page
    if not page.locator(f"#{door}-form").count():
        page.goto(re.sub(r"[?#].*", "", page.url) + f"?do={door}#step")
    form = page.locator(f"#{door}-form")
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        if field.first.get_attribute("type") == "radio":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            labels = field.locator("option").all_inner_texts()
            label = next((one for one in labels if value in one), None)
            assert label is not None, (door, name, value, labels)
            field.select_option(label=label)
        else:
            field.fill(value)
    form.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state("load")
    person.look(f"case-{door}")
    assert not page.locator(".notice.late, .field.wrong").count(), person.text()


def reply_to(mail: EmailMessage, text: str) -> bytes:
    """What the customer's program makes of an answer to this mail."""
    reply = EmailMessage()
    reply["From"] = f"吴先生 <{mail['X-Envelope-To']}>"
    reply["To"] = str(mail.get("Reply-To") or mail["From"])
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Message-ID"] = "<reply-1@mail.kunde.cn>"
    reply["In-Reply-To"] = str(mail["Message-ID"])
    reply["References"] = str(mail["Message-ID"])
    reply["Date"] = "Mon, 12 Oct 2026 09:20:00 +0800"
    quoted = "\n".join(f"> {line}" for line in _text(mail).splitlines())
    reply.set_content(f"{text}\n\n在 2026-10-09，明湖服务 写道：\n{quoted}\n", charset="gb18030")
    return reply.as_bytes()


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
