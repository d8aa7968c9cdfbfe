"""`python -m tests.journeys.scenery`: brings the demonstration firm into every state a page can show.

Prints the numbers, tokens and words that stand for the placeholders of `page_list`, as JSON.
"""

import io
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from app import clock, create_app
from app.adapters import files
from app.extensions import db
from app.jobs import runner
from app.models import (
    Customer,
    CustomerImport,
    Delivery,
    Invitation,
    Job,
    OpenLink,
    QuestionnaireVersion,
    Response,
    Segment,
    Series,
    Survey,
    Unit,
    User,
)
from app.queries.links import answer_url, open_url, unsubscribe_url
from app.rules.links import new_nonce
from app.rules.respondents import CALLBACK_KEY
from app.services import deliveries, passwords, questionnaires, second_factor, surveys, users
from app.services.customers import imports
from tests.factories.asking import every_type
from tests.journeys import case_scenery, groups
from tests.journeys.found import Words, token_of, user_of

IMPORT_STATES = ("reading", "read", "checked", "done", "undone", "failed")
HEADER = "客户编号,客户名称,地区,联系人,电子邮箱,服务日期,行业"
GOOD = "N{n:03},新客户{n},城西区,王{n},new{n}@customer.example,2026-03-05,餐饮"
BAD = "N099,,城西区,李先生,not-an-address,2026-13-45,餐饮"
SECONDS = 30.0


def main() -> None:
    """Make the scenery and print the words."""
    with create_app().app_context():
        words = customer_pages() | questionnaire_pages() | survey_pages() | answer_pages() | account_pages()
        words |= (
            mail_pages()
            | case_scenery.complaint_pages()
            | case_scenery.intake_pages()
            | case_scenery.letter_pages()
        )
        words |= groups.messenger_pages(user_of("admin"))
    print(json.dumps(words))


def wait_for(what: str, found: Callable[[], Any]) -> Any:
    """Look again and again, each time with fresh eyes."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        db.session.rollback()
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise SystemExit(f"waited in vain for {what}")


def customer_pages() -> Words:
    """A segment, a finished export, and an import in each of its states."""
    now = clock.now()
    with runner.transaction():
        by = user_of("marketing")
        segment = Segment(
            name="城西重点客户",
            filters={"region": ["城西区"], "key_account": True},
            created_by_id=by.id,
            created_at=now,
        )
        db.session.add(segment)
        customer = db.session.scalars(select(Customer).where(Customer.contacts.any()).limit(1)).one()
        export = Job(
            kind="export_customers", key="scenery:export", params={"ending": "xlsx"}, state="running",
            progress=120, total=320, lease_until=now + timedelta(hours=2), claimed_by="scenery",
            created_by_id=by.id, created_at=now,
        )  # fmt: skip
        db.session.add(export)
        db.session.flush()
        words = {
            "segment": segment.id,
            "customer": customer.id,
            "contact": customer.contacts[0].id,
            "export": export.id,
        }
    return words | {f"import_{state}": bring_to(state) for state in IMPORT_STATES}


def bring_to(state: str) -> int:
    """An import that stands in `state`; the worker does the steps on the way."""
    folder = files.private_folder(current_app.config["HEED"].data, "uploads")
    rows = [GOOD.format(n=n) for n in range(1, 9)] + [BAD] * (state in ("checked", "done"))
    table = "\r\n".join([HEADER, *rows]).encode("gb18030") if state != "failed" else b"PK\x03\x04 torn"
    with runner.transaction():
        name = f"客户名单 {state}.csv" if state != "failed" else "客户名单.xlsx"
        stored = files.store(io.BytesIO(table), folder)
        imported = imports.receive(filename=name, file=stored, by=user_of("marketing"), now=clock.now())
        imported_id = imported.id
        if state == "reading":
            hold(imported)
    if state in ("reading", "failed"):
        return reached(imported_id, state)
    reached(imported_id, "read")
    if state == "read":
        return imported_id
    step(imported_id, choose_columns)
    reached(imported_id, "checked")
    if state == "checked":
        return imported_id
    step(imported_id, lambda one, **who: imports.start_run(one, good_only=True, **who))
    reached(imported_id, "done")
    if state == "undone":
        step(imported_id, imports.start_undo)
        reached(imported_id, "undone")
    return imported_id


def hold(imported: CustomerImport) -> None:
    """Leave the import in the hands of a worker that is half way through."""
    imported.state = "reading"
    job = db.session.scalars(select(Job).where(Job.key == imported.options["job"])).one()
    job.state, job.claimed_by, job.progress, job.total = "running", "scenery", 40, 100
    job.lease_until = clock.now() + timedelta(hours=2)


def reached(imported_id: int, state: str) -> int:
    """Wait until the import stands in `state`."""
    query = select(CustomerImport.id).where(CustomerImport.id == imported_id, CustomerImport.state == state)
    return int(wait_for(f"an import that is {state}", lambda: db.session.scalar(query)))


def step(imported_id: int, take: Callable[..., Any]) -> None:
    """Take a step with an import."""
    with runner.transaction():
        imported = db.session.get_one(CustomerImport, imported_id)
        take(imported, by=user_of("marketing"), now=clock.now())


def choose_columns(imported: CustomerImport, *, by: User, now: datetime) -> None:
    """What each column of the list means."""
    targets = ["code", "name", "region", "contact_name", "contact_email", "service_date", "attribute"]
    imports.choose_mapping(
        imported, sheet=0, targets=targets, day_first=None, clear_blank=False, by=by, now=now
    )


def questionnaire_pages() -> Words:
    """The demonstration's questionnaire with a next draft, one with every question type, and an empty one."""
    now = clock.now()
    with runner.transaction():
        by = user_of("marketing")
        first = db.session.scalars(select(QuestionnaireVersion)).one()
        draft = questionnaires.start_draft(first.questionnaire, by=by, now=now)
        page = draft.content["pages"][1]
        questionnaires.delete_question(draft, page["questions"][0]["id"], by=by, now=now)
        questionnaires.save_page(draft, page["id"], {"zh": "等待", "en": "Waiting"}, by=by, now=now)
        content = every_type()
        content["title"] = {"zh": "每种题型", "en": "Every question type"}
        every = questionnaires.create_from_content(content, by=by, now=now)
        blank = questionnaires.create_blank(
            {"zh": "空白问卷", "en": "Blank"}, default_language="zh", by=by, now=now
        )
        version = every.versions[0]
        words = {
            "questionnaire": first.questionnaire_id,
            "version": version.id,
            "every": every.id,
            "blank": blank.id,
        }
        for number, one in enumerate(version.content["pages"], 1):
            for question in one["questions"]:
                words.setdefault(f"question_{question['type']}", question["id"])
                words.setdefault(f"page_{question['type']}", number)
    return words


def survey_pages() -> Words:
    """The demonstration's surveys, a draft that is ready, one that lacks everything, and a paused one."""
    now = clock.now()
    words: Words = {}
    with runner.transaction():
        live = db.session.scalars(select(Survey).where(Survey.state == "live")).one()
        closed = db.session.scalars(
            select(Survey).where(Survey.state == "closed").order_by(Survey.id.desc())
        ).first()
        assert closed is not None
        everybody = Segment(name="所有客户", filters={}, created_at=now)
        db.session.add(everybody)
        db.session.flush()
        words |= {"draft": new_survey(live.version_id, None).id, "live": live.id, "closed": closed.id}
        ready, paused = (new_survey(live.version_id, everybody.id) for _ in range(2))
        surveys.prepare(ready, mail_server_set=True, seen=ready.row_version, by=user_of("marketing"), now=now)
        paused.state, paused.launched_at = "paused", now
        words |= {"ready": ready.id, "paused": paused.id}
        links = db.session.scalars(select(OpenLink).where(OpenLink.survey_id == live.id)).all()
        words |= {"link": links[0].id, "o": token_of(open_url(links[0]))}
    return words


def new_survey(version_id: int, segment_id: int | None) -> Survey:
    """A draft in the demonstration's series."""
    now = clock.now()
    survey = surveys.create(
        series=db.session.scalars(select(Series)).one(),
        name={"zh": "秋季回访", "en": "Autumn follow-up"},
        version_id=version_id,
        opens_at=now + timedelta(days=2),
        closes_at=now + timedelta(days=16),
        anonymous=False,
        by=user_of("marketing"),
        now=now,
    )
    survey.segment_id = segment_id
    db.session.flush()
    return survey


def answer_pages() -> Words:
    """Personal links of people who have not begun, are half way through, are done, declined, or are late."""
    live = select(Invitation).join(Survey).where(Survey.state == "live")
    begun = select(Response.invitation_id).where(Response.state == "draft")
    with runner.transaction():
        fresh = live.where(~Invitation.started, Invitation.language == "zh").order_by(Invitation.id)
        new, declined, unsubscribing = db.session.scalars(fresh.limit(3)).all()
        declined.declined_at = clock.now()
        half = db.session.scalars(live.where(Invitation.id.in_(begun)).limit(1)).one()
        done = db.session.scalars(live.where(Invitation.finished).limit(1)).one()
        late = db.session.scalars(
            select(Invitation).join(Survey).where(Survey.state == "closed", ~Invitation.started).limit(1)
        ).one()
        paused = copy_of(new, select(Survey.id).where(Survey.state == "paused"))
        early = copy_of(new, select(Survey.id).where(Survey.state == "ready"))
        kept = db.session.scalars(select(Response).where(Response.invitation_id == half.id)).one()
        version = db.session.get_one(QuestionnaireVersion, kept.version_id)
        wanting = db.session.scalars(select(Response).where(Response.invitation_id == done.id)).one()
        wanting.call_wanted_at = clock.now() - timedelta(hours=3)
        wanting.answers = wanting.answers | {CALLBACK_KEY: {"phone": "0571-5550 0188", "words": "请下午打"}}
        return {
            "s_new": token_of(answer_url(new)),
            "s_declined": token_of(answer_url(declined)),
            "s_half": token_of(answer_url(half)),
            "first_page": version.content["pages"][0]["id"],
            "s_done": token_of(answer_url(done)),
            "s_late": token_of(answer_url(late)),
            "s_paused": token_of(answer_url(paused)),
            "s_early": token_of(answer_url(early)),
            "u": token_of(unsubscribe_url(unsubscribing)),
        }


def copy_of(invitation: Invitation, survey: Any) -> Invitation:
    """The same person asked in another survey."""
    twin = Invitation(
        survey_id=db.session.scalars(survey.limit(1)).one(),
        contact_id=invitation.contact_id,
        customer_id=invitation.customer_id,
        unit_id=invitation.unit_id,
        nonce=new_nonce(),
        language=invitation.language,
        created_at=clock.now(),
    )
    db.session.add(twin)
    db.session.flush()
    return twin


def account_pages() -> Words:
    """Somebody who has to set a password, and somebody with a second factor."""
    now = clock.now()
    with runner.transaction():
        by = user_of("admin")
        newcomer = users.create(
            email="newcomer@demo.example", name="许静", language="zh", role_names=["viewer"], by=by, now=now
        )
        careful = users.create(
            email="careful@demo.example", name="罗敏", language="zh", role_names=["viewer"],
            password_hash=user_of("viewer").password, by=by, now=now,
        )  # fmt: skip
        second_factor.switch_on(careful, secret=second_factor.new_secret(), by=careful, now=now)
        address = passwords.link(newcomer, issued=now, lifetime=timedelta(days=7))
        unit = db.session.scalar(select(func.min(Unit.id)).where(Unit.kind == "branch"))
        return {"reset": token_of(address), "user": by.id, "unit": unit}


def mail_pages() -> Words:
    """A sent, a failed and an uncertain mail, and one that was kept because there is no mail server."""
    now = clock.now()
    with runner.transaction():
        sent = db.session.scalars(select(Delivery).where(Delivery.state == "sent").limit(2)).all()
        failed = db.session.scalars(select(Delivery).where(Delivery.state == "failed").limit(1)).one()
        sent[1].state, sent[1].reason = "unknown", "interrupted"
        live = db.session.scalars(select(Survey).where(Survey.state == "live")).one()
        kept = deliveries.send_test(live, which="invitation", language="zh", by=user_of("marketing"), now=now)
        words = {"sent": sent[0].id, "failed": failed.id, "unknown": sent[1].id, "kept": kept.id}
    query = select(Delivery.id).where(Delivery.id == words["kept"], Delivery.state == "sent")
    wait_for("a test mail", lambda: db.session.scalar(query))
    return words


if __name__ == "__main__":
    main()
