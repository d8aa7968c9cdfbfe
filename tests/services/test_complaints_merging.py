"""Merging and linking: what happens on both sides, who is told, and that two cases never go into each other."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import Missing, Refused, Stale
from app.extensions import db
from app.jobs import runner
from app.models import Attachment, Complaint, Delivery, User
from app.queries import public_forms
from app.queries.complaints import cases, followed
from app.queries.complaints.clocks import case_of
from app.rules import clocks
from app.rules.complaints import Channel, State
from app.services import complaints as services
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.firm()
    return Staff(make)


def said(by: User, **more: Any) -> dict[str, Any]:
    return {"seen": None, "key": "", "by": by, "now": LATER, "reason": ""} | more


def told() -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).where(Delivery.template == "complaint_told")))


def test_one_ends_and_the_other_goes_on_with_what_was_told_in_both(make: Factory, staff: Staff) -> None:
    first = made.case(make, content="空调漏水", contact_email="li@kunde.example")
    second = brought_to(make, staff, State.IN_PROGRESS)
    services.merge(first, into=second, sure=True, **said(staff.service, key="once"))
    services.merge(first, into=second, sure=True, **said(staff.service, key="once"))
    db.session.commit()
    assert (first.state, first.outcome, first.merged_into_id) == ("closed", "merged", second.id)
    assert second.state == "in_progress", "the other one stays where it is"
    assert [one.kind for one in first.events][-1:] == ["closed"]
    assert [(one.kind, one.text) for one in second.events if one.kind == "merged_in"] == [
        ("merged_in", "空调漏水")
    ]
    assert cases.merged_into(staff.service, second) == [first]
    assert cases.goes_on(first) is second
    assert not clocks.read(case_of(first), now=LATER).all[0].is_running
    assert (first.due_at, first.next_alarm_at) == (None, None)
    assert second.due_at is not None
    mails = told()
    assert [(one.to_address, one.params["what"]) for one in mails] == [("li@kunde.example", "merged")]


def test_the_customer_reads_the_number_that_goes_on_and_what_he_adds_arrives_there(
    make: Factory, staff: Staff
) -> None:
    first, second = made.case(make, contact_email="li@kunde.example"), brought_to(make, staff, State.WAITING)
    services.merge(first, into=second, sure=True, **said(staff.service))
    seen = followed.follow(first.feedback, now=LATER)
    assert (seen.stage, seen.goes_on) == ("closed", second.number)
    services.add(first, text="周六可以上门", channel=Channel.WEB, seen=None, key="a", by=None, now=LATER)
    assert [one.text for one in first.events if one.kind == "added"] == ["周六可以上门"]
    assert [one.text for one in second.events if one.kind == "added"] == ["周六可以上门"]
    assert second.state == "in_progress", "it waited for him, and he has answered"


def test_the_customer_of_the_other_case_never_reads_what_is_told_in_the_merged_one(
    make: Factory, staff: Staff
) -> None:
    first = made.case(make, contact_email="li@kunde.example", content="李女士的空调漏水")
    second = brought_to(make, staff, State.WAITING, contact_email="wu@kunde.example")
    services.merge(first, into=second, sure=True, **said(staff.service))
    common: dict[str, Any] = {"channel": Channel.WEB, "seen": None, "now": LATER}
    services.add(first, text="我住三楼，电话 138", key="a", by=None, **common)
    services.add(second, text="我周六在家", key="b", by=None, **common)
    page = followed.follow(second.feedback, now=LATER)
    assert [line.text for line in page.lines if line.what == "wrote"][1:] == ["我周六在家"]
    assert all("李女士" not in line.text and "三楼" not in line.text for line in page.lines)
    own = followed.follow(first.feedback, now=LATER)
    assert [line.text for line in own.lines if line.what == "wrote"] == [
        "李女士的空调漏水",
        "我住三楼，电话 138",
    ]


def test_what_was_told_by_phone_or_mail_in_a_merged_case_goes_on_too(make: Factory, staff: Staff) -> None:
    """Case 7 of the workflows: by whatever way it comes, it arrives with whoever works on it."""
    first, second = made.case(make), brought_to(make, staff, State.WAITING)
    services.merge(first, into=second, sure=True, **said(staff.service))
    services.add(
        first, text="他来过电话", channel=Channel.PHONE, seen=None, key="a", by=staff.service, now=LATER
    )
    assert [(one.text, one.data["case"]) for one in second.events if one.kind == "added"] == [
        ("他来过电话", first.id)
    ]
    assert second.state == "in_progress"


def test_cases_of_different_people_are_merged_only_knowingly(make: Factory, staff: Staff) -> None:
    wang = {"contact_email": "wang@kunde.example", "contact_phone": "13800000001"}
    first, other = made.case(make, **wang), made.case(make, contact_email="li@kunde.example")
    with pytest.raises(Refused, match="other_complainant"):
        services.merge(first, into=other, sure=False, **said(staff.service))
    assert first.state == "received"
    same = made.case(make, contact_phone="13800000001")
    services.merge(first, into=same, sure=False, **said(staff.service))
    assert first.merged_into_id == same.id


def test_the_files_of_a_merged_case_are_there_for_those_who_go_on(make: Factory, staff: Staff) -> None:
    first, second = made.case(make), made.case(make)
    third = brought_to(make, staff, State.IN_PROGRESS)
    photo = Attachment(
        form_key="k", name="漏水.jpg", kind="jpg", size=3, sha256="0" * 64, stored="a" * 32, created_at=NOW,
        feedback_id=first.feedback_id,
    )  # fmt: skip
    make.save(photo)
    with pytest.raises(Missing):
        public_forms.attachment_visible_to(staff.handler, photo.id)
    services.merge(first, into=second, sure=True, **said(staff.service))
    services.merge(second, into=third, sure=True, **said(staff.service))
    assert list(followed.files_of_case(third)) == [photo]
    assert public_forms.attachment_visible_to(staff.handler, photo.id) == photo
    with pytest.raises(Missing):
        public_forms.attachment_visible_to(staff.stranger, photo.id)


def test_a_chain_leads_to_its_end(make: Factory, staff: Staff) -> None:
    first, second, third = (made.case(make) for _ in range(3))
    services.merge(first, into=second, sure=True, **said(staff.service))
    services.merge(second, into=third, sure=True, **said(staff.service))
    assert cases.goes_on(first) is third
    with pytest.raises(Refused, match="target_closed"):
        services.merge(third, into=first, sure=True, **said(staff.service))


def test_what_can_not_be_merged(make: Factory, staff: Staff) -> None:
    closed, first = brought_to(make, staff, State.CLOSED), made.case(make)
    about = made.case(make, about_user_id=staff.handler.id)
    for case, into, code in ((first, first, "merge_itself"), (first, closed, "target_closed"),
                             (about, first, "merge_about_person"), (closed, first, "not_now")):  # fmt: skip
        with pytest.raises(Refused, match=code):
            services.merge(case, into=into, sure=True, **said(staff.service))
    with pytest.raises(Stale):
        services.merge(first, into=about, sure=True, **said(staff.service, seen=first.version - 1))
    services.merge(first, into=about, sure=True, **said(staff.service))
    assert first.merged_into_id == about.id, "the other way nobody sees more than before"
    with pytest.raises(Refused, match="merged"):
        services.reopen(first, handler=None, **said(staff.service, reason="又坏了"))


def test_both_into_each_other_at_once_one_wins(app: Flask, make: Factory, staff: Staff) -> None:
    """Case 8 of the workflows."""
    first, second = made.case(make).id, made.case(make).id
    service, barrier, ended = staff.service.id, threading.Barrier(2), []
    db.session.rollback()

    def merge(source: int, target: int) -> None:
        with app.app_context():
            barrier.wait(timeout=20)
            try:
                with runner.transaction():
                    services.merge(
                        db.session.get_one(Complaint, source),
                        into=db.session.get_one(Complaint, target),
                        sure=True,
                        **said(db.session.get_one(User, service)),
                    )
                ended.append("merged")
            except Refused as refusal:
                ended.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=merge, args=pair) for pair in ((first, second), (second, first))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert sorted(ended) in (["merged", "target_closed"], ["merged", "not_now"])
    db.session.expire_all()
    states = sorted(db.session.get_one(Complaint, ident).state for ident in (first, second))
    assert states == ["closed", "received"]


def test_a_link_holds_for_both_and_can_be_taken_away(make: Factory, staff: Staff) -> None:
    first, second = brought_to(make, staff, State.IN_PROGRESS), brought_to(make, staff, State.CLOSED)
    common = {"key": "", "by": staff.handler, "now": LATER}
    for _ in range(2):
        services.link(first, other=second, **common)
    assert cases.linked_to(staff.handler, first) == [second]
    assert cases.linked_to(staff.handler, second) == [first]
    assert [one.kind for one in first.events].count("linked") == 1
    assert [one.kind for one in second.events].count("linked") == 1
    assert second.state == "closed"
    services.unlink(second, other=first, **common)
    services.unlink(first, other=second, **common)
    assert (cases.linked_to(staff.handler, first), cases.linked_to(staff.handler, second)) == ([], [])
    assert [one.kind for one in second.events].count("unlinked") == 1
    with pytest.raises(Refused, match="link_itself"):
        services.link(first, other=first, **common)


def test_cases_beside_one_are_only_those_somebody_may_see(make: Factory, staff: Staff) -> None:
    case = brought_to(make, staff, State.IN_PROGRESS)
    same = brought_to(make, staff, State.IN_PROGRESS)
    hidden = made.case(make, about_user_id=staff.service.id)
    services.assign(hidden, unit=staff.unit, handler=None, **said(staff.colleague))
    services.link(case, other=hidden, key="", by=staff.colleague, now=LATER)
    assert set(cases.similar_to(staff.colleague, case)) == {same, hidden}
    assert cases.similar_to(staff.service, case) == [same]
    assert cases.linked_to(staff.service, case) == []
    assert cases.visible_numbers(staff.service, [hidden.id, same.id]) == {same.id: same.number}
    assert cases.similar_to(staff.stranger, case) == []
    with pytest.raises(Refused, match="no_such_number"):
        cases.by_number(staff.service, hidden.number)
    assert cases.by_number(staff.service, same.number.replace("-", "")) is same
