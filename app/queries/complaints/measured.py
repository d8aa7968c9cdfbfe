"""Feedback that grew out of answers, and from whom it is kept: whoever is measured, until the release."""

from sqlalchemy import Select, select

from app.models import Feedback, Response, Survey, User
from app.queries.analysis.access import with_units_below
from app.rules.permissions import Role


def hidden_answers(user: User) -> Select[int] | None:
    """The ids of feedback that this user may not see although his role sees all; None: there is nothing to hide."""
    if Role.MANAGEMENT in user.role_names or not user.unit_ids:
        return None
    return (
        select(Feedback.id)
        .join(Response, Response.id == Feedback.response_id)
        .join(Survey, Survey.id == Response.survey_id)
        .where(
            # Follows from the join; said so that only these few are read, and not an index of all feedback.
            Feedback.response_id.is_not(None),
            Survey.released_at.is_(None),
            Response.unit_id.in_(with_units_below(user.unit_ids)),
        )
    )
