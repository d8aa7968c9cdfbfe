"""Canned replies: places in both languages, and who may write them."""

import pytest

from app.rules.complaints import canned

VALUES = {"number": "26-00042-8", "customer": "青禾{部门}", "unit": "城西店", "date": "2026年10月12日"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{客户}您好，{编号}由{部门}处理。", "青禾{部门}您好，26-00042-8由城西店处理。"),
        ("Dear { customer }, {Number}", "Dear 青禾{部门}, 26-00042-8"),
        ("｛日期｝", "2026年10月12日"),
        ("{price} {} {客户", "{price} {} {客户"),
    ],
)
def test_places_are_filled_once(text: str, filled: str) -> None:
    assert canned.fill(text, VALUES) == filled


def test_what_is_no_place_is_named() -> None:
    assert canned.unknown_places("{客户} {价格} {price} {价格} {DATE}") == ["价格", "price"]


def test_the_customers_language_and_else_the_other_one() -> None:
    assert canned.text_for("en", "您好", "Hello") == "Hello"
    assert canned.text_for("en", "您好", "") == "您好"
    assert canned.text_for("zh", "", "Hello") == "Hello"


@pytest.mark.parametrize(
    ("service", "heads", "has_heads", "may"),
    [
        (True, False, False, True),
        (True, False, True, False),
        (True, True, True, True),
        (False, True, False, False),
    ],
)
def test_leads_write_them_and_where_there_are_none_everybody_of_customer_service(
    service: bool, heads: bool, has_heads: bool, may: bool
) -> None:
    assert canned.may_edit(is_service=service, heads_a_unit=heads, service_has_heads=has_heads) is may
