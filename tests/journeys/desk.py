"""What the pages of the desk's comforts show in the demonstration; for `scenery`."""

from typing import Any

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import runner
from app.models import CannedReply, Complaint, ComplaintDraft, SavedView, User
from app.services.complaints import bulk


def words(service: User) -> dict[str, Any]:
    """What lies on the desk of the demonstration, and a step for two cases of which one can't take it."""
    now = clock.now()
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
