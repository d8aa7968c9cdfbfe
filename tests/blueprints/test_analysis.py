"""The statistics pages: who sees what, what is hidden, and what happens when something breaks."""

import io
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Firm, Segment, Survey
from app.queries.figures import kept
from config import Settings
from tests.blueprints.figures import settled, text_of
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.answered import Answered, documents, plain

SignIn = Callable[..., FlaskClient]
pytestmark = pytest.mark.usefixtures("analyst_ends", "no_results")
PAGES = ("", "/questions", "/workbook", "/glance")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def answered(make: Factory) -> Answered:
    return Answered(make, NOW)


@pytest.mark.parametrize(
    ("role", "state", "released", "status"),
    [
        ("management", "live", False, 200),
        ("marketing", "closed", False, 200),
        ("customer_service", "paused", False, 200),
        ("marketing", "draft", False, 404),
        ("marketing", "ready", False, 404),
        ("department", "closed", True, 200),
        ("viewer", "closed", True, 200),
        ("department", "closed", False, 404),
        ("viewer", "closed", False, 404),
        ("department", "live", True, 404),
        ("administrator", "closed", True, 403),
        ("interviewer", "closed", True, 403),
    ],
)
def test_who_sees_which_survey(
    answered: Answered, sign_in: SignIn, role: str, state: str, released: bool, status: int
) -> None:
    survey = answered.wave(documents(12), state=state, released=released)
    browser = sign_in(role)
    for page in PAGES:
        assert settled(browser, f"/analysis/{survey.id}{page}").status_code == status, page
        fragment = browser.get(f"/analysis/{survey.id}{page}", headers={"HX-Request": "true"})
        assert fragment.status_code == status, page
    listed = browser.get("/analysis/").get_data(as_text=True)
    assert (f"/analysis/{survey.id}" in listed) is (status == 200)


def test_an_unreleased_earlier_wave_is_no_comparison_for_departments(
    answered: Answered, sign_in: SignIn
) -> None:
    answered.wave(documents(30), year=2024, released=False)
    survey = answered.wave(documents(30), year=2025)
    assert "Compared with" not in text_of(sign_in("department"), f"/analysis/{survey.id}")
    assert "Compared with" in text_of(sign_in("marketing"), f"/analysis/{survey.id}")


def test_an_earlier_wave_is_named_by_the_firms_year(answered: Answered, sign_in: SignIn) -> None:
    """At midnight in Shanghai it is still the year before in UTC."""
    earlier = answered.wave(varied({"fast": 1, "late": 4}), year=2024)
    survey = answered.wave(varied({"fast": 4, "late": 1}), year=2026)
    earlier.opens_at = datetime(2024, 12, 31, 16, tzinfo=UTC)
    db.session.commit()
    text = text_of(sign_in("management"), f"/analysis/{survey.id}")
    assert "points higher than in 2025" in text


def test_overview_says_what_happened(answered: Answered, sign_in: SignIn) -> None:
    answered.wave(varied({"fast": 1, "late": 4}), year=2024)
    survey = answered.wave(varied({"fast": 4, "late": 1}), year=2025)
    answered.invite(survey, [True] * 3 + [False])
    text = text_of(sign_in("management"), f"/analysis/{survey.id}")
    assert "a real rise that comes mainly from Speed" in text
    assert "Speed rose clearly" in text
    assert "3 / 4" in text
    chinese = text_of(sign_in("management", language="zh"), f"/analysis/{survey.id}")
    assert "是真实的上升，主要来自速度" in chinese


def varied(least: dict[str, int]) -> list[dict[str, Any]]:
    """Answers of this or the next point, each question varying by itself."""
    return [
        row | {code: low + (i >> place) % 2 for place, (code, low) in enumerate(least.items())}
        for i, row in enumerate(documents(60))
    ]


def test_what_cannot_be_tested_is_not_called_unchanged(answered: Answered, sign_in: SignIn) -> None:
    same = {"fast": 2, "late": 4, "kind": 3, "overall": 3, "nps": 7}
    answered.wave(documents(9, **same), year=2024)
    survey = answered.wave(documents(9, **same | {"fast": 5}), year=2025)
    text = text_of(sign_in("management"), f"/analysis/{survey.id}")
    assert "Satisfaction stands at" in text
    assert "+22.5, not tested" in text


def test_nothing_clear_has_its_own_words(answered: Answered, sign_in: SignIn) -> None:
    answered.wave(documents(40), year=2024)
    survey = answered.wave(documents(40), year=2025)
    text = text_of(sign_in("management"), f"/analysis/{survey.id}")
    assert "has not clearly changed since 2024, neither as a whole nor in any dimension" in text
    assert "No dimension has clearly changed" in text
    assert 'class="change better"' not in text


def test_single_questions_that_move_are_named_where_nothing_larger_does(
    answered: Answered, sign_in: SignIn
) -> None:
    answered.wave(varied({"fast": 2, "late": 2}), year=2024)
    survey = answered.wave(varied({"fast": 3, "late": 3}), year=2025)  # "late" counts the other way round
    text = text_of(sign_in("management"), f"/analysis/{survey.id}")
    assert (
        "as a whole has not clearly changed since 2024, but “Question fast” went up and “Question late” went down."
        in text
    )
    assert "nor in any dimension" not in text
    assert "Among the single questions" not in text


@pytest.mark.parametrize("rows", [[], documents(1), documents(4)])
def test_too_few_answers_show_nothing(
    answered: Answered, sign_in: SignIn, rows: list[dict[str, Any]]
) -> None:
    survey = answered.wave(rows)
    browser = sign_in("marketing")
    for page in ("", "/questions"):
        text = text_of(browser, f"/analysis/{survey.id}{page}")
        assert ("Nobody has answered yet" in text) is (not rows)
        assert 'class="stats"' not in text or not rows
    assert settled(browser, f"/analysis/{survey.id}/workbook").mimetype == XLSX


@pytest.mark.parametrize(
    "rows",
    [
        [{} for _ in range(9)],
        [dict.fromkeys(("fast", "late", "kind", "overall", "nps"), None) for _ in range(9)],
        documents(9, fast=3, late=3, kind=3, overall=3, nps=7),
    ],
)
def test_odd_answers_are_a_page_all_the_same(
    answered: Answered, sign_in: SignIn, rows: list[dict[str, Any]]
) -> None:
    survey = answered.wave(rows)
    browser = sign_in("marketing")
    for page in ("", "/questions", "/glance", "/texts"):
        assert "Something went wrong" not in text_of(browser, f"/analysis/{survey.id}{page}")


def test_a_questionnaire_without_scores(answered: Answered, sign_in: SignIn) -> None:
    words = [plain("why", "long_text", max_length=100)]
    survey = answered.wave([{"why": f"w{i}"} for i in range(8)], questions=words)
    assert "8 complete answers. There is no score to show yet." in text_of(
        sign_in("marketing"), f"/analysis/{survey.id}"
    )


def test_filters_narrow_both_page_and_file(answered: Answered, sign_in: SignIn) -> None:
    rows = [r | {"_channel": "web", "fast": 5} for r in documents(8)] + [
        r | {"fast": 1} for r in documents(30)
    ]
    survey = answered.wave(rows)
    browser = sign_in("marketing")
    assert "n = 8" in text_of(browser, f"/analysis/{survey.id}?channel=web")
    book = workbook(settled(browser, f"/analysis/{survey.id}/workbook?channel=web"))
    fast = next(row for row in book["Questions"] if row[0] == "fast")
    assert (fast[2], fast[7]) == (8, 5)
    assert ["Channel", "Website"] in [list(row[:2]) for row in book["Method and filter"]]


def workbook(response: TestResponse) -> dict[str, list[tuple[Any, ...]]]:
    assert response.mimetype == XLSX
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_file_and_page_agree(answered: Answered, sign_in: SignIn) -> None:
    answered.wave(documents(31), year=2024)
    survey = answered.wave(documents(44, kind=5), year=2025)
    browser = sign_in("marketing")
    page, questions = (text_of(browser, f"/analysis/{survey.id}{part}") for part in ("", "/questions"))
    book = workbook(settled(browser, f"/analysis/{survey.id}/workbook"))
    index = next(row for row in book["Overview"] if row[0] == "Satisfaction index")
    assert f"{index[2]:.1f}" in page
    for row in book["Questions"][1:]:
        assert isinstance(row[7], int | float)
        assert f"<b>{row[7]:.2f}</b>" in questions
    assert sum(row[4] for row in book["Distribution"][1:] if row[0] == "fast") == 44


def test_the_file_tells_the_names_of_today(answered: Answered, sign_in: SignIn) -> None:
    """The figures are kept, and so is the file that shows them; a survey may be renamed or extended meanwhile."""
    survey = answered.wave(documents(30), released=False)
    browser, path = sign_in("marketing"), f"/analysis/{survey.id}/workbook"
    for name in ("First name", "Second name"):
        db.session.execute(update(Survey).values(name={"en": name, "zh": name}))
        db.session.commit()
        told = workbook(settled(browser, path))["Method and filter"]
        assert ["Survey", name] in [list(row[:2]) for row in told]


@pytest.mark.parametrize("role", ["marketing", "department", "viewer"])
def test_small_groups_stay_hidden_everywhere(answered: Answered, sign_in: SignIn, role: str) -> None:
    few = [r | {"_profile": {"region": "north"}, "fast": 1, "why": "secret"} for r in documents(4)]
    survey = answered.wave(few + [r | {"_profile": {"region": "east"}, "fast": 5} for r in documents(30)])
    browser = sign_in(role)
    for page in ("", "/questions"):
        text = text_of(browser, f"/analysis/{survey.id}{page}?region=north")
        assert "Fewer than 5 answers" in text
        assert "n = 4" not in text
    book = workbook(settled(browser, f"/analysis/{survey.id}/workbook?region=north"))
    assert len(book["Overview"]) == 2
    assert [len(book[name]) for name in ("Dimensions", "Questions", "Distribution", "Choices")] == [
        1,
        1,
        1,
        1,
    ]
    rest = text_of(browser, f"/analysis/{survey.id}?region=east")
    assert ("This group is not shown" in rest) is (role != "marketing")


def test_the_firm_may_ask_for_larger_groups(answered: Answered, sign_in: SignIn) -> None:
    survey = answered.wave(documents(9))
    firm = db.session.query(Firm).one()
    firm.minimum_group = 10
    db.session.commit()
    assert "Fewer than 10 answers" in text_of(sign_in("management"), f"/analysis/{survey.id}")
    firm.minimum_group = 2
    db.session.commit()
    other = answered.wave(documents(4))
    assert "Fewer than 5 answers" in text_of(sign_in("management"), f"/analysis/{other.id}")


def test_segments_are_for_those_who_see_customers(answered: Answered, make: Factory, sign_in: SignIn) -> None:
    people = [make.customer(region="东" if i < 8 else "西") for i in range(30)]
    rows = [r | {"_customer_id": p.id} for r, p in zip(documents(30), people, strict=True)]
    survey = answered.wave(rows)
    segment = make.save(Segment(name="East side", filters={"region": ["东"]}, created_at=NOW))
    address = f"/analysis/{survey.id}?segment={segment.id}"
    assert "n = 8" in text_of(sign_in("marketing"), address)
    theirs = text_of(sign_in("department"), address)
    assert "East side" not in theirs
    assert "n = 30" in theirs


@pytest.mark.parametrize(
    ("role", "released", "status"),
    [
        ("management", False, 200),
        ("marketing", False, 200),
        ("marketing", True, 200),
        ("customer_service", True, 404),
        ("department", True, 404),
        ("viewer", True, 404),
    ],
)
def test_who_reads_texts(answered: Answered, sign_in: SignIn, role: str, released: bool, status: int) -> None:
    survey = answered.wave(documents(6), released=released)
    page = sign_in(role).get(f"/analysis/{survey.id}/texts")
    assert page.status_code == status
    assert ("text 3" in page.get_data(as_text=True)) is (status == 200)


def test_nobody_reads_about_his_own_unit_before_release(
    answered: Answered, make: Factory, sign_in: SignIn
) -> None:
    parent = make.unit()
    own, other = make.unit(parent_id=parent.id), make.unit()
    rows = [r | {"_unit_id": own.id, "why": "about us"} for r in documents(9)]
    rows += [r | {"_unit_id": other.id, "why": "about them"} for r in documents(9)]
    survey = answered.wave(rows, released=False)
    text = text_of(sign_in("marketing", units=(parent,)), f"/analysis/{survey.id}/texts")
    assert ("about them" in text, "about us" in text) == (True, False)
    survey.released_at = NOW
    db.session.commit()
    assert "about us" in text_of(sign_in("marketing", units=(parent,)), f"/analysis/{survey.id}/texts")


def test_few_texts_are_not_shown(answered: Answered, sign_in: SignIn) -> None:
    survey = answered.wave(documents(4) + documents(6, why=None))
    text = text_of(sign_in("management"), f"/analysis/{survey.id}/texts")
    assert "Not enough texts yet" in text
    assert "text 1" not in text


def test_texts_are_text(answered: Answered, sign_in: SignIn) -> None:
    survey = answered.wave(documents(6, why="<script>alert(1)</script> 你好\n=1+1"))
    text = text_of(sign_in("management"), f"/analysis/{survey.id}/texts")
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_a_kept_result_is_used_again_and_a_new_answer_is_seen(
    answered: Answered, sign_in: SignIn, settings: Settings
) -> None:
    survey = answered.wave(documents(12))
    browser = sign_in("marketing")
    assert "n = 12" in text_of(browser, f"/analysis/{survey.id}")
    kept = sorted((settings.data / "cache" / "analysis" / str(survey.id)).glob("*.json"))
    assert len(kept) == 1
    text_of(browser, f"/analysis/{survey.id}")
    answered.answer(survey, documents(1))
    assert "n = 13" in text_of(browser, f"/analysis/{survey.id}")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"survey_id": 1}'])
def test_a_damaged_result_is_computed_again(
    answered: Answered, sign_in: SignIn, settings: Settings, content: str
) -> None:
    survey = answered.wave(documents(12))
    browser = sign_in("marketing")
    text_of(browser, f"/analysis/{survey.id}")
    kept = next((settings.data / "cache" / "analysis" / str(survey.id)).glob("*.json"))
    kept.write_text(content)
    assert "n = 12" in text_of(browser, f"/analysis/{survey.id}")
    assert len(kept.read_text()) > 1000


def test_a_dead_analyst_is_started_again(app: Flask, answered: Answered, sign_in: SignIn) -> None:
    first, second = answered.wave(documents(12), year=2024), answered.wave(documents(9), year=2025)
    browser = sign_in("marketing")
    text_of(browser, f"/analysis/{first.id}")
    pid = kept.analyst().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert "n = 9" in text_of(browser, f"/analysis/{second.id}")


def test_results_that_cannot_be_kept_are_said_so(
    answered: Answered, sign_in: SignIn, settings: Settings
) -> None:
    survey = answered.wave(documents(12))
    blocked: Path = settings.data / "cache"
    blocked.mkdir(exist_ok=True)
    (blocked / "analysis").write_text("in the way")
    text = text_of(sign_in("marketing"), f"/analysis/{survey.id}")
    assert "The figures could not be computed" in text


def test_unknown_addresses(answered: Answered, sign_in: SignIn) -> None:
    survey = answered.wave(documents(12))
    browser = sign_in("marketing")
    assert browser.get("/analysis/999").status_code == 404
    assert browser.get(f"/analysis/{survey.id}/texts?question=nope").status_code == 404
    for odd in ("compare=x", "segment=abc", "segment=99", f"region={'x' * 5000}", "unit=%00", "compare=none"):
        assert settled(browser, f"/analysis/{survey.id}?{odd}").status_code == 200, odd
