"""`python -m tests.journeys.links N`: addresses of Chinese readers whom the live survey still waits for, the newest first."""

import sys

from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import Invitation, Survey
from app.queries.links import answer_url


def main() -> None:
    """Print one address a line, after the invitation's number."""
    with create_app().app_context():
        waiting = (
            select(Invitation)
            .join(Survey)
            .where(
                Survey.state == "live",
                Invitation.language == "zh",
                Invitation.started.is_(False),
                Invitation.declined_at.is_(None),
            )
            .order_by(Invitation.id.desc())
            .limit(int(sys.argv[1]))
        )
        for row in db.session.scalars(waiting):
            print(row.id, answer_url(row))


if __name__ == "__main__":
    main()
