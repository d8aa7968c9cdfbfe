"""The summary of complaints: who sees what, that every figure opens exactly its cases, and bad addresses."""

import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import text

from app import clock
from app.blueprints.complaint_summary import words
from app.extensions import db
from app.models import Complaint, Unit
from config import Settings
from tests.blueprints.figures import settled, text_of
from tests.factories import Factory
from tests.factories.counted import Counted, Told

SignIn = Callable[..., FlaskClient]
pytestmark = pytest.mark.usefixtures("analyst_ends", "no_results")
SUMMARY, CASES = "/complaints/summary", "/complaints/summary/cases"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SEPTEMBER = datetime(2026, 9, 10, 4, tzinfo=UTC)
PERIOD = "period=2026-09"
LINK = re.compile(r'<a href="(/complaints/summary/cases[^"]*)"[^>]*>([^<]*)</a>')


@pytest.fixture
def counted(make: Factory) -> Counted:
    return Counted(make)


def varied(make: Factory, unit: Unit, other: Unit) -> list[Told]:
    """Some of everything in August and September."""
    customers = [make.customer(unit_id=unit.id).id for _ in range(4)]
    categories = ("category.visit", "category.visit.late", "category.repair.repeat", "category.other")
    found = [Told(SEPTEMBER - timedelta(days=800))]
    for number in range(60):
        at = SEPTEMBER - timedelta(days=number % 40, hours=number)
        closed = at + timedelta(hours=30 + 9 * (number % 11)) if number % 5 else None
        found.append(
            Told(
                at,
                closed,
                categories[number % 4],
                cause=("cause.people.care", "cause.unknown", "")[number % 3],
                unit=(unit.id, other.id, None)[number % 3],
                channel=("phone", "web", "email")[number % 3],
                customer=(*customers, None)[number % 5],
                acknowledged=at + timedelta(hours=number % 50) if number % 7 else None,
                outcome="rejected" if number % 20 == 1 else "",
                round=2 if number % 9 == 0 else 1,
                called=closed,
                satisfaction=("satisfied", "partly", "not")[number % 3] if closed else "",
                scores=(1 + number % 5, None),
                clocks={
                    "acknowledge": at + timedelta(hours=24),
                    "customer": at + timedelta(hours=72),
                    "department": at + timedelta(hours=48) if number % 3 < 2 else None,
                    "callback": at + timedelta(days=40),
                },
            )
        )
    return found


@pytest.fixture
def branches(make: Factory) -> tuple[Unit, Unit]:
    return make.unit(name="城西店", name_en="Chengxi"), make.unit(name="城东店", name_en="Chengdong")


@pytest.mark.parametrize(
    ("role", "summary", "cases"),
    [
        ("management", 200, 200),
        ("marketing", 200, 200),
        ("customer_service", 200, 200),
        ("department", 200, 200),
        ("viewer", 200, 403),
        ("administrator", 403, 403),
        ("interviewer", 403, 403),
    ],
)
def test_who_sees_the_summary_and_its_cases(
    counted: Counted, sign_in: SignIn, role: str, summary: int, cases: int
) -> None:
    browser = sign_in(role)
    assert settled(browser, SUMMARY).status_code == summary
    assert settled(browser, f"{SUMMARY}/workbook").status_code == summary
    assert browser.get(CASES).status_code == cases


@pytest.mark.parametrize(
    "address", [PERIOD, f"{PERIOD}&unit=1", "period=2026-09-01_2026-09-12", "period=2026-Q3", "period=2026"]
)
@pytest.mark.parametrize("role", ["management", "department"])
def test_every_figure_opens_exactly_its_cases(
    counted: Counted,
    make: Factory,
    branches: tuple[Unit, Unit],
    sign_in: SignIn,
    role: str,
    address: str,
) -> None:
    counted.add(varied(make, *branches))
    browser = sign_in(role, units=branches[:1] if role == "department" else ())
    page = text_of(browser, f"{SUMMARY}?{address}")
    numbers = {html.unescape(path): count for path, count in LINK.findall(page)}
    counts = {path: int(count.replace(",", "")) for path, count in numbers.items() if count.strip().isdigit()}
    assert len(counts) > 12
    for path, count in counts.items():
        assert total(browser, path) == count, path


def total(browser: FlaskClient, path: str) -> int:
    """How many lines the list says that it has."""
    body = browser.get(path).get_data(as_text=True)
    found = re.search(r"\d+–\d+ of (\d+)", body)
    return int(found[1]) if found else 0


def test_bars_and_headlines_open_their_cases(
    counted: Counted, make: Factory, branches: tuple[Unit, Unit], sign_in: SignIn
) -> None:
    counted.add(varied(make, *branches))
    browser = sign_in("management")
    page = text_of(browser, f"{SUMMARY}?{PERIOD}")
    named = {text: html.unescape(path) for path, text in LINK.findall(page)}
    assert total(browser, named["Show the cases"]) == int(re.search(r"n = (\d+)", page)[1])  # type: ignore[index]
    assert total(browser, named["Chengxi"]) > 0
    assert "No root cause stated yet" in named


def test_a_department_finds_no_case_of_others(
    counted: Counted, make: Factory, branches: tuple[Unit, Unit], sign_in: SignIn
) -> None:
    counted.add([Told(SEPTEMBER, unit=branches[1].id), Told(SEPTEMBER, unit=branches[0].id)])
    browser = sign_in("department", units=branches[:1])
    assert total(browser, f"{CASES}?{PERIOD}") == 1
    assert total(browser, f"{CASES}?{PERIOD}&unit={branches[1].id}") == 0
    body = browser.get(f"{CASES}?{PERIOD}").get_data(as_text=True)
    assert ("N000002" in body, "N000001" in body) == (True, False)


def test_nobody_finds_the_case_about_himself(counted: Counted, make: Factory, sign_in: SignIn) -> None:
    browser = sign_in("management")
    counted.add([Told(SEPTEMBER), Told(SEPTEMBER)])
    with browser.session_transaction() as session:
        who = session["_user_id"]
    db.session.execute(
        text(
            'UPDATE complaint SET about_user_id = (SELECT id FROM "user" WHERE fs_uniquifier = :who) WHERE id = 1'
        ),
        {"who": who},
    )
    db.session.commit()
    assert total(browser, f"{CASES}?{PERIOD}") == 1
    assert "n = 1" in text_of(browser, f"{SUMMARY}?{PERIOD}")


def test_viewers_open_nothing_and_choose_months_only(
    counted: Counted, make: Factory, branches: tuple[Unit, Unit], sign_in: SignIn
) -> None:
    counted.add([Told(SEPTEMBER - timedelta(days=800)), *[Told(SEPTEMBER, unit=branches[0].id)] * 9])
    counted.add([Told(SEPTEMBER, unit=branches[1].id)] * 2)
    browser = sign_in("viewer")
    page = text_of(browser, f"{SUMMARY}?{PERIOD}")
    assert "n = 11" in page
    assert not LINK.search(page)
    assert 'name="unit"' not in page
    assert "not shown" in page
    chosen = text_of(browser, f"{SUMMARY}?period=2026-09-01_2026-09-09&unit={branches[1].id}&kind=praise")
    # What he may not choose is passed over: this is the last full month, of which there is nothing.
    assert "Fewer than 5 complaints" in chosen


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("period=nonsense", "That is no period"),
        ("period=2026-13", "That is no period"),
        ("period=days&since=2026-09-30&until=2026-09-01", "The last day lies before the first one"),
        ("period=days&since=2026-09-30", "That is no period"),
        ("period=days&since=1999-01-01&until=2026-01-01", "At most three years"),
        ("unit=99999", "This unit does not exist"),
        ("unit=%00", "This unit does not exist"),
    ],
)
def test_a_wrong_choice_is_said_and_kept(counted: Counted, sign_in: SignIn, address: str, says: str) -> None:
    browser = sign_in("management")
    page = browser.get(f"{SUMMARY}?{address}")
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    assert says in body
    if "since=2026-09-30" in address:
        assert 'value="2026-09-30"' in body
    assert browser.get(f"{CASES}?{address}").status_code == 404
    instead = browser.get(f"{SUMMARY}/workbook?{address}", follow_redirects=True)
    assert says in instead.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "figure=nothing", "figure=deadline.customer", "figure=deadline.customer&value=x", "figure=deadline.x&value=due",
        "figure=category", "figure=category&value=x", "figure=category&value=99999999999999999999", "figure=channel&value=x",
        "figure=unit&value=%00", "figure=resolve&value=late", "figure=received&value=1", "kind=praise&figure=resolve&value=all",
    ],
)  # fmt: skip
def test_a_figure_that_is_none(counted: Counted, sign_in: SignIn, address: str) -> None:
    assert sign_in("management").get(f"{CASES}?{PERIOD}&{address}").status_code == 404


@pytest.mark.parametrize(
    "at", ["", "x", "2026-09-10", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"]
)
def test_an_odd_moment_is_now(counted: Counted, sign_in: SignIn, at: str) -> None:
    counted.add([Told(SEPTEMBER, clocks={"customer": SEPTEMBER + timedelta(days=1)})])
    browser = sign_in("management")
    page = browser.get(f"{CASES}?{PERIOD}&figure=deadline.customer&value=due", query_string=None)
    assert page.status_code == 200
    odd = browser.get(
        CASES, query_string={"period": "2026-09", "figure": "deadline.customer", "value": "due", "at": at}
    )
    assert odd.status_code == 200


def test_other_feedback_has_its_own_list(counted: Counted, sign_in: SignIn) -> None:
    counted.add([Told(SEPTEMBER, kind="praise", channel="web")] * 3)
    browser = sign_in("marketing")
    page = text_of(browser, f"{SUMMARY}?{PERIOD}&kind=praise")
    assert "3 entries in September 2026" in page
    for path, count in LINK.findall(page):
        if count.isdigit():
            assert total(browser, html.unescape(path)) == int(count)
    handler = sign_in("department")
    assert "3 entries" not in text_of(handler, f"{SUMMARY}?{PERIOD}&kind=praise")


def test_page_and_file_hold_the_same_figures(
    counted: Counted, make: Factory, branches: tuple[Unit, Unit], sign_in: SignIn
) -> None:
    counted.add(varied(make, *branches))
    browser = sign_in("management")
    page = text_of(browser, f"{SUMMARY}?{PERIOD}")
    file = settled(browser, f"{SUMMARY}/workbook?{PERIOD}")
    assert file.mimetype == XLSX
    assert file.headers["Cache-Control"] == "no-store"
    book = openpyxl.load_workbook(io.BytesIO(file.get_data()))
    assert book.sheetnames == [
        "Overview", "Category", "Unit", "Root cause", "Channel", "Months", "Deadlines", "Method and filter",
    ]  # fmt: skip
    rows = {row[0]: row for row in book["Overview"].iter_rows(min_row=2, values_only=True)}
    assert f"n = {rows['Complaints'][2]}" in page
    in_time = next(row for row in book["Deadlines"].iter_rows(values_only=True) if row[0] == "Solution")
    assert f"{in_time[2]} of {in_time[1]} due" in page
    assert rows["Solution in time"][2] == pytest.approx(100 * in_time[2] / in_time[1])
    chinese = text_of(sign_in("management", language="zh"), f"{SUMMARY}?{PERIOD}")
    assert "2026 年 9 月收到投诉" in chinese


def test_a_new_step_is_seen_and_a_kept_result_used_again(
    counted: Counted, sign_in: SignIn, settings: Settings
) -> None:
    counted.add([Told(SEPTEMBER)] * 2)
    browser = sign_in("management")
    assert "n = 2" in text_of(browser, f"{SUMMARY}?{PERIOD}")
    text_of(browser, f"{SUMMARY}?{PERIOD}")
    kept = settings.data / "cache" / "analysis" / "complaints"
    assert len(list(kept.glob("*.json"))) <= 2  # two where the hour has just struck
    next(kept.glob("*.json")).write_text("{")
    assert "n = 2" in text_of(browser, f"{SUMMARY}?{PERIOD}")
    case = db.session.get_one(Complaint, 1)
    case.outcome = "rejected"
    db.session.commit()
    assert "n = 1" in text_of(browser, f"{SUMMARY}?{PERIOD}")


def test_the_page_begins_with_the_last_full_month(counted: Counted, sign_in: SignIn) -> None:
    last = (clock.now().replace(day=1) - timedelta(days=1)).replace(hour=0)
    counted.add([Told(last - timedelta(days=3))] * 3)
    page = text_of(sign_in("management"), SUMMARY)
    assert f"3 complaints were received in {last:%B %Y}" in page
    assert "Clear filters" not in page


def test_times_side_by_side_have_one_unit(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("en"):
        assert words.between(30.5, 118, words.unit_of(74.4)) == "1.3 days to 4.9 days"
        assert words.duration(67.2, "days") == "2.8 days"
        assert words.duration(1, "days") == "0.04 days"
        assert words.between(0.5, None) == "at least 30 min"


def test_a_viewer_finds_no_small_part_on_the_page_or_in_a_download(
    counted: Counted, make: Factory, sign_in: SignIn
) -> None:
    closed, at = SEPTEMBER + timedelta(hours=50), SEPTEMBER + timedelta(days=4)
    told = Told(SEPTEMBER, closed, called=at, clocks={"customer": at})
    counted.add([Told(SEPTEMBER - timedelta(days=800)), *[replace(told, satisfaction="satisfied")] * 21])
    counted.add([replace(told, satisfaction="not", clocks={"customer": SEPTEMBER})] * 3)
    manager, viewer = sign_in("management"), sign_in("viewer")
    whole, page = (text_of(one, f"{SUMMARY}?{PERIOD}") for one in (manager, viewer))
    assert "87.5" in whole
    assert "Not satisfied 3" in re.sub(r"<[^>]+>", "", whole)
    for part in ("87.5", "12.5", "Not satisfied"):
        assert part not in page, part
    assert "are left out" in page
    book = openpyxl.load_workbook(io.BytesIO(settled(viewer, f"{SUMMARY}/workbook?{PERIOD}").get_data()))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row]
    assert 87.5 not in cells
    assert 3 not in cells
