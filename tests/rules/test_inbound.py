"""What a mail that comes in is (T27): bounces of many servers, automatic answers, people, and nonsense."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.rules.inbound import SOFT_LIMIT, Kind, counts_as_hard, judge
from app.rules.inbound.bounces import WORDS_LIMIT
from app.rules.inbound.letters import DEEPEST, MOST_PARTS, read
from tests.factories import inbound
from tests.factories.inbound import AUTOMATIC, BOUNCES, MARK, ODD, PERSONAL, Sample


@pytest.mark.parametrize("sample", BOUNCES, ids=lambda one: one.name)
def test_bounces_of_many_servers_are_understood(sample: Sample) -> None:
    judged = judge(sample.raw)
    assert judged.kind is Kind.BOUNCE
    assert judged.bounce is not None
    assert (judged.bounce.grade, judged.bounce.reason) == (sample.grade, sample.reason)
    assert judged.marks == (MARK,)


def test_the_same_with_the_line_ends_of_the_wire() -> None:
    for sample in BOUNCES:
        assert judge(sample.raw.replace(b"\n", b"\r\n")) == judge(sample.raw), sample.name


@pytest.mark.parametrize("name", AUTOMATIC)
def test_automatic_answers_are_neither_bounces_nor_people(name: str) -> None:
    judged = judge(AUTOMATIC[name])
    assert (judged.kind, judged.bounce, judged.marks) == (Kind.AUTOMATIC, None, ())


@pytest.mark.parametrize("name", PERSONAL)
def test_people_are_people_whatever_they_quote(name: str) -> None:
    assert judge(PERSONAL[name]).kind is Kind.PERSON


@pytest.mark.parametrize("name", ODD)
def test_no_mail_however_odd_breaks_the_judgement(name: str) -> None:
    judged = judge(ODD[name])
    assert judged.kind in {Kind.PERSON, Kind.AUTOMATIC, Kind.BOUNCE, Kind.UNREADABLE}
    assert len(judged.marks) <= 10


def test_an_empty_mail_is_unreadable() -> None:
    assert judge(b"").kind is Kind.UNREADABLE
    assert judge(ODD["spaces"]).kind is Kind.UNREADABLE


def test_a_mail_is_read_to_a_depth_and_a_number_of_parts() -> None:
    assert len(read(inbound.attachments(10_000)).parts) == MOST_PARTS
    assert len(read(inbound.enclosed(10_000)).carried) == DEEPEST
    assert len(read(inbound.nested(10_000)).parts) == 1


def test_words_of_a_stranger_become_one_short_line() -> None:
    raw = inbound.dsn(diagnostic="smtp; 550 5.1.1 \x00no\x1b[31m such \x07user " + "x" * 5000)
    bounce = judge(raw).bounce
    assert bounce is not None
    assert bounce.words.startswith("550 5.1.1 no [31m such user xxx")
    assert len(bounce.words) == WORDS_LIMIT


def test_only_the_line_that_quotes_the_server_is_kept_of_a_report_in_html() -> None:
    bounce = judge(inbound.NETEASE).bounce
    assert bounce is not None
    assert bounce.words == "550 User not found: li@163.com"


def test_the_returned_mail_names_itself_before_anything_else_does() -> None:
    other = "f" * 32
    raw = inbound.dsn().replace(b"Auto-Submitted: auto-replied", f"In-Reply-To: <{other}@x>".encode(), 1)
    assert judge(raw).marks == (MARK, other)


@pytest.mark.parametrize("broken", [MARK[:-1], MARK.upper(), MARK + "0", "g" * 32, "a" + MARK])
def test_what_is_no_mark_of_ours_is_none(broken: str) -> None:
    assert judge(inbound.dsn(broken)).marks == ()


@pytest.mark.parametrize(
    ("latest", "hard"),
    [
        (["soft"] * SOFT_LIMIT, True),
        (["soft"] * (SOFT_LIMIT - 1), False),
        (["soft"] * (SOFT_LIMIT - 1) + ["sent", "soft"], False),
        (["soft", "refused"] * SOFT_LIMIT, True),
        (["refused"] * 9, False),
        ([], False),
    ],
)
def test_soft_ones_count_only_several_in_a_row(latest: list[str], hard: bool) -> None:
    assert counts_as_hard(latest) is hard


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_report_is_never_our_fault(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(BOUNCES)).raw)
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
        raw = raw or bytearray(b"x")
    assert judge(bytes(raw)).kind in Kind


def test_a_character_of_ten_thousand_digits_hides_no_bounce() -> None:
    page = b"<p>550 5.1.1 user unknown &#" + b"9" * 10_000 + b";</p>"
    head = b"From: mailer-daemon@x.example\r\nSubject: failure notice\r\nContent-Type: text/html\r\n\r\n"
    bounce = judge(head + page).bounce
    assert bounce is not None
    assert bounce.reason == "no_mailbox"
