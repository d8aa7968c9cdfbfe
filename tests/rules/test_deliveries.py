"""States of deliveries, replies of servers, waits."""

from datetime import UTC, datetime, timedelta

import pytest

from app.rules.deliveries import (
    ATTEMPTS_LIMIT,
    Circumstances,
    Stage,
    State,
    domain_of,
    drop_reason,
    is_servers_trouble,
    is_stale,
    next_try,
    verdict,
)

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "code", "text", "state", "reason"),
    [
        (Stage.RCPT, 550, "5.1.1 no such user", State.FAILED, "unknown_user"),
        (Stage.RCPT, 550, "no such user", State.FAILED, "unknown_user"),
        (Stage.RCPT, 550, "5.7.1 not wanted", State.FAILED, "refused"),
        (Stage.RCPT, 552, "5.2.2 full", State.FAILED, "refused"),
        (Stage.RCPT, 450, "greylisted", State.QUEUED, "deferred"),
        (Stage.RCPT, 452, "full", State.QUEUED, "mailbox_full"),
        (Stage.RCPT, 421, "slow down", State.QUEUED, "server_busy"),
        (Stage.RCPT, None, "timeout", State.QUEUED, "connection_lost"),
        (Stage.MAIL, 553, "who are you", State.FAILED, "sender_refused"),
        (Stage.DATA, 451, "later", State.QUEUED, "deferred"),
        (Stage.DATA, 554, "no", State.FAILED, "refused"),
        (Stage.FINAL, 554, "spam", State.FAILED, "content_refused"),
        (Stage.FINAL, 451, "later", State.UNKNOWN, "deferred_after_text"),
        (Stage.FINAL, 421, "closing", State.UNKNOWN, "deferred_after_text"),
        (Stage.FINAL, None, "timeout", State.UNKNOWN, "no_reply"),
    ],
)
def test_replies(stage: Stage, code: int | None, text: str, state: State, reason: str) -> None:
    judged = verdict(stage, code, text)
    assert (judged.state, judged.reason) == (state, reason)
    assert judged.bad_address == (reason == "unknown_user")


@pytest.mark.parametrize("code", [None, 250, 354, 421, 450, 451, 452, 500, 550, 554, 599])
def test_after_the_payload_nothing_is_queued_again(code: int | None) -> None:
    assert verdict(Stage.FINAL, code).state is not State.QUEUED


def test_waits_grow_from_minutes_to_days_and_end() -> None:
    first = next_try(1, NOW, 0.5)
    assert first is not None
    assert timedelta(minutes=1) <= first - NOW <= timedelta(minutes=5)
    moments = [next_try(n, NOW, 0.5) for n in range(1, ATTEMPTS_LIMIT)]
    waits = [m - NOW for m in moments if m is not None]
    assert waits == sorted(waits)
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=6)
    assert next_try(ATTEMPTS_LIMIT, NOW, 0.5) is None


def test_jitter_spreads_the_tries() -> None:
    low, high = next_try(5, NOW, 0.0), next_try(5, NOW, 1.0)
    assert low is not None
    assert high is not None
    assert (high - NOW) / (low - NOW) == pytest.approx(1.5)


def case(**fields: object) -> Circumstances:
    values = {
        "kind": "invitation",
        "created_at": NOW,
        "address": "a@b.example",
        "survey_state": "live",
        "survey_closes_at": NOW + timedelta(days=1),
        "invited": True,
    } | fields
    return Circumstances(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"survey_state": "paused"}, None),
        ({"survey_state": "closed"}, "survey_closed"),
        ({"survey_closes_at": NOW}, "survey_closed"),
        ({"finished": True}, "finished"),
        ({"declined": True}, "declined"),
        ({"opted_out": True}, "opted_out"),
        ({"do_not_contact": True}, "do_not_contact"),
        ({"address_bad": True}, "undeliverable"),
        ({"address": ""}, "no_address"),
        ({"kind": "test", "survey_state": "draft", "invited": False}, None),
        ({"kind": "test", "created_at": NOW - timedelta(days=2), "invited": False}, "stale"),
    ],
)
def test_what_must_not_be_sent_any_more(fields: dict[str, object], reason: str | None) -> None:
    assert drop_reason(case(**fields), NOW) == reason


def test_invitations_never_go_stale() -> None:
    assert not is_stale("invitation", NOW - timedelta(days=300), NOW)


def test_the_domain_is_after_the_last_at() -> None:
    assert domain_of('"a@b"@Example.COM') == "example.com"


@pytest.mark.parametrize(
    ("stage", "code", "expected"),
    [
        (Stage.RCPT, None, True),
        (Stage.FINAL, None, True),
        (Stage.FINAL, 451, True),
        (Stage.MAIL, 530, True),
        (Stage.RCPT, 421, True),
        (Stage.DATA, 452, True),
        (Stage.RCPT, 452, False),
        (Stage.RCPT, 450, False),
        (Stage.RCPT, 550, False),
        (Stage.FINAL, 554, False),
    ],
)
def test_what_would_meet_the_next_mail_too(stage: Stage, code: int | None, expected: bool) -> None:
    assert is_servers_trouble(stage, code) is expected
