"""What is done on a page before it is looked at: forms that are sent as they stand, or wrong."""

from playwright.sync_api import Page


def press_main(page: Page) -> None:
    """Send the form that has the page's main button, as it stands."""
    with page.expect_navigation():
        page.locator(
            "main .btn.primary[type=submit], main form[id] button[type=submit]:not([hidden])"
        ).first.click()


def press_record(page: Page) -> None:
    """Send the form of feedback without a word."""
    with page.expect_navigation():
        page.locator("main .form-foot .btn.primary").click()


def press_preview(page: Page) -> None:
    """Ask what a change would do."""
    with page.expect_navigation():
        page.locator("main button[name=preview]").click()


def press_bar(page: Page) -> None:
    """Send a page of questions without an answer."""
    with page.expect_navigation():
        page.locator("footer.bar button").last.click()


def press_verdict(page: Page) -> None:
    """Send the verdict on a solution without having chosen one."""
    with page.expect_navigation():
        page.locator("form.boxed button").click()


def press_return(page: Page) -> None:
    """Return a report without a reason."""
    with page.expect_navigation():
        page.locator("form:has(#reason) button").click()


def send_wrong_address(page: Page) -> None:
    """Switch a unit's form on at an address nobody can type."""
    page.locator("#off").evaluate("one => one.open = true")  # folded on a phone
    page.locator("input[name=address]").last.fill("城西")
    with page.expect_navigation():
        page.locator("form:has(input[name=address]) button[name=active]").last.click()


def add_to_nothing(page: Page) -> None:
    """Add a mail to a case that there is none of."""
    page.fill("#number", "26-00042-1")
    with page.expect_navigation():
        page.locator("#add-form button").click()


def send_late_changed(page: Page) -> None:
    """Send a changed form that somebody else has sent in the meantime."""
    with page.expect_navigation():
        page.evaluate(
            "() => { const field = document.querySelector('main input[name=version]'); field.value = '999999';"
            " const one = document.querySelector('main input[name=d5], main input[name=lapse_days]');"
            " one.value = one.name === 'd5' ? '10:00–12:00' : '20'; field.form.submit() }"
        )


def send_late(page: Page) -> None:
    """Send a form that somebody else has sent in the meantime."""
    with page.expect_navigation():
        page.evaluate(
            "() => { const field = document.querySelector('main input[name=version]'); field.value = '999999';"
            " field.form.submit() }"
        )


def sign_in_carefully(page: Page) -> None:
    """Sign in as somebody who also needs a code."""
    page.fill("input[name=email]", "careful@demo.example")
    page.fill("input[name=password]", "demonstration-2026")
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")


def paste_text(page: Page) -> None:
    """Have a pasted questionnaire read."""
    page.fill(
        "textarea[name=text]",
        "# 服务调查\n\n1. 您对服务满意吗？\n很不满意\n不满意\n一般\n满意\n很满意\n\n2. 还有什么想说的？\n",
    )
    with page.expect_navigation():
        page.evaluate("() => document.querySelector('textarea[name=text]').form.submit()")
