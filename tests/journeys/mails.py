"""Mails to be sorted, cases with mails, and respondents who asked to be called, for the pages of `page_list`."""

from typing import Any

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import runner
from app.models import Complaint, Invitation, Letter, Response, Survey
from app.queries.links import answer_url


def letter_pages() -> dict[str, Any]:
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
            "s_low": answer_url(unhappy).rpartition("/")[2],
        }
