"""Claiming, leases, and what is asked again before a mail leaves."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.jobs.runner import connection, transaction
from app.models import Customer, Delivery, DeliveryEvent, Invitation, Segment, Survey
from app.services import invitations, outbox, reminders, sending
from app.services import surveys as survey_service
from app.services.sending import Lane
from tests.factories import Factory, surveys


@pytest.fixture
def survey(make: Factory) -> Survey:
    make.firm()
    return surveys.survey(make)


def queue(make: Factory, survey: Survey, count: int = 1, **fields: Any) -> list[Delivery]:
    return [surveys.queued(make, survey, surveys.invitation(make, survey), **fields) for _ in range(count)]


def claim(survey: Survey, worker: str, now: Any, limit: int = 100) -> list[int]:
    survey_id = survey.id
    with transaction():
        return sending.claim(Lane(survey_id, 60), worker=worker, limit=limit, now=now)


def test_two_claimers_at_once_never_share_a_mail(make: Factory, app: Flask, survey: Survey) -> None:
    queue(make, survey, 40)
    survey_id, now = survey.id, make.now
    db.session.rollback()
    taken: dict[str, list[int]] = {"a": [], "b": []}
    barrier = Barrier(2)

    def work(name: str) -> None:
        barrier.wait()
        for _ in range(6):
            with app.app_context(), transaction():
                taken[name] += sending.claim(Lane(survey_id, 60), worker=name, limit=5, now=now)

    threads = [Thread(target=work, args=(name,)) for name in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not set(taken["a"]) & set(taken["b"])
    assert len(taken["a"]) + len(taken["b"]) == 40


def test_a_lost_claim_goes_back_and_a_lost_payload_is_uncertain(make: Factory, survey: Survey) -> None:
    first, second = queue(make, survey, 2)
    ids = claim(survey, "dead", make.now)
    with connection() as line:
        assert sending.begin_data(line, ids[0], worker="dead", now=make.now)
    with transaction():
        assert sending.expire_leases(make.now + timedelta(minutes=1)) == (0, 0)
    with transaction():
        assert sending.expire_leases(make.now + timedelta(minutes=20)) == (1, 1)
    db.session.expire_all()
    assert (first.state, first.reason) == ("unknown", "worker_lost")
    assert (second.state, second.claimed_by) == ("queued", None)


def test_a_frozen_worker_cannot_send_what_another_has_taken(make: Factory, survey: Survey) -> None:
    queue(make, survey)
    (mail,) = claim(survey, "frozen", make.now)
    later = make.now + timedelta(minutes=20)
    with transaction():
        sending.expire_leases(later)
    assert claim(survey, "other", later) == [mail]
    with connection() as line:
        assert not sending.begin_data(line, mail, worker="frozen", now=later)
        assert sending.begin_data(line, mail, worker="other", now=later)


def test_the_servers_late_word_settles_an_uncertain_mail(make: Factory, survey: Survey) -> None:
    (row,) = queue(make, survey)
    (mail,) = claim(survey, "slow", make.now)
    with connection() as line:
        sending.begin_data(line, mail, worker="slow", now=make.now)
    with transaction():
        sending.expire_leases(make.now + timedelta(minutes=20))
    with connection() as line:
        sending.record_sent(line, mail, worker="slow", reply="ok", now=make.now + timedelta(minutes=21))
    db.session.expire_all()
    assert row.state == "sent"


CHANGES: list[tuple[str, Callable[[Delivery], None], str]] = []


def change(reason: str) -> Callable[[Callable[[Invitation], Any]], Callable[[Invitation], Any]]:
    def decorate(function: Callable[[Invitation], Any]) -> Callable[[Invitation], Any]:
        CHANGES.append((function.__name__, function, reason))  # type: ignore[arg-type]
        return function

    return decorate


@change("finished")
def answered(row: Invitation) -> None:
    row.finished = True


@change("declined")
def declined(row: Invitation) -> None:
    row.declined_at = row.created_at


@change("opted_out")
def unsubscribed(row: Invitation) -> None:
    row.contact.opted_out_at = row.created_at


@change("undeliverable")
def address_failed(row: Invitation) -> None:
    row.contact.address_state = "bad"


@change("do_not_contact")
def forbade_contact(row: Invitation) -> None:
    row.customer.do_not_contact = True


@change("survey_closed")
def survey_over(row: Invitation) -> None:
    row.survey.state = "closed"


@pytest.mark.parametrize("moment", ["before the claim", "after the claim"])
@pytest.mark.parametrize(("name", "happens", "reason"), CHANGES, ids=[c[0] for c in CHANGES])
def test_what_happens_in_between_keeps_the_mail_back(
    make: Factory, survey: Survey, name: str, happens: Any, reason: str, moment: str
) -> None:
    (row,) = queue(make, survey)
    mail = row.id
    if moment == "after the claim":
        claim(survey, "w", make.now)
    happens(db.session.get_one(Invitation, row.invitation_id))
    db.session.commit()
    if moment == "before the claim":
        assert claim(survey, "w", make.now) == []
    else:
        with connection() as line:
            assert not sending.begin_data(line, mail, worker="w", now=make.now)
    db.session.expire_all()
    assert (row.state, row.reason) == ("dropped", reason)
    assert row.events[-1].reason == reason


def test_pausing_after_the_claim_puts_the_mail_back(make: Factory, survey: Survey) -> None:
    (row,) = queue(make, survey)
    mail = row.id
    claim(survey, "w", make.now)
    survey.state = "paused"
    db.session.commit()
    with connection() as line:
        assert not sending.begin_data(line, mail, worker="w", now=make.now)
    db.session.expire_all()
    assert row.state == "queued"


@pytest.mark.parametrize("state", ["draft", "ready", "paused", "closed"])
def test_only_live_surveys_have_a_lane(make: Factory, survey: Survey, state: str) -> None:
    queue(make, survey)
    assert sending.due_lanes(make.now) == [Lane(survey.id, 60)]
    survey.state = state
    db.session.commit()
    assert sending.due_lanes(make.now) == []


def test_quiet_hours_and_the_firms_pause_close_the_lane(make: Factory, survey: Survey) -> None:
    queue(make, survey)
    survey.quiet_from, survey.quiet_until = 9 * 60, 11 * 60  # it is 10:00 in Shanghai
    db.session.commit()
    assert sending.due_lanes(make.now) == []
    assert sending.due_lanes(make.now + timedelta(hours=1)) == [Lane(survey.id, 60)]
    make.firm(mail_paused=True)
    assert sending.due_lanes(make.now + timedelta(hours=1)) == []


def test_a_corrected_address_is_used(make: Factory, survey: Survey) -> None:
    (row,) = queue(make, survey)
    db.session.get_one(Invitation, row.invitation_id).contact.email = "new@customer.example"
    db.session.commit()
    claim(survey, "w", make.now)
    db.session.expire_all()
    assert row.to_address == "new@customer.example"


def test_a_rollback_leaves_neither_cause_nor_mail(make: Factory, survey: Survey) -> None:
    to = surveys.invitation(make, survey)
    to_id, survey_id = to.id, survey.id
    with pytest.raises(RuntimeError), transaction():
        outbox.enqueue(
            "invitation",
            to="x@y.example",
            language="zh",
            template="invitation",
            due_at=make.now,
            now=make.now,
            invitation_id=to_id,
            survey_id=survey_id,
        )
        raise RuntimeError
    assert db.session.scalar(select(func.count(Delivery.id))) == 0
    assert db.session.scalar(select(func.count(DeliveryEvent.id))) == 0


def test_twenty_reminder_runs_make_one_reminder_each(make: Factory, survey: Survey) -> None:
    for _ in range(3):
        surveys.queued(
            make,
            survey,
            surveys.invitation(make, survey),
            state="sent",
            finished_at=make.now - timedelta(days=3),
        )
    counts = []
    for _ in range(20):
        with transaction():
            counts.append(reminders.plan_due(now=make.now))
    assert counts == [3] + [0] * 19


def test_reminders_reach_exactly_those_who_have_not_finished(make: Factory, survey: Survey) -> None:
    sent = {"state": "sent", "finished_at": make.now - timedelta(days=4)}
    waiting = surveys.invitation(make, survey)
    surveys.queued(make, survey, waiting, **sent)
    for fields in ({"finished": True}, {"declined_at": make.now}):
        surveys.queued(make, survey, surveys.invitation(make, survey, **fields), **sent)
    surveys.queued(make, survey, surveys.invitation(make, survey), state="failed", finished_at=make.now)
    surveys.queued(make, survey, surveys.invitation(make, survey), state="unknown", finished_at=make.now)
    back = surveys.invitation(make, survey)
    surveys.queued(make, survey, back, **sent)
    surveys.queued(make, survey, back, kind="reminder", occurrence=1, **(sent | {"state": "bounced"}))
    surveys.queued(make, survey, surveys.invitation(make, survey), **(sent | {"state": "bounced"}))
    recent = {"state": "sent", "finished_at": make.now - timedelta(days=1)}
    surveys.queued(make, survey, surveys.invitation(make, survey), **recent)
    with transaction():
        assert reminders.plan_due(now=make.now) == 1
    row = db.session.scalars(
        select(Delivery).where(Delivery.kind == "reminder", Delivery.state == "queued")
    ).one()
    assert (row.invitation_id, row.occurrence) == (waiting.id, 1)


def test_inviting_can_be_interrupted_anywhere(make: Factory) -> None:
    make.firm()
    chosen = make.save(Segment(name="all", filters={}, created_at=make.now))
    survey = surveys.survey(make, segment_id=chosen.id, pace_per_minute=2, quiet_from=0, quiet_until=0)
    for _ in range(5):
        make.customer()
    total = 0
    for _ in range(4):
        with transaction():
            total += invitations.invite_next(db.session.get_one(Survey, 1), limit=2, now=make.now)
    assert total == 5
    dues = db.session.scalars(select(Delivery.due_at).order_by(Delivery.id)).all()
    assert dues == [make.now + timedelta(seconds=30 * n) for n in range(5)]
    assert db.session.scalar(select(func.count(Invitation.id))) == 5
    assert survey.state == "live"


def test_the_seal_is_the_same_when_computed_again(make: Factory, survey: Survey) -> None:
    surveys.response(make, survey)
    surveys.response(make, survey, state="draft")
    with transaction():
        survey_service.close(db.session.get_one(Survey, survey.id), seen=None, by=None, now=make.now)
    db.session.expire_all()
    assert survey.sealed_count == 1
    assert survey_service.seal_of(survey.id) == (1, survey.sealed_hash)
    assert db.session.scalar(select(func.count(Customer.id))) == 0


def test_a_domain_that_rests_keeps_no_similar_one_back(make: Factory, survey: Survey) -> None:
    resting, similar = queue(make, survey, 2)
    resting.invitation_id = similar.invitation_id = None
    resting.to_address, similar.to_address = "a@my_firm.example", "a@my-firm.example"
    resting.kind = similar.kind = "reset"
    db.session.commit()
    with transaction():
        taken = sending.claim(Lane(None), worker="w", limit=9, now=make.now, but_domains=["my_firm.example"])
    assert taken == [similar.id]
