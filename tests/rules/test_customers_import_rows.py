"""Whole rows: a clean customer, or every problem of the row with its column."""

import datetime as dt

from app.rules.customers.import_mapping import FIELDS, ImportMapping, guess, template_columns
from app.rules.customers.import_rows import CleanRow, RowProblem, branch_key, clean_row

BRANCHES = {branch_key("杭州店"): 7}
HEADERS = tuple(column.header for column in template_columns("zh"))
FULL = ImportMapping((*HEADERS, "备注", "内部"), (*FIELDS, "attribute", "ignore"))
SHORT = guess(["code", "name", "phone", "note"])


def clean(cells: list[str], mapping: ImportMapping = SHORT, **more: object) -> CleanRow:
    row = clean_row(cells, mapping, BRANCHES, **({"number": 2, "seen_codes": {}} | more))
    assert isinstance(row, CleanRow)
    return row


def problems(cells: list[str], mapping: ImportMapping = SHORT, **more: object) -> list[RowProblem]:
    row = clean_row(cells, mapping, BRANCHES, **({"number": 2, "seen_codes": {}} | more))
    assert isinstance(row, list)
    return row


def test_a_full_row() -> None:
    cells = [
        " C001 ", "杭州\n云帆", "企业", "华东", "中型", "软件、运维\n零售", "2021年3月", "√", "杭州店",
        "李明", "Li@Example.com", "138 0013 8000", "中文", "45356", "升级", "否", "  重要 ", "secret",
    ]  # fmt: skip
    assert clean(cells, FULL) == CleanRow(
        number=2,
        code="C001",
        name="杭州 云帆",
        kind="enterprise",
        region="华东",
        size="中型",
        lines=("软件", "运维", "零售"),
        customer_since=dt.date(2021, 3, 1),
        key_account=True,
        branch=7,
        contact_name="李明",
        contact_email="Li@example.com",
        contact_phone="13800138000",
        contact_language="zh",
        service_date=dt.date(2024, 3, 5),
        service_what="升级",
        do_not_contact=False,
        attributes={"备注": "重要"},
    )


def test_the_examples_of_the_template_are_clean() -> None:
    for language in ("zh", "en"):
        columns = template_columns(language)
        mapping = guess([column.header for column in columns])
        for place in (0, 1):
            row = clean([column.examples[place] for column in columns], mapping)
            assert row.code == f"C000{place + 1}"
            assert row.has_contact


def test_blank_cells_say_nothing() -> None:
    row = clean(["1", "Anna", " \u200b ", ""])
    assert (row.contact_phone, row.attributes, row.has_contact) == ("", {}, False)


def test_every_problem_of_a_row_is_named_with_its_column() -> None:
    cells = ["", "a\x00", "外星", "", "", "", "2099-01-01", "x", "北京店", "", "a@", "1.38E+10", "法语",
             "01/02/2024", "", "?"]  # fmt: skip
    found = problems(cells, FULL, number=9, today=dt.date(2024, 6, 1))
    assert [(one.row, one.column, one.field, one.code) for one in found] == [
        (9, 1, "name", "nul_character"),
        (9, 2, "kind", "kind_unknown"),
        (9, 6, "customer_since", "date_in_future"),
        (9, 7, "key_account", "not_yes_no"),
        (9, 8, "branch", "branch_unknown"),
        (9, 10, "contact_email", "email_invalid"),
        (9, 11, "contact_phone", "phone_scientific"),
        (9, 12, "contact_language", "language_unknown"),
        (9, 13, "service_date", "date_ambiguous"),
        (9, 15, "do_not_contact", "not_yes_no"),
        (9, 0, "code", "required"),
    ]
    assert found[1].params == {"value": "外星"}


def test_a_code_used_twice_names_the_first_row() -> None:
    seen: dict[str, int] = {}
    clean(["c1", "Anna"], number=2, seen_codes=seen)
    found = problems(["C1", "Berg"], number=5, seen_codes=seen)
    params: dict[str, object] = {"value": "C1", "first_row": 2}
    assert found == [RowProblem(5, 0, "code", "code_twice", params)]


def test_a_bad_row_still_claims_its_code() -> None:
    seen: dict[str, int] = {}
    problems(["c1", "", ""], number=2, seen_codes=seen)
    assert problems(["c1", "Berg"], number=3, seen_codes=seen)[0].code == "code_twice"


def test_too_long_a_name_is_refused_with_its_beginning() -> None:
    (found,) = problems(["1", "长" * 201])
    assert (found.field, found.code) == ("name", "too_long")
    assert found.params == {"value": "长" * 80, "length": 201, "limit": 200}


def test_cells_beyond_the_header_mean_a_shifted_row() -> None:
    (found,) = problems(["1", "Berg", "12345", "", "", "x"])
    assert (found.column, found.code, found.params) == (None, "surplus_cells", {"count": 1, "value": "x"})


def test_a_shown_value_is_short() -> None:
    (found,) = problems(["1", "Anna", "9" * 5000])
    assert found.code == "too_long" or len(str(found.params["value"])) == 80


def test_a_list_without_a_code_column() -> None:
    (found,) = problems(["Anna"], guess(["name"]))
    assert (found.column, found.field, found.code) == (None, "code", "required")
