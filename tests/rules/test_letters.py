"""What a mail belongs to and what becomes of it: by rule alone."""

import itertools

import pytest

from app.rules import letters
from app.rules.complaints import number_of
from app.rules.inbound import numbers_in, own_threads, proof, proves, threads_in
from app.rules.inbound.letters import Headers
from app.rules.inbound.threads import MOST_THREADS
from app.rules.letters import State, Wish, masked, state_of, wish_of

KEY = b"k" * 32
MARK = "0123456789abcdef" * 2


def test_a_proof_belongs_to_one_key_one_mail_and_one_case() -> None:
    good = proof(KEY, MARK, 7)
    assert proves(KEY, (MARK, good), 7)
    assert not proves(KEY, (MARK, good), 8), "another case"
    assert not proves(b"x" * 32, (MARK, good), 7), "another installation"
    assert not proves(KEY, (MARK[::-1], good), 7), "another mail"
    assert not proves(KEY, (MARK, ""), 7)


def test_the_nearest_comes_first() -> None:
    ids = [f"{n:032x}.{n:024x}" for n in range(4)]
    fields = [
        ("references", " ".join(f"<{one}@h.example>" for one in ids[:3])),
        ("in-reply-to", f"<{ids[3]}@h.example>"),
    ]
    assert threads_in(Headers(fields)) == tuple(tuple(ids[n].split(".")) for n in (3, 2, 1, 0))


@pytest.mark.parametrize(
    "text",
    [MARK, f"{MARK}@h", f"{MARK}.{'0' * 23}@h", f"a{MARK}.{'0' * 24}@h", f"{MARK.upper()}.{'0' * 24}@h", ""],
)
def test_what_is_no_message_id_of_ours_is_none(text: str) -> None:
    assert threads_in(Headers([("in-reply-to", text)])) == ()


def test_the_mark_behind_a_t_is_the_same() -> None:
    text = f"<t.{MARK}.{'0' * 24}@h.example>"
    assert threads_in(Headers([("references", text)])) == ((MARK, "0" * 24),)
    assert own_threads(Headers([("message-id", text)])) == ((MARK, "0" * 24),)


def test_only_so_many_are_looked_at() -> None:
    flood = " ".join(f"<{n:032x}.{n:024x}@h>" for n in range(5000))
    assert len(threads_in(Headers([("references", flood), ("in-reply-to", flood)]))) == MOST_THREADS


def test_numbers_in_a_subject_need_their_check_digit() -> None:
    number = number_of(2026, 42)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert list(numbers_in(f"回复：恒信已答复您，{number}")) == [number]
    assert list(numbers_in(f"Re: [{number}] 10-12-2026 {wrong}")) == [number]
    for text in (wrong, number.replace("-", ""), f"x{number}", f"{number}1", "", "２６-00042-8"):
        assert list(numbers_in(text)) == [], text
    assert len(numbers_in(" ".join(number_of(2026, n) for n in range(1, 50)))) <= 20


def test_only_words_of_somebody_known_are_taken_by_themselves() -> None:
    for case, known, automatic, words in itertools.product((True, False), repeat=4):
        found = state_of(has_case=case, known=known, automatic=automatic, has_words=words)
        assert (found is State.ADDED) == (case and known and words and not automatic)
        if automatic:
            assert found is State.AUTOMATIC


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("谢谢!", Wish.THANKS),
        ("好的，辛苦了", Wish.THANKS),
        ("Thank you, all fine now.", Wish.THANKS),
        ("还是不行", Wish.UNSOLVED),
        ("谢谢，但是还没修好", Wish.UNSOLVED),
        ("又漏水了", Wish.UNSOLVED),
        ("It still drips, thanks", Wish.UNSOLVED),
        ("发票抬头怎么开？", Wish.UNCLEAR),
        ("谢谢" + "，另外想问一下保修期和滤芯的事情" * 8, Wish.UNCLEAR),
        ("", Wish.UNCLEAR),
    ],
)
def test_what_somebody_seems_to_want(text: str, wish: Wish) -> None:
    assert wish_of(text) is wish


def test_addresses_are_masked() -> None:
    assert masked("lifang@customer.example") == "l•••@customer.example"
    assert masked("nobody") == "•••"
    assert {State.WAITING, State.SHOWN} == letters.SORTABLE
