"""Single cells: what people write for dates, yes and no, addresses and numbers."""

import datetime as dt
from collections.abc import Callable

import pytest
from email_validator import validate_email

from app.rules.customers.import_values import (
    ValueProblem,
    clean_text,
    parse_boolean,
    parse_date,
    parse_email,
    parse_kind,
    parse_language,
    parse_lines,
    parse_phone,
)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(ValueProblem) as caught:
        call()
    return caught.value.code


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-05", "2024/3/5", "2024.3.5", "2024年3月5日", "2024年03月05号", "２０２４－３－５",
        "2024 年 3 月 5 日", "20240305", "5.3.2024", "5 Mar 2024", "5th March, 2024", "Mar 5, 2024",
        "March 5 2024", "5-Mar-2024", "45356", "45356.5", "2024-03-05 13:04:00", "2024-03-05T13:04:00Z",
        "2024年3月5日 13时04分", "2024/3/5 9:05",
    ],
)  # fmt: skip
def test_dates_in_many_writings(cell: str) -> None:
    assert parse_date(cell) == dt.date(2024, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-30", "2024", "2024年3月", "soon", "0", "1.5", "99999999", "0001-01-01",
        "5 Foo 2024", "三月五日",
    ],
)  # fmt: skip
def test_what_is_no_day(cell: str) -> None:
    assert code_of(lambda: parse_date(cell)) == "date_invalid"


def test_days_and_months_that_could_be_swapped() -> None:
    assert code_of(lambda: parse_date("03/04/2024")) == "date_ambiguous"
    assert parse_date("03/04/2024", day_first=True) == dt.date(2024, 4, 3)
    assert parse_date("03/04/2024", day_first=False) == dt.date(2024, 3, 4)
    assert parse_date("25/04/2024") == parse_date("04/25/2024") == dt.date(2024, 4, 25)


def test_customers_may_be_known_since_a_month_or_a_year() -> None:
    assert parse_date("2024年3月", whole_day=False) == dt.date(2024, 3, 1)
    assert parse_date("2019", whole_day=False) == dt.date(2019, 1, 1)


@pytest.mark.parametrize("cell", ["是", "yes", "Y", "√", "✓", "TRUE", "1", "１", " 有 "])
def test_yes(cell: str) -> None:
    assert parse_boolean(cell) is True


@pytest.mark.parametrize("cell", ["否", "no", "N", "×", "false", "0", "无"])
def test_no(cell: str) -> None:
    assert parse_boolean(cell) is False


def test_words_of_a_field_and_unclear_marks() -> None:
    assert parse_boolean("VIP", "key_account") is True
    assert parse_boolean("已退订", "do_not_contact") is True
    assert parse_boolean("普通客户", "key_account") is False
    for cell in ("x", "maybe", "2", "VIP"):
        assert code_of(lambda cell=cell: parse_boolean(cell)) == "not_yes_no"


def test_kinds_and_languages() -> None:
    assert [parse_kind(one) for one in ("个人", "Individual", "企业", "公司", "B2B")] == [
        "individual", "individual", "enterprise", "enterprise", "enterprise",
    ]  # fmt: skip
    assert [parse_language(one) for one in ("中文", "zh-CN", "英文", "English", "EN")] == [
        "zh", "zh", "en", "en", "en",
    ]  # fmt: skip
    assert code_of(lambda: parse_kind("外星人")) == "kind_unknown"
    assert code_of(lambda: parse_language("法语")) == "language_unknown"


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("li.ming@example.com", "li.ming@example.com"),
        ("Li.Ming+vip@Example.COM.cn", "Li.Ming+vip@example.com.cn"),
        ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｎ", "li@example.cn"),
        ("李明@例子.中国", "李明@例子.中国"),
        ("a@xn--fsqu00a.xn--fiqs8s", "a@例子.中国"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("mailto:a@example.org", "a@example.org"),
    ],
)
def test_addresses(cell: str, address: str) -> None:
    assert parse_email(cell) == address


@pytest.mark.parametrize(
    "cell",
    [
        "a", "a@", "@example.com", "a@b", "a..b@example.com", ".a@example.com", "a b@example.com",
        "a@-example.com", "a@example.test", "a@localhost", "a@example.com.", "x" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com", "a@exam ple.com", "a@xn--.com", "a@ab--cd.com", "a@" + "b." * 130 + "com",
    ],
)  # fmt: skip
def test_what_is_no_address(cell: str) -> None:
    assert code_of(lambda: parse_email(cell)) == "email_invalid"


def test_several_addresses_are_told_apart() -> None:
    assert code_of(lambda: parse_email("a@example.com; b@example.com")) == "email_several"


@pytest.mark.parametrize(
    "cell", ["a@b.cn", "A_b%c@Ex-ample.co", "1@2.cc", "a-b.c+d@mail.example.museum", "a@9.9.9.cn"]
)
def test_the_quick_path_agrees_with_the_library(cell: str) -> None:
    assert parse_email(cell) == validate_email(cell, check_deliverability=False, strict=True).normalized


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("13800138000", "13800138000"),
        ("１３８ ００１３ ８０００", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 (0)10 1234 5678", "+8601012345678"),
        ("＋86 138 0013 8000", "+8613800138000"),
        ("（010）12345678", "01012345678"),
        ("010—12345678", "01012345678"),
        ("13800138000.0", "13800138000"),
        ("010-12345678转801", "01012345678;ext=801"),
        ("010-12345678 ext. 801", "01012345678;ext=801"),
        ("'+8613800138000", "+8613800138000"),
        ("95588", "95588"),
    ],
)
def test_phone_numbers(cell: str, number: str) -> None:
    assert parse_phone(cell) == number


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.38E+10", "phone_scientific"),
        ("1.38001e10", "phone_scientific"),
        ("13800138000/13900139000", "phone_several"),
        ("13800138000、13900139000", "phone_several"),
        ("13800138000 13900139000", "phone_several"),
        ("123", "phone_invalid"),
        ("无", "phone_invalid"),
        ("138+00138000", "phone_invalid"),
        ("1" * 21, "phone_invalid"),
    ],
)
def test_what_is_no_phone_number(cell: str, code: str) -> None:
    assert code_of(lambda: parse_phone(cell)) == code


def test_lines_are_split_and_named_once() -> None:
    assert parse_lines("软件；运维、零售, 软件/批发，出口|Retail") == (
        "软件", "运维", "零售", "批发", "出口", "Retail",
    )  # fmt: skip
    assert parse_lines(" ; ") == ()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Anna   Berg ", "Anna Berg"),
        ("杭州\r\n云帆\t公司", "杭州 云帆 公司"),
        ("a\x0bb\x1fc", "a b c"),
        ("\ufeff王\u200b丽\u202e", "王丽"),
        ("王\u3000丽\xa0", "王 丽"),
        ("Mu\u0308ller", "Müller"),
        ("（上海）有限公司", "（上海）有限公司"),
    ],
)
def test_text_becomes_one_clean_line(cell: str, text: str) -> None:
    assert clean_text(cell) == text


def test_a_nul_character_is_damage() -> None:
    assert code_of(lambda: clean_text("a\x00b")) == "nul_character"
