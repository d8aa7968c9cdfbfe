"""T46: every route of complaints with the ids of another unit's things, by every role that may not see them.

The addresses are generated from the map of routes, so that a new one is walked without being asked for.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.routing import Rule

from app.extensions import db
from app.models import (
    Attachment,
    CannedReply,
    Complaint,
    Job,
    Notice,
    SavedView,
    User,
)
from app.rules.complaints import Channel, Kind, State
from app.rules.inbound import judge
from app.services import complaints as services
from app.services import letters as letter_services
from app.services.complaints import basics, bulk, drafts, presence
from tests.blueprints.cases import anything
from tests.factories import Factory, letters
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to

SECRET = "绝密的内容"
PARTS = ("complaints.", "attachments.", "notices.", "complaint_summary.")
PLACE = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
# What a walk by somebody changes about himself: that he was there.
OWN_TABLES = {
    "staff_session", "user", "sign_in_throttle", "audit_entry", "job", "default_view", "saved_view", "bulk_run",
    "notice_choice",
}  # fmt: skip


class World:
    """One of everything that belongs to a case of `staff.unit`, with the ids by the names they have in routes."""

    def __init__(self, make: Factory, staff: Staff) -> None:
        make.firm(sorts_mail=True)
        basics.ensure(now=make.now)
        case = brought_to(make, staff, State.IN_PROGRESS, content=SECRET, contact_email="li@kunde.example")
        other = brought_to(make, staff, State.ASSIGNED, content=SECRET)
        common: dict[str, Any] = {"key": "", "by": staff.service, "now": make.now}
        services.link(case, other=other, **common)
        services.note(case, text=SECRET, seen=None, **common)
        services.reply(case, text=SECRET, channel=Channel.EMAIL, at=None, seen=None, **common)
        typed = {"text": SECRET}
        drafts.keep(case, "note", typed, texts=["text"], key="", by=staff.handler, now=make.now)
        presence.beat(case, by=staff.handler, now=make.now)
        view = SavedView(owner_id=staff.service.id, name=SECRET, filters={"q": SECRET}, shared=True)
        # Whoever answers customers reads these.
        reply = CannedReply(active=True, name="您好", name_en="", text="您好", text_en="")
        job = Job(
            kind="write_document", key="k", params={"name": SECRET, "ending": "pdf"}, created_at=make.now,
            state="done", created_by_id=staff.handler.id,
        )  # fmt: skip
        db.session.add_all([view, reply, job])
        run, _fresh = bulk.begin("note", key="k", by=staff.handler, now=make.now)
        bulk.finish(run, [bulk.Result(case.id, SECRET, "", {})], by=staff.handler, now=make.now)
        db.session.commit()
        feedback = made.record(make, kind=Kind.PRAISE, content=SECRET)
        letter = self._letter(make)
        notice = db.session.scalars(select(Notice).where(Notice.complaint_id == case.id)).first()
        file = db.session.scalars(select(Attachment)).first()
        assert notice is not None
        assert file is not None
        self.ids = {
            "complaint_id": case.id, "other_id": other.id, "feedback_id": feedback.id, "letter_id": letter,
            "attachment_id": file.id, "notice_id": notice.id, "view_id": view.id, "reply_id": reply.id,
            "job_id": job.id, "run_id": run.id, "report_id": 1,
        }  # fmt: skip
        self.number = case.number

    def _letter(self, make: Factory) -> int:
        judged = judge(letters.mail(text=SECRET, subject=SECRET, files=letters.MIXED))
        assert judged.letter is not None
        parcel = letter_services.pack(judged.letter, judged.kind, room=5)
        letter_services.receive(
            judged.letter, judged.kind, parcel, digest="d", arrived=make.now, now=make.now
        )
        db.session.commit()
        return int(db.session.scalars(text("SELECT id FROM letter")).one())

    def addresses(self, rule: Rule) -> Iterator[str]:
        """Every address of a rule; each choice of `any(…)` is one."""
        chosen = PLACE.search(rule.rule)
        names = [found for found in PLACE.finditer(rule.rule) if found[1] == "any"]
        assert chosen is None or all(
            found[1] == "any" or found[3] in self.ids for found in PLACE.finditer(rule.rule)
        ), f"{rule.rule}: say in World what its id means"
        path = PLACE.sub(lambda one: one[0] if one[1] == "any" else str(self.ids[one[3]]), rule.rule)
        if not names:
            yield path
            return
        for choice in names[0][2].split(", "):
            yield PLACE.sub(choice, path)


def walk(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(PARTS)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if method in (rule.methods or ())
    ]


def picture() -> dict[str, list[Any]]:
    """What stands in the tables of others."""
    db.session.rollback()
    tables = [one for one in db.metadata.sorted_tables if one.name not in OWN_TABLES]
    found = {one.name: sorted(map(repr, db.session.execute(select(one)).all())) for one in tables}
    db.session.rollback()
    return found


@pytest.fixture
def world(make: Factory, staff: Staff) -> World:
    return World(make, staff)


@pytest.mark.parametrize("who", ["department", "interviewer", "viewer", "administrator"])
def test_nothing_of_another_units_case_is_there(
    app: Flask, make: Factory, staff: Staff, world: World, browse: Any, who: str
) -> None:
    person: User = staff.stranger if who == "department" else make.user(roles=(who,))
    client: FlaskClient = browse(person)
    before, wrong = picture(), []
    data = anything(staff) | {"ids": str(world.ids["complaint_id"]), "number": world.number, "q": SECRET[:2]}
    data |= {"cases": f"{world.ids['complaint_id']}:1", "case": str(world.ids["complaint_id"]), "all": "1"}
    for rule, method in walk(app):
        for path in world.addresses(rule):
            sent = {"query_string": data} if method == "GET" else {"data": data}
            answer = client.open(path, method=method, check_html=False, **sent)  # type: ignore[arg-type]
            body = answer.data.decode("utf-8", "replace").replace(f'value="{SECRET[:2]}"', "")
            answer.close()
            named = any(f"{key}>" in rule.rule for key in world.ids)
            allowed = (302, 403, 404, 410) if named else (200, 302, 303, 403, 404, 422)
            if answer.status_code not in allowed or SECRET in body or world.number in shown(body):
                wrong.append((who, method, path, answer.status_code))
            if named and answer.status_code == 302 and method != "GET" and "sign-in" not in answer.location:
                wrong.append((who, method, path, answer.location))
    assert not wrong
    assert picture() == before


def shown(body: str) -> str:
    """The page without what was typed into it and comes back."""
    return re.sub(r'value="[^"]*"|href="[^"]*"', "", body)


def test_ids_beyond_all_bounds_are_no_fault_of_ours(
    app: Flask, make: Factory, staff: Staff, browse: Any
) -> None:
    """Neither larger than the database counts, nor larger than any number it knows."""
    make.firm()
    basics.ensure(now=make.now)
    db.session.commit()
    everything = make.user(
        roles=("administrator", "management", "marketing", "customer_service", "department")
    )
    client, failed = browse(everything), []
    for rule, method in walk(app):
        if "<int:" not in rule.rule:
            continue
        for number in ("0", str(2**31), str(2**63), "9" * 30):
            path = PLACE.sub(lambda one, n=number: one[2].split(", ")[0] if one[1] == "any" else n, rule.rule)  # type: ignore[misc]
            status = client.open(path, method=method, check_html=False).status_code
            if status >= 500 or status == 200:
                failed.append((method, path, status))
    assert not failed


ODD = ["a\x00b", "9" * 400]


@pytest.mark.parametrize("odd", ODD)
def test_odd_fields_are_no_fault_of_ours(
    app: Flask, make: Factory, staff: Staff, world: World, browse: Any, odd: str
) -> None:
    """T71: every field of every form of complaints at once, also the hidden ones."""
    person = make.user(
        roles=("management", "marketing", "customer_service", "department"), units=(staff.unit,)
    )
    client, failed = browse(person), []
    names = {*anything(staff), "key", "ids", "number", "case", "cases", "q", "name", "letter", "answer", "ending",
             "period", "unit", "kind", "language", "content", "contact_email", "until", "at", "all", "queue", "page",
             "customer", "customer_words", "category", "handler", "received_at", "occurred_on", "say", "do"}  # fmt: skip
    for rule, method in walk(app):
        for path in world.addresses(rule):
            for given in (
                dict.fromkeys(names, odd),
                anything(staff) | {"key": odd, "ending": odd, "name": odd},
            ):
                sent = {"query_string": given} if method == "GET" else {"data": given}
                answer = client.open(path, method=method, check_html=False, **sent)  # type: ignore[arg-type]
                answer.close()
                if answer.status_code >= 500:
                    failed.append((method, path, answer.status_code))
    assert not failed
    assert db.session.scalar(select(Complaint.id).limit(1)) is not None
