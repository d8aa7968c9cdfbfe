"""What a person wrote: words in any character set, without what his program quotes, and the files he sent."""

import time

import pytest

from app.rules.inbound import Kind, contents_of, judge, sender_of
from app.rules.inbound.contents import LONGEST_TEXT, MOST_FILES_LOOKED_AT, readable
from app.rules.inbound.letters import read
from app.rules.inbound.quoting import split
from tests.factories import inbound, letters


def text_of(raw: bytes) -> str:
    return contents_of(read(raw)).text


@pytest.mark.parametrize("charset", letters.CHARSETS)
def test_words_are_read_in_any_character_set(charset: str) -> None:
    words = letters.SIMPLE if charset == "gb2312" else "還是漏水" if charset == "big5" else letters.CHINESE
    assert text_of(letters.encoded(words, charset)) == words


@pytest.mark.parametrize(
    ("charset", "said"),
    [("gb18030", "gb2312"), ("gbk", "us-ascii"), ("gbk", "x-klingon"), ("utf-8", "iso-8859-1"), ("utf-8", "gb2312"),
     ("gbk", "utf-8"), ("gbk", "punycode"), ("utf-8", "idna"), ("utf-8", "base64")],
)  # fmt: skip
def test_a_wrong_name_of_the_character_set_does_no_harm(charset: str, said: str) -> None:
    assert (
        text_of(letters.encoded(letters.CHINESE + "，第三次了", charset, said=said))
        == letters.CHINESE + "，第三次了"
    )


def test_one_broken_character_does_not_change_the_character_set() -> None:
    raw = b"From: a@b.example\nContent-Type: text/plain; charset=big5\n\n" + ("請盡快處理" * 30).encode(
        "big5"
    )
    assert text_of(raw + b"\xff").startswith("請盡快處理")


def test_emoji_and_letters_from_right_to_left_stay_and_marks_that_turn_go() -> None:
    words = "👨‍👩‍👧 شكرا 谢谢"
    assert text_of(letters.mail(f"{words} \u202efdp.exe\u202c \x00\x07")) == f"{words} fdp.exe"


def test_lines_broken_for_the_way_are_joined() -> None:
    raw = letters.encoded("This line was \nbroken for the way.\n\nNext one.\n-- \nLi\n", "utf-8").replace(
        b'charset="utf-8"', b'charset="utf-8"; format=flowed'
    )
    assert text_of(raw) == "This line was broken for the way.\n\nNext one.\n--\nLi"
    chinese = letters.encoded("空调 \n还在漏水", "utf-8").replace(
        b'"utf-8"', b'"utf-8"; format=flowed; delsp=yes'
    )
    assert text_of(chinese) == "空调还在漏水"


def test_a_page_becomes_text_and_nothing_in_it_runs() -> None:
    assert text_of(letters.mail("", html=letters.PAGE)).split() == [
        "还是漏水",
        "&",
        "滴水",
        "第二行",
        "第三行",
    ]


def test_plain_text_is_preferred_unless_it_says_nothing() -> None:
    assert text_of(letters.mail("还是漏水", html="<p>还是漏水</p>")) == "还是漏水"
    assert "漏水" in text_of(
        letters.mail("Your program can't show pages", html="<p>" + "还是漏水，" * 100 + "</p>")
    )


def test_a_mail_without_words_has_none() -> None:
    for raw in (letters.mail(""), letters.mail("  \n\n "), inbound.ODD["no_text"], inbound.ODD["no_body"]):
        assert text_of(raw) == ""


@pytest.mark.parametrize("program", letters.QUOTES)
def test_what_a_program_quotes_is_folded_away(program: str) -> None:
    found = contents_of(read(letters.mail("周三下午在家。\n谢谢" + letters.QUOTES[program])))
    assert found.text == "周三下午在家。\n谢谢"
    assert "您好" in found.earlier or "Hello" in found.earlier


def test_answers_between_the_quoted_lines_are_not_folded_away() -> None:
    text = "On Mon, Oct 12, 2026 Hengxin wrote:\n> When?\nWednesday.\n> Where?\nAt home."
    assert split(text) == (text, "")
    mixed = "Hello\n\nOn Mon, Oct 12, 2026 Hengxin wrote:\n> When?\nWednesday."
    assert split(mixed) == (mixed, "")


def test_nothing_is_lost_where_nothing_new_would_be_left() -> None:
    for text in (letters.QQ_QUOTE.strip(), "> only\n> quoted", "发件人: 王\n日期: 今天\n\n转给你们"):
        assert split(text) == (text, "")


def test_words_that_only_look_like_quoting_stay() -> None:
    for text in (
        "From my side: nothing new",
        "on monday i wrote you",
        "时间: 周三\n地点: 家里",
        "他在信里写道，很好。",
    ):
        assert split(text) == (text, "")


def test_a_long_text_is_cut_and_said_to_be() -> None:
    found = contents_of(read(letters.mail("漏水" * LONGEST_TEXT)))
    assert (len(found.text), found.cut) == (LONGEST_TEXT, True)


def test_files_are_named_as_their_sender_named_them() -> None:
    found = contents_of(read(letters.mail(files=letters.MIXED)))
    assert [one.name for one in found.files] == [name for name, _ in letters.MIXED]
    assert found.files[0].content(100) == letters.MIXED[0][1][:100]


@pytest.mark.parametrize(
    "field",
    [
        "attachment; filename*=GBK''%B7%A2%C6%B1.pdf",
        "attachment; filename*0*=UTF-8''%E5%8F%91; filename*1*=%E7%A5%A8.pdf",
        'attachment; filename="=?gbk?B?t6LGsS5wZGY=?="',
        'attachment; filename="=?utf-8?B?5Y+R56WoLnBkZg==?="',
        "attachment; filename=发票.pdf",
    ],
)
def test_names_are_read_in_every_way_they_are_written(field: str) -> None:
    raw = f"From: a@b.example\nContent-Type: application/pdf\nContent-Disposition: {field}\n\n%PDF-1".encode()
    assert [one.name for one in contents_of(read(raw)).files] == ["发票.pdf"]


def test_of_many_files_only_so_many_are_looked_at() -> None:
    assert len(contents_of(read(letters.mail(files=letters.THIRTY))).files) == 30
    assert len(contents_of(read(inbound.ODD["many_attachments"])).files) == MOST_FILES_LOOKED_AT


def test_a_mail_within_the_mail_is_named_and_its_words_are_not_the_senders() -> None:
    found = contents_of(read(inbound.FORWARDED))
    assert found.text == "see below"
    assert [one.name for one in found.files] == ["Undelivered Mail Returned to Sender.eml", "满意度调查.eml"]
    assert found.files[0].content(10) == b""


@pytest.mark.parametrize(
    ("field", "address", "name"),
    [
        ("李女士 <Li@Customer.example>", "li@customer.example", "李女士"),
        ('"Li, Fang" <li@customer.example>', "li@customer.example", "Li, Fang"),
        ("li@customer.example", "li@customer.example", ""),
        ('"boss@firm.example" <li@customer.example>', "li@customer.example", "boss@firm.example"),
        (
            "=?utf-8?B?PGJvc3NAZmlybS5leGFtcGxlPg==?= <li@customer.example>",
            "li@customer.example",
            "<boss@firm.example>",
        ),
        ("", "", ""),
        ("nobody", "", ""),
        ("<" * 2000, "", ""),
    ],
)
def test_who_says_he_wrote_it(field: str, address: str, name: str) -> None:
    found = sender_of(read(f"From: {field}\n\nhi".encode()).headers)
    assert found[0] == address
    assert found[1].strip("<") == name.strip("<")


@pytest.mark.parametrize("name", letters.AUTOMATIC)
def test_automatic_answers_are_known_for_what_they_are(name: str) -> None:
    assert judge(letters.mail(**letters.AUTOMATIC[name])).kind is Kind.AUTOMATIC


def test_a_person_who_quotes_an_automatic_answer_is_a_person() -> None:
    assert judge(letters.mail("你们的自动回复没有用，还是漏水")).kind is Kind.PERSON
    assert judge(letters.mail("收到" + letters.QQ_QUOTE + "此邮件由系统自动发送")).kind is Kind.PERSON


@pytest.mark.parametrize("name", inbound.ODD)
def test_no_mail_however_odd_breaks_the_reading(name: str) -> None:
    begun = time.monotonic()
    found = contents_of(read(inbound.ODD[name]))
    assert time.monotonic() - begun < 3
    assert len(found.text) <= LONGEST_TEXT
    (found.text + found.subject + found.address + found.name).encode("utf-8")
    assert "\0" not in found.text + found.subject + found.address + found.name


def test_pages_made_to_take_long_do_not() -> None:
    for page in ("<!--" * 20_000, "<style>" * 10_000, "<p " * 20_000, "&" * 60_000, "<br" * 20_000):
        begun = time.monotonic()
        text_of(letters.mail("", html=page))
        assert time.monotonic() - begun < 3


def test_empty_lines_are_few() -> None:
    assert readable("a\r\n\r\n\r\n\r\nb\r") == "a\n\nb"
