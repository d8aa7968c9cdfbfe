"""`python -m tests.journeys.campaign`: one more survey of the demonstration firm, live, sent at once."""

from datetime import timedelta

from sqlalchemy import select

from app import clock, create_app
from app.extensions import db
from app.jobs import runner
from app.models import Firm, Segment, Series, Survey, User
from app.services import surveys

EVERYBODY = "所有客户"


def main() -> None:
    """Create and launch it in one transaction; the worker does the rest."""
    now = clock.now()
    with create_app().app_context(), runner.transaction():
        firm = db.session.scalars(select(Firm)).one()
        firm.fatigue_days = 0
        by = db.session.scalars(select(User).where(User.email == "marketing@demo.example")).one()
        everybody = db.session.scalar(select(Segment).where(Segment.name == EVERYBODY))
        if everybody is None:
            everybody = Segment(name=EVERYBODY, filters={}, created_at=now)
            db.session.add(everybody)
        db.session.flush()
        survey = surveys.create(
            series=db.session.scalars(select(Series)).one(),
            name={"zh": "回访调查", "en": "Follow-up survey"},
            version_id=db.session.scalars(select(Survey.version_id).limit(1)).one(),
            opens_at=now - timedelta(minutes=1),
            closes_at=now + timedelta(days=7),
            anonymous=False,
            by=by,
            now=now,
        )
        survey.segment_id = everybody.id
        survey.pace_per_minute, survey.quiet_from, survey.quiet_until = 1500, 0, 0
        db.session.flush()
        surveys.prepare(survey, mail_server_set=True, seen=survey.row_version, by=by, now=now)
        surveys.launch(survey, mail_server_set=True, seen=survey.row_version, by=by, now=now)


if __name__ == "__main__":
    main()
