"""Pages of reports and documents: who, what is kept, what is refused, and that paper says what the page says."""

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.extensions import db
from app.jobs import load, runner
from app.models import ComplaintReport, Job, User
from tests import pdf
from tests.blueprints.figures import settled
from tests.blueprints.forms import fields_of
from tests.blueprints.test_complaint_summary import varied
from tests.factories import Factory
from tests.factories.counted import Counted
from tests.factories.reported import Reported
from tests.html import parse

pytestmark = pytest.mark.usefixtures("analyst_ends", "no_results")
SUMMARY, REPORTS = "/complaints/summary", "/complaints/summary/reports"
Browse = Callable[[User], FlaskClient]
ROLES = (
    "administrator",
    "management",
    "marketing",
    "customer_service",
    "department",
    "interviewer",
    "viewer",
)
NASTY = '<A&B> "quoted" #set page() $x$ \\ {{ 7*7 }} مرحبا 😀'

load()


@pytest.fixture
def counted(make: Factory) -> Counted:
    return Counted(make)


@pytest.fixture
def reported(counted: Counted, tmp_path: Path) -> Reported:
    return Reported(counted, tmp_path)


@pytest.fixture
def author(make: Factory) -> User:
    return make.user(roles=("customer_service",), language="en")


@pytest.fixture
def manager(make: Factory) -> User:
    return make.user(roles=("management",), language="en")


def row(report_id: int) -> ComplaintReport:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(ComplaintReport, report_id)


def press(browser: FlaskClient, page: str, action: str, **typed: Any) -> TestResponse:
    """Send the form of a page that goes to an address ending so."""
    body = browser.get(page).get_data(as_text=True)
    for form in parse(body).iter("form"):
        if str(form.get("action")).endswith(action) and form.get("method") == "post":
            fields = {
                str(one.get("name")): str(one.get("value") or "")
                for one in form.iter("input")
                if one.get("name") not in (None, "csrf_token")
            }
            if "ending" in typed and fields.get("ending") != typed["ending"]:
                continue
            found: TestResponse = browser.post(str(form.get("action")), data=fields | typed)
            return found
    raise AssertionError(f"no form to {action} on {page}")


@pytest.mark.parametrize("role", ROLES)
def test_who_reads_who_writes_who_decides(
    reported: Reported, make: Factory, author: User, browse: Browse, role: str
) -> None:
    report = reported.report(author, until="submitted")
    browser = browse(make.user(roles=(role,)))
    reads = role in ("management", "marketing", "customer_service")
    listed = reads or role == "department"
    assert browser.get(REPORTS).status_code == (200 if listed else 403)
    page = f"{REPORTS}/{report.id}"
    assert browser.get(page).status_code == (200 if reads else 404 if listed else 403)
    writes = role in ("marketing", "customer_service")
    # Submitted: there is nothing to be edited, and the page says how it stands.
    assert browser.get(f"{page}/edit").status_code == (302 if writes else 403)
    fields = {"version": str(report.version), "key": "k", "reason": "Why?", "situation": "x", "ending": "pdf"}
    for step, allowed in (
        ("edit", writes),
        ("refresh", writes),
        ("submit", writes),
        ("review", role == "management"),
        ("documents", listed),
    ):
        status = browser.post(f"{page}/{step}", data=fields).status_code
        if not allowed:
            assert status == 403, step
        elif step == "documents":
            assert status == (303 if reads else 404)
        elif step == "review":
            assert status == 302
        else:
            # Figures that are not there yet are asked for first.
            assert status in ((302, 409) if step == "refresh" else (409,)), step
    assert row(report.id).state == ("reviewed" if role == "management" else "submitted")


def test_from_the_summary_to_the_review(
    counted: Counted, make: Factory, author: User, manager: User, browse: Browse
) -> None:
    counted.add(varied(make, make.unit(), make.unit()))
    writer, decider = browse(author), browse(manager)
    settled(writer, f"{SUMMARY}?period=2026-09")
    started = press(writer, f"{SUMMARY}?period=2026-09", "/reports")
    assert started.status_code == 302
    edit = started.location
    body = writer.get(edit).get_data(as_text=True)
    fields = {name: values[0] for name, values in fields_of(body, "edit-form").items()}
    assert "complaints were received in September 2026" in fields["situation"]
    assert "95% interval" in fields["situation"]
    # The same again leads to the same report.
    assert press(writer, f"{SUMMARY}?period=2026-09", "/reports").location == edit.removesuffix("/edit")
    page = edit.removesuffix("/edit")
    report_id = int(page.rpartition("/")[2])
    saved = writer.post(edit, data=fields | {"measures": NASTY})
    assert saved.status_code == 302
    shown = writer.get(page).get_data(as_text=True)
    assert NASTY in unescape(shown)
    assert "<A&B>" not in shown
    assert press(writer, page, "/submit").status_code == 302
    assert row(report_id).state == "submitted"
    assert "Waits for management" in writer.get(page).get_data(as_text=True)
    empty = press(decider, page, "/return")
    assert empty.status_code == 422
    assert "Say why the report goes back" in empty.get_data(as_text=True)
    assert press(decider, page, "/return", reason=NASTY).status_code == 302
    assert NASTY in unescape(writer.get(page).get_data(as_text=True))
    assert press(writer, page, "/submit").status_code == 302
    assert press(decider, page, "/review").status_code == 302
    assert row(report_id).state == "reviewed"
    assert "reviewed it on" in writer.get(page).get_data(as_text=True)


def test_a_stale_save_shows_both_texts_and_a_long_one_stays(
    reported: Reported, author: User, browse: Browse
) -> None:
    report = reported.report(author)
    browser, edit = browse(author), f"{REPORTS}/{report.id}/edit"
    fields = {
        name: values[0]
        for name, values in fields_of(browser.get(edit).get_data(as_text=True), "edit-form").items()
    }
    assert browser.post(edit, data=fields | {"causes": "their text"}).status_code == 302
    late = browser.post(edit, data=fields | {"causes": "my text", "key": "another"})
    body = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "their text" in body
    assert "my text" in body
    # The form holds what was typed, and sending it again keeps mine.
    again = {name: values[0] for name, values in fields_of(body, "edit-form").items()}
    assert again["causes"] == "my text"
    assert browser.post(edit, data=again | {"key": "third"}).status_code == 302
    assert row(report.id).causes == "my text"
    long = "长" * 40_001
    refused = browser.post(edit, data=again | {"causes": long})
    assert refused.status_code == 422
    assert long in refused.get_data(as_text=True)
    assert "At most 40000 characters" in refused.get_data(as_text=True)


def test_a_second_click_changes_nothing_and_a_late_one_is_told(
    reported: Reported, author: User, manager: User, browse: Browse
) -> None:
    report = reported.report(author)
    browser, decider, page = browse(author), browse(manager), f"{REPORTS}/{report.id}"
    fields = {"version": str(report.version), "key": "same"}
    db.session.rollback()
    assert [browser.post(f"{page}/submit", data=fields).status_code for _ in range(2)] == [302, 302]
    late = decider.post(f"{page}/return", data=fields | {"key": "other", "reason": "第一条理由"})
    assert late.status_code == 409
    assert "第一条理由" in late.get_data(as_text=True)
    assert [event.kind for event in row(report.id).events] == ["started", "submitted"]


def test_the_firm_of_one_reviews_its_own_and_says_so(
    reported: Reported, make: Factory, browse: Browse
) -> None:
    alone = make.user(roles=("customer_service", "management"), language="en")
    report = reported.report(alone, until="submitted")
    browser, page = browse(alone), f"{REPORTS}/{report.id}"
    assert "nobody else is in the firm" in browser.get(page).get_data(as_text=True)
    make.user(roles=("viewer",))
    body = browser.get(page).get_data(as_text=True)
    assert "Somebody else in management reviews it" in body
    assert f"{page}/review" not in body
    refused = browser.post(f"{page}/review", data={"version": str(report.version), "key": "k"})
    assert refused.status_code == 409


def test_new_figures_are_taken_while_the_report_is_open(
    reported: Reported, author: User, browse: Browse
) -> None:
    report = reported.report(author)
    browser, page = browse(author), f"{REPORTS}/{report.id}"
    settled(browser, f"{SUMMARY}?period=2026-09")
    assert press(browser, page, "/refresh").status_code == 302
    stored = row(report.id)
    assert "2026年9月收到投诉 11 件" in stored.situation.replace(" 年 ", "年").replace(" 月", "月")
    assert [event.kind for event in stored.events] == ["started", "refreshed"]


def test_what_was_changed_behind_the_back_is_said(
    reported: Reported, author: User, manager: User, browse: Browse
) -> None:
    report = reported.report(author, until="submitted")
    report.figures = dict(report.figures, left_out=7)
    db.session.commit()
    browser, page = browse(manager), f"{REPORTS}/{report.id}"
    assert "changed outside Heed" in browser.get(page).get_data(as_text=True)
    fields = {"version": str(row(report.id).version), "key": "k"}
    assert browser.post(f"{page}/review", data=fields).status_code == 409


# Documents


def written(browser: FlaskClient, page: str, ending: str, action: str = "/documents") -> bytes:
    """Order a document on a page, let the worker write it, and fetch it."""
    ordered = press(browser, page, action, ending=ending)
    assert ordered.status_code == 303
    assert "every 2s" in browser.get(ordered.location).get_data(as_text=True)
    found = runner.claim_job("test", clock.now())
    assert found is not None
    runner.run_job(*found, "test")
    db.session.rollback()
    assert f"{ordered.location}/file" in browser.get(ordered.location).get_data(as_text=True)
    got = browser.get(f"{ordered.location}/file")
    assert got.status_code == 200
    assert got.headers["Cache-Control"] == "no-store"
    assert "attachment" in got.headers["Content-Disposition"]
    return got.get_data()


def squeezed(text: str) -> str:
    return "".join(text.split())


def docx_text(content: bytes) -> str:
    """Every text of a Word file, in paragraphs and tables."""
    paper = docx.Document(io.BytesIO(content))
    texts = [one.text for one in paper.paragraphs]
    texts += [cell.text for table in paper.tables for line in table.rows for cell in line.cells]
    return squeezed("\n".join(texts))


NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?%?(?:–\d[\d.,]*)?")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_word_pdf_and_excel_say_the_same(
    counted: Counted, make: Factory, browse: Browse, language: str
) -> None:
    counted.add(
        varied(
            make, make.unit(name="城西店", name_en="Chengxi"), make.unit(name="城东店", name_en="Chengdong")
        )
    )
    browser = browse(make.user(roles=("customer_service",), language=language))
    address = f"{SUMMARY}?period=2026-09"
    page = settled(browser, address).get_data(as_text=True)
    paper, word = pdf.text_of(written(browser, address, "pdf")), docx_text(written(browser, address, "docx"))
    cells = [squeezed("".join(cell.itertext())) for cell in parse(page).findall(".//table//td")]
    shown = {cell for cell in cells if NUMBER.fullmatch(cell)}
    months = {squeezed("".join(one.itertext())) for one in parse(page).findall(".//*[@id='data-months']//td")}
    assert len(shown - months) > 60
    for figure in shown - months:
        assert figure in paper, figure
        assert figure in word, figure
    book = openpyxl.load_workbook(
        io.BytesIO(settled(browser, f"{SUMMARY}/workbook?period=2026-09").get_data())
    )
    overview = book.worksheets[0]
    values = [
        row for row in overview.iter_rows(min_row=2, values_only=True) if isinstance(row[2], (int, float))
    ]
    assert len(values) > 10
    for name, unit, value, *_rest in values:
        if "%" in str(unit):
            assert f"{name}" in page
            assert f"{float(value) + 1e-9:.1f}" in paper, name
            assert f"{float(value) + 1e-9:.1f}" in word, name


def test_a_report_on_paper_holds_its_text_and_its_fingerprint(
    reported: Reported, author: User, browse: Browse
) -> None:
    report = reported.report(author, until="draft", language="en")
    report.measures = NASTY
    db.session.commit()
    browser, page = browse(author), f"{REPORTS}/{report.id}"
    draft = pdf.text_of(written(browser, page, "pdf"))
    assert "Draft,notsubmitted" in draft
    assert squeezed(NASTY.split("مرحبا")[0]) in draft
    assert press(browser, page, "/submit").status_code == 302
    sent = written(browser, page, "docx")
    assert row(report.id).digest[:16] in docx_text(sent)
    assert squeezed(NASTY) in docx_text(sent)
    footer = docx.Document(io.BytesIO(sent)).sections[0].footer.paragraphs[0].text
    assert "Submitted, not reviewed yet" in footer


def test_a_document_is_its_orderers_and_only_while_he_may(
    reported: Reported, make: Factory, author: User, manager: User, browse: Browse
) -> None:
    report = reported.report(author)
    browser = browse(author)
    written(browser, f"{REPORTS}/{report.id}", "pdf")
    job = db.session.query(Job).filter_by(kind="write_document").one()
    file = f"{SUMMARY}/documents/{job.id}/file"
    assert browser.get(file).status_code == 200
    assert browse(manager).get(file).status_code == 404
    assert browser.get(f"{SUMMARY}/documents/999999/file").status_code == 404
    author.roles = make.user(roles=("viewer",)).roles
    db.session.commit()
    assert browser.get(file).status_code == 404
    assert browser.get(f"{SUMMARY}/documents/{job.id}").status_code == 404


def test_departments_and_viewers_get_their_own_figures_on_paper(
    counted: Counted, make: Factory, browse: Browse
) -> None:
    unit, other = make.unit(name="城西店", name_en="Chengxi"), make.unit(name="城东店", name_en="Chengdong")
    counted.add(varied(make, unit, other))
    handler = browse(make.user(roles=("department",), units=(unit,), language="en"))
    settled(handler, f"{SUMMARY}?period=2026-09")
    mine = pdf.text_of(written(handler, f"{SUMMARY}?period=2026-09", "pdf"))
    assert "Ownunits" in mine
    viewer = browse(make.user(roles=("viewer",), language="en"))
    page = settled(viewer, f"{SUMMARY}?period=2026-09").get_data(as_text=True)
    assert "reports" not in page.partition("<main")[2].partition("</main>")[0]
    paper = pdf.text_of(written(viewer, f"{SUMMARY}?period=2026-09", "pdf"))
    assert ("notshown" in paper) is ("not shown" in page)


def test_a_period_that_cannot_be_counted_orders_nothing(
    counted: Counted, author: User, browse: Browse
) -> None:
    browser = browse(author)
    for path in ("documents", "reports"):
        answer = browser.post(f"{SUMMARY}/{path}", data={"period": "1-1-1", "ending": "pdf"})
        assert answer.status_code == 302
    # Nothing recorded yet: the page says so, and there is nothing to write.
    settled(browser, f"{SUMMARY}?period=2026-09")
    assert (
        browser.post(f"{SUMMARY}/documents", data={"period": "2026-09", "ending": "exe"}).status_code == 302
    )
    assert db.session.query(Job).count() == 0
    assert db.session.query(ComplaintReport).count() == 0


def test_the_list_filters_by_state(reported: Reported, author: User, browse: Browse) -> None:
    reported.report(author, until="submitted")
    reported.report(author, language="en")
    browser = browse(author)
    assert browser.get(REPORTS).get_data(as_text=True).count("September 2026") == 2
    assert browser.get(f"{REPORTS}?state=submitted").get_data(as_text=True).count("September 2026") == 1
    assert "No reports yet" in browser.get(f"{REPORTS}?state=returned").get_data(as_text=True)
    assert browser.get(f"{REPORTS}?state=none&page=99").status_code == 200
