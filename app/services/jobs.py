"""Asking the worker to do something long. The row is committed together with its cause."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Job, User


def request_job(kind: str, *, key: str, by: User | None, now: datetime, **params: Any) -> Job:
    """Queue work of a kind registered in `app.jobs.registry`. The same key gives the same job."""
    present = db.session.scalar(select(Job).filter_by(key=key))
    if present is not None:
        return present
    job = Job(kind=kind, key=key, params=params, created_by_id=by.id if by else None, created_at=now)
    db.session.add(job)
    db.session.flush()
    return job
