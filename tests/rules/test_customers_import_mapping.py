"""Guessing the columns of a customer list, checking a mapping, the template."""

import pytest

from app.rules.customers.import_mapping import (
    ATTRIBUTE,
    FIELD_BY_NAME,
    FIELDS,
    IGNORE,
    REQUIRED,
    SYNONYMS,
    ImportMapping,
    MappingProblem,
    check_mapping,
    guess,
    template_columns,
)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("客户编号", "code"),
        ("客户代码（必填）", "code"),
        ("Customer Code *", "code"),
        ("CUSTOMER_NO", "code"),
        ("名称", "name"),
        ("Ｎａｍｅ", "name"),
        ("客户规模", "size"),
        ("Customer region", "region"),
        ("联系人手机", "contact_phone"),
        ("E-Mail:", "contact_email"),
        ("是否VIP", "key_account"),
        ("contact_email", "contact_email"),
        ("备注", ATTRIBUTE),
        ("", IGNORE),
    ],
)
def test_a_header_is_recognised(header: str, field: str) -> None:
    assert guess([header]).targets == (field,)


def test_the_first_column_of_a_field_wins() -> None:
    assert guess(["电话", "手机", "名称"]).targets == ("contact_phone", ATTRIBUTE, "name")


def test_no_name_belongs_to_two_fields() -> None:
    for field, names in SYNONYMS.items():
        assert {guess([name]).targets[0] for name in names} == {field}
    assert set(FIELD_BY_NAME.values()) == set(FIELDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_fits_the_guess(language: str) -> None:
    columns = template_columns(language)
    mapping = guess([column.header for column in columns])
    assert mapping.targets == FIELDS == tuple(column.field for column in columns)
    assert check_mapping(mapping) == []
    assert tuple(column.field for column in columns if column.required) == REQUIRED


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        (("code", "name", "colour"), MappingProblem("target_unknown", "colour", "c")),
        (("code", "region", "size"), MappingProblem("target_missing", "name")),
        (("code", "name", "name"), MappingProblem("target_twice", "name", "c")),
        (("code", "name"), MappingProblem("length_differs")),
    ],
)
def test_mappings_that_cannot_be_used(targets: tuple[str, ...], problem: MappingProblem) -> None:
    assert check_mapping(ImportMapping(("a", "b", "c"), targets)) == [problem]


def test_an_attribute_needs_a_name() -> None:
    mapping = ImportMapping(("a", "b", " "), ("code", "name", ATTRIBUTE))
    assert [problem.code for problem in check_mapping(mapping)] == ["header_blank"]


def test_a_mapping_knows_its_columns() -> None:
    mapping = guess(["编号", "备注", "名称"])
    assert (mapping.column_of("name"), mapping.column_of("kind")) == (2, None)
    assert mapping.fields == {"code", "name"}
