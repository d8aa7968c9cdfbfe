"""Feedback, complaints and their documents in every state, for the walk through all pages."""

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import runner
from app.models import (
    Attachment,
    CannedReply,
    Complaint,
    ComplaintDraft,
    ComplaintReport,
    Feedback,
    Invitation,
    Job,
    Letter,
    PublicForm,
    Response,
    SavedView,
    Survey,
    Unit,
)
from app.queries import document_rights
from app.queries.links import answer_url, follow_token
from app.rules.complaints import State
from app.services import public_forms
from app.services.complaints import bulk, links
from tests.journeys.found import Words, token_of, user_of


def complaint_pages() -> Words:
    """Cases of the demonstration in each state: any, and those of the handler's unit; and some praise."""
    unit = user_of("handler").unit_links[0].unit_id
    words: Words = {
        "praise": db.session.scalars(select(Feedback.id).where(Feedback.kind == "praise")).first()
    }
    newest = select(Complaint.id).order_by(Complaint.id.desc())
    words |= desk_words()
    for state in State:
        inside = newest.where(Complaint.state == state)
        words[f"case_{state}"] = db.session.scalars(inside).first()
        words[f"own_{state}"] = db.session.scalars(inside.where(Complaint.unit_id == unit)).first()
    for report_id, state in db.session.execute(select(ComplaintReport.id, ComplaintReport.state)):
        words[f"report_{state}"] = report_id
    words["document"] = document_under_way()
    return words


def document_under_way() -> int:
    """A document that is being written."""
    now, by = clock.now(), user_of("service")
    with runner.transaction():
        right = document_rights.of_report(db.session.scalars(select(ComplaintReport).limit(1)).one())
        job = Job(
            kind="write_document", key="scenery:document", state="running", progress=1, total=3,
            lease_until=now + timedelta(hours=2), claimed_by="scenery", created_by_id=by.id, created_at=now,
            params={"ending": "docx", "right": right, "back": "/complaints/summary", "name": "客户投诉总结.docx"},
        )  # fmt: skip
        db.session.add(job)
        db.session.flush()
        return job.id


def letter_pages() -> Words:
    """A mail to be sorted, cases with mails, one with a stranger in it, and somebody who asked to be called."""
    now = clock.now()
    with runner.transaction():
        waiting = select(Letter.id).where(Letter.state == "waiting").order_by(Letter.id)
        inside = select(Complaint).join(Letter, Letter.feedback_id == Complaint.feedback_id)
        added = db.session.scalars(inside.order_by(Complaint.state)).unique().all()
        stranger = db.session.scalars(
            select(Complaint).where(Complaint.state == "assigned").order_by(Complaint.id.desc())
        ).first()
        assert stranger is not None
        common = {"sender": "wang@elsewhere.example", "language": "zh", "received_at": now, "taken_at": now}
        common |= {"feedback_id": stranger.feedback_id, "matched_by": "reply"}
        left_out = [["安装程序.exe", "kind"], ["现场视频.mp4", "kind"]]
        shown = {"state": "shown", "text": "我是他的同事，周五上午也可以。", "left_out": left_out}
        db.session.add(Letter(digest="a" * 64, **common, **shown))
        db.session.add(Letter(digest="b" * 64, **common, state="automatic", left_out=[]))
        wish = select(Response.id).where(Response.call_wanted_at.is_not(None), Response.state == "complete")
        low = select(Invitation).join(Response, Response.invitation_id == Invitation.id).join(Survey)
        low = low.where(Response.state == "complete", Survey.follow_up_score.is_not(None))
        found = db.session.execute(low.add_columns(Response.answers, Survey.follow_up_question)).all()
        unhappy = next(row[0] for row in found if isinstance(row[1].get(row[2]), int) and row[1][row[2]] <= 6)
        return {
            "letter": db.session.scalars(waiting).first(),
            "case_mail": next(one.id for one in added if one.state == "in_progress"),
            "case_after": next(one.id for one in added if one.state == "resolved"),
            "case_stranger": stranger.id,
            "wish": db.session.scalars(wish.order_by(Response.id)).first(),
            "s_low": token_of(answer_url(unhappy)),
        }


def desk_words() -> Words:
    """What lies on the desk of the demonstration, and a step for two cases of which one can't take it."""
    service, now = user_of("service"), clock.now()
    with runner.transaction():
        run, _fresh = bulk.begin("assign", key="scenery", by=service, now=now)
        done = bulk.Result(1, "26-00001-5", "", {})
        left = bulk.Result(2, "26-00002-3", "not_now", {})
        bulk.finish(run, [done, left], by=service, now=now)
        run_id = run.id
    return {
        "bulk_run": run_id,
        "merged": db.session.scalars(select(Complaint.id).where(Complaint.outcome == "merged")).first(),
        "drafted": db.session.scalars(select(ComplaintDraft.complaint_id)).first(),
        "canned": db.session.scalars(select(CannedReply.id)).first(),
        "view": db.session.scalars(select(SavedView.id)).first(),
    }


def intake_pages() -> Words:
    """Public forms that are on, the customers' links to cases in each state, and a file whose content is gone."""
    now, admin = clock.now(), user_of("admin")
    unit = db.session.scalars(select(Unit).order_by(Unit.id)).first()
    assert unit is not None
    with runner.transaction():
        public_forms.set_up(None, address="", active=True, by=admin, now=now)
        public_forms.set_up(unit, address="hq", active=True, by=admin, now=now)
        words: Words = {"public_form": db.session.scalars(select(PublicForm.id)).first()}
        praise = db.session.scalars(select(Feedback).where(Feedback.kind == "praise")).first()
        found: dict[str, Feedback | None] = {"praise": praise}
        for state in State:
            newest = select(Complaint).where(Complaint.state == state).order_by(Complaint.id.desc())
            case = db.session.scalars(newest).first()
            found[str(state)] = case.feedback if case else None
        for name, feedback in found.items():
            assert feedback is not None, f"the demonstration has none that is {name}"
            words[f"c_{name}"] = follow_token(links.ensure(feedback))
        received = found["received"]
        assert received is not None
        gone = Attachment(
            feedback_id=received.id,
            form_key="gone",
            name="漏水照片.jpg",
            kind="jpeg",
            size=2_400_000,
            sha256="",
            stored="gone",
            created_at=now,
        )
        db.session.add(gone)
        db.session.flush()
        words["gone"] = gone.id
    return words
