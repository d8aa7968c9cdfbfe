"""A group in a messenger with messages in every state, for the walk through all pages."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import runner
from app.models import Complaint, MessengerPost, User
from app.services import messengers


def messenger_pages(by: User) -> dict[str, Any]:
    """A group with messages in every state, at an address that leads nowhere: nothing is posted from here."""
    now = clock.now()
    with runner.transaction():
        wishes = messengers.Wishes(
            kind="wecom", name="城西店投诉群", address="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=scenery",
            secret=None, unit_id=None, least="critical", language="zh", active=True,
        )  # fmt: skip
        group = messengers.add(wishes, by=by, now=now)
        case = db.session.scalars(select(Complaint).where(Complaint.state == "received").limit(1)).one()
        for number, (state, reason) in enumerate(
            (("sent", ""), ("unknown", "no_answer"), ("failed", "code_93000"), ("dropped", "stale"))
        ):
            at = now - timedelta(hours=9 - number)
            db.session.add(
                MessengerPost(
                    messenger_id=group.id, complaint_id=case.id, kind="new", state=state, reason=reason,
                    due_at=at, created_at=at, finished_at=at,
                )
            )  # fmt: skip
        return {"messenger": group.id}
