"""The figures of a survey three times: from the stored answers with `app.stats`, from the page, from LibreOffice."""

import contextlib
import json
import re
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from app.rules.questionnaire import parse, scored_items
from app.stats.change import Change, Direction, index_change, nps_change
from app.stats.difference import match_ids
from app.stats.index import IndexInfluence, index_influence
from app.stats.nps import net_promoter
from app.stats.tree import leaf_weights, tree_from_indicators
from app.stats.types import Scale
from app.web.filters import number, signed
from tests.journeys.browsing import Person

CHANGED = {Direction.RISE: "上升", Direction.FALL: "下降", Direction.NO_CHANGE: "无显著变化"}


@dataclass(frozen=True)
class Wave:
    """Stored answers of a survey as arrays, and what follows from them."""

    customers: list[int]
    columns: Mapping[str, Any]
    index: IndexInfluence
    nps: float

    @property
    def n(self) -> int:
        return len(self.customers)


def stored(data: Path, survey: int) -> Wave:
    """Read the complete answers of a survey beside the running server, and compute."""
    with contextlib.closing(sqlite3.connect(data / "heed.sqlite3", timeout=30)) as connection:
        content, indicators = connection.execute(
            "SELECT v.content, v.indicators FROM questionnaire_version v JOIN survey s ON s.version_id = v.id"
            " WHERE s.id = ?",
            (survey,),
        ).fetchone()
        rows = connection.execute(
            "SELECT customer_id, answers FROM response WHERE survey_id = ? AND state = 'complete' ORDER BY id",
            (survey,),
        ).fetchall()
    documents = [json.loads(answers) for _customer, answers in rows]
    items = {item.code: item for item in scored_items(parse(json.loads(content)))}
    columns = {code: np.array([_number(d.get(code)) for d in documents]) for code in items}
    measured: dict[str, list[str]] = {}
    for item in items.values():
        measured.setdefault(item.indicator or "", []).append(item.code)
    tree = tree_from_indicators(json.loads(indicators), measured)
    scales = {code: Scale(items[code].min, items[code].max) for code in leaf_weights(tree)}
    index = index_influence({code: columns[code] for code in scales}, tree, scales, leaf="index_0_100")
    nps = net_promoter(columns["nps"]).nps.value
    assert nps is not None
    return Wave([customer for customer, _answers in rows], columns, index, nps)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int) else np.nan


def changes(old: Wave, new: Wave) -> dict[str, Change]:
    """Index and recommendation of two waves that share customers."""
    shared = match_ids(old.customers, new.customers)
    return {
        "index": index_change(old.index.total, new.index.total, shared),
        "nps": nps_change(old.columns["nps"], new.columns["nps"], shared),
    }


def check_page(person: Person, old: Wave, new: Wave) -> None:
    """The headlines of the statistics page say what was computed."""
    tested = changes(old, new)
    for name, value, change in (
        ("总体满意度", new.index.total.value, tested["index"]),
        ("愿意推荐", new.nps, tested["nps"]),
    ):
        stat = person.page.locator(".stat", has=person.page.locator(".name", has_text=name))
        words = stat.inner_text()
        assert re.match(re.escape(number(value)), stat.locator(".value").inner_text()), words
        assert f"n = {new.n}" in words, words
        assert signed(change.diff) in stat.locator(".change").inner_text(), words
        assert CHANGED[change.direction()] in words, words


def question_table(person: Person) -> dict[str, list[str]]:
    """Cells of the table of questions, by code."""
    rows = person.page.eval_on_selector_all(
        "table tbody tr:has(th small)",
        "rows => rows.map(row => [row.querySelector('th small').textContent.trim(),"
        " ...[...row.querySelectorAll('td')].map(cell => cell.textContent.trim())])",
    )
    return {row[0]: row[1:] for row in rows}


def through_libreoffice(workbook: Path, folder: Path) -> Any:
    """Open the download in LibreOffice, save it again, and read what it has saved."""
    done = subprocess.run(
        [
            "soffice", f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless",
            "--convert-to", "xlsx", "--outdir", str(folder / "saved"), str(workbook),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )  # fmt: skip
    saved = folder / "saved" / workbook.name
    assert saved.exists(), done.stdout + done.stderr
    return openpyxl.load_workbook(saved, data_only=True)


def check_workbook(book: Any, old: Wave, new: Wave, table: Mapping[str, list[str]]) -> None:
    """The spreadsheet has the figures of the computation, and question by question those of the page."""
    tested = changes(old, new)
    overview = {row[0]: row for row in _rows(book["总览"])}
    for name, value, before, change in (
        ("满意度指数", new.index.total.value, old.index.total.value, tested["index"]),
        ("净推荐值 NPS", new.nps, old.nps, tested["nps"]),
    ):
        _name, _unit, shown, _low, _high, n, earlier, diff, *_limits, reading = overview[name]
        assert [shown, n, earlier, diff] == pytest.approx([value, new.n, before, change.diff], abs=1e-6), name
        assert CHANGED[change.direction()] == reading.strip(), name
    assert table
    for row in _rows(book["各题得分"]):
        code, _question, valid, skipped, not_applicable, not_shown, _unreadable, mean, *_more = row
        on_page = table[code]
        if len(on_page) < 5:
            continue  # hidden: too few answers
        counts = [number(one, 0) for one in (valid, skipped, not_applicable, not_shown)]
        assert [*counts, number(mean, 2)] == on_page[:5], code


def _rows(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]]
