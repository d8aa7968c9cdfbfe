"""Composed mails, read back with the library's parser."""

import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any, cast

import pytest

from app.adapters.mail import Parts, bad_address, compose

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)


def read(**changed: Any) -> EmailMessage:
    values = {
        "message_id": "abc123",
        "sender_name": "恒信服务集团",
        "sender": "survey@hengxin.example",
        "reply_to": "",
        "recipient": "li@customer.example",
        "subject": "想听听您的意见",
        "text": "您好\n\nhttps://x.example\n",
        "html": "<p>您好</p>\n",
        "date": NOW,
        "base_url": "https://survey.hengxin.example:8443",
        "language": "zh-CN",
    } | changed
    _envelope, data = compose(Parts(**values))
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    return cast(EmailMessage, email.message_from_bytes(data, policy=policy.default))


def test_everything_arrives_as_it_was_given() -> None:
    message = read(reply_to="office@hengxin.example")
    assert message["Subject"] == "想听听您的意见"
    assert message["From"].addresses[0].display_name == "恒信服务集团"
    assert message["From"].addresses[0].addr_spec == "survey@hengxin.example"
    assert message["Reply-To"] == "office@hengxin.example"
    assert message["Message-ID"] == "<abc123@survey.hengxin.example>"
    assert message["Date"].datetime == NOW
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    contents = [p.get_content().replace("\r\n", "\n") for p in message.iter_parts()]
    assert contents == ["您好\n\nhttps://x.example\n", "<p>您好</p>\n"]
    assert message.defects == []


@pytest.mark.parametrize(
    "text", ["Plain words", "汉字" * 80, "emoji 😀 " * 20, "=?utf-8?q?x?=", "a" * 300, "\u202eRTL\u202c", ""]
)
def test_any_subject_survives(text: str) -> None:
    assert read(subject=text)["Subject"] == text.strip()


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.example", "a\nSubject: b", "a\x00b", "a\u2028b", "a\ud800b"])
def test_nothing_adds_a_header(evil: str) -> None:
    message = read(subject=evil, sender_name=evil, text=evil, html=evil)
    assert message["Bcc"] is None
    assert len(message.get_all("Subject")) == 1


@pytest.mark.parametrize("name", ['Ha "q" \\ b', "O'Neil, Ltd.", "王 (客服)", ""])
def test_any_sender_name_survives(name: str) -> None:
    assert read(sender_name=name)["From"].addresses[0].display_name == name


def test_one_click_unsubscribing_stands_on_one_line() -> None:
    url = "https://survey.hengxin.example/u/" + "x" * 36
    message = read(unsubscribe_url=url)
    assert message["List-Unsubscribe"] == f"<{url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read()["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "address",
    ["", "x", "@x.example", "a@", "a@b", "a b@c.example", "a@b c.example", "a\n@b.example", "a@-b.example",
     "a@b.example\r\nBcc: c@d.example", "<a@b.example>", "a@" + "b" * 64 + ".example", "a..b@c.example",
     "a@b..example", "\ud800@b.example", "a@\ud800.example", "a@b@c.example"],
)  # fmt: skip
def test_odd_addresses_are_refused_early(address: str) -> None:
    assert bad_address(address)
    with pytest.raises(ValueError):
        read(recipient=address)


@pytest.mark.parametrize(
    "address", ["a@b.example", "o'neil+x@b-c.example", "用户@b.example", "a@例子.example"]
)
def test_good_addresses_pass(address: str) -> None:
    assert not bad_address(address)


def test_a_domain_in_chinese_is_written_in_ascii() -> None:
    assert read(recipient="a@例子.example")["To"].addresses[0].domain == "xn--fsqu00a.example"
