"""Who gets a survey and who does not."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.models import Contact, Segment, Survey
from app.queries.recipients import dry_run
from tests.factories import Factory, surveys


@pytest.fixture
def survey(make: Factory) -> Survey:
    make.firm(fatigue_days=30)
    chosen = make.save(Segment(name="all", filters={}, created_at=make.now))
    return surveys.survey(make, state="draft", segment_id=chosen.id)


def test_each_reason_is_counted(make: Factory, survey: Survey) -> None:
    make.customer(email="twice@x.example")
    make.customer(email="Twice@x.example ")
    make.customer(email="")
    make.customer(email="not an address")
    make.customer(do_not_contact=True)
    for field, value in (
        ("opted_out_at", make.now),
        ("address_state", "bad"),
        ("last_invited_at", make.now - timedelta(days=29)),
    ):
        setattr(make.customer().contacts[0], field, value)
    make.customer().contacts[0].last_invited_at = make.now - timedelta(days=31)
    db.session.commit()
    run = dry_run(survey, now=make.now)
    assert run.included == 2
    assert run.excluded == {
        "do_not_contact": 1,
        "no_address": 1,
        "opted_out": 1,
        "undeliverable": 1,
        "bad_address": 1,
        "fatigued": 1,
        "duplicate_address": 1,
    }
    assert run.languages == {"zh"}


def test_the_primary_contact_comes_first_and_gives_way(make: Factory, survey: Survey) -> None:
    customer = make.customer(email="")
    customer.contacts.append(Contact(name="second", email="b@x.example", is_primary=False, language="en"))
    db.session.commit()
    run = dry_run(survey, now=make.now)
    assert (run.included, run.languages) == (1, {"en"})


def test_without_a_segment_nobody_is_asked(make: Factory) -> None:
    make.firm()
    make.customer()
    assert dry_run(surveys.survey(make, state="draft"), now=make.now).included == 0
