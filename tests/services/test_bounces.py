"""What a mail that came back means for the address: hard at once, soft several times in a row, refused never (T27)."""

from datetime import datetime, timedelta

import pytest

from app.extensions import db
from app.models import Contact, Customer, Delivery
from app.rules.deliveries import AGAIN_FROM
from app.rules.inbound import SOFT_LIMIT, Bounce, Grade
from app.services import bounces
from app.services.customers import contacts
from app.services.customers.contacts import ContactFacts
from tests.factories import Factory, surveys

HARD = Bounce(Grade.HARD, "no_mailbox", "5.1.1", "no such user")
SOFT = Bounce(Grade.SOFT, "box_full", "4.2.2", "mailbox full")
REFUSED = Bounce(Grade.REFUSED, "not_accepted", "5.7.1", "spam")


@pytest.fixture
def customer(make: Factory) -> Customer:
    make.firm()
    return make.customer()


def sent(make: Factory, to: Customer, **fields: object) -> Delivery:
    survey = surveys.survey(make)
    values = {"state": "sent", "finished_at": make.now} | fields
    return surveys.queued(make, survey, surveys.invitation(make, survey, customer=to), **values)


def back(row: Delivery, bounce: Bounce, now: datetime) -> Contact:
    """The mail comes back; its contact afterwards."""
    bounces.came_back([row.message_id], bounce, now=now)
    db.session.commit()
    return db.session.get(Contact, 1)  # type: ignore[return-value]


def test_one_hard_bounce_is_enough(make: Factory, customer: Customer, now: datetime) -> None:
    contact = back(sent(make, customer), HARD, now)
    assert (contact.address_state, contact.address_reason, contact.address_note) == (
        "bad",
        "no_mailbox",
        "no such user",
    )
    assert contact.address_since == now


def test_soft_bounces_count_after_several_mailings(make: Factory, customer: Customer, now: datetime) -> None:
    states = [back(sent(make, customer), SOFT, now).address_state for _ in range(SOFT_LIMIT)]
    assert states == ["ok"] * (SOFT_LIMIT - 1) + ["bad"]
    assert db.session.get(Contact, 1).address_reason == "again_and_again"  # type: ignore[union-attr]


def test_the_same_mail_coming_back_again_counts_once(
    make: Factory, customer: Customer, now: datetime
) -> None:
    row = sent(make, customer)
    assert {back(row, SOFT, now).address_state for _ in range(SOFT_LIMIT + 2)} == {"ok"}
    assert [event.state for event in row.events].count("bounced") == 1


def test_a_second_copy_is_no_other_mailing(make: Factory, customer: Customer, now: datetime) -> None:
    for n in range(SOFT_LIMIT + 1):
        contact = back(sent(make, customer, occurrence=AGAIN_FROM + n), SOFT, now)
    assert contact.address_state == "ok"


def test_one_that_arrived_in_between_begins_the_count_anew(
    make: Factory, customer: Customer, now: datetime
) -> None:
    for bounce in (SOFT, SOFT, None, SOFT, SOFT):
        row = sent(make, customer)
        if bounce:
            contact = back(row, bounce, now)
    assert contact.address_state == "ok"
    assert back(sent(make, customer), SOFT, now).address_state == "bad"


def test_what_was_sent_since_may_still_come_back(make: Factory, customer: Customer, now: datetime) -> None:
    rows = [sent(make, customer) for _ in range(SOFT_LIMIT + 1)]
    states = [back(row, SOFT, now).address_state for row in rows[:SOFT_LIMIT]]
    assert states[-1] == "bad"


def test_a_refused_mail_says_nothing_about_the_address(
    make: Factory, customer: Customer, now: datetime
) -> None:
    for _ in range(SOFT_LIMIT * 2):
        row = sent(make, customer)
        assert back(row, REFUSED, now).address_state == "ok"
        assert row.state == "bounced"


def test_a_corrected_address_is_not_blamed_for_the_old_one(
    make: Factory, customer: Customer, now: datetime
) -> None:
    row, user = sent(make, customer), make.user(roles=("customer_service",))
    facts = ContactFacts(name="李", email="new@customer.example", is_primary=True)
    contacts.edit_contact(customer, customer.contacts[0], facts, version=customer.version, by=user, now=now)
    db.session.commit()
    contact = back(row, HARD, now)
    assert (row.state, contact.address_state) == ("bounced", "ok")


@pytest.mark.parametrize("corrected", [True, False])
def test_correcting_or_confirming_an_address_clears_it_and_its_count(
    make: Factory, customer: Customer, now: datetime, corrected: bool
) -> None:
    for _ in range(SOFT_LIMIT):
        contact = back(sent(make, customer), SOFT, now)
    user, later = make.user(roles=("customer_service",)), now + timedelta(days=1)
    if corrected:
        facts = ContactFacts(name="李", email="new@customer.example", is_primary=True)
        contacts.edit_contact(customer, contact, facts, version=customer.version, by=user, now=later)
    else:
        contacts.trust_address(customer, contact, by=user, now=later)
    db.session.commit()
    assert (contact.address_state, contact.address_reason, contact.address_note) == ("ok", "", "")
    assert contact.address_since == later
    make.now = later + timedelta(days=1)
    states = [back(sent(make, customer), SOFT, make.now).address_state for _ in range(SOFT_LIMIT)]
    assert states == ["ok"] * (SOFT_LIMIT - 1) + ["bad"]
    assert contact.address_since == make.now


def test_mail_to_staff_that_comes_back_marks_the_mail_only(make: Factory, now: datetime) -> None:
    make.firm()
    survey = surveys.survey(make)
    row = surveys.queued(make, survey, surveys.invitation(make, survey), state="sent")
    row.invitation_id = None
    db.session.commit()
    assert bounces.came_back([row.message_id], HARD, now=now) == (row, True)
    assert row.state == "bounced"
