"""The secret link by which a customer follows what he has told us: made once, with the record or when first needed."""

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Feedback, FeedbackLink
from app.rules.links import new_nonce


def ensure(feedback: Feedback) -> FeedbackLink:
    """The link of a feedback; the same one whoever asks."""
    present = db.session.get(FeedbackLink, feedback.id)
    if present is not None:
        return present
    link = FeedbackLink(feedback_id=feedback.id, nonce=new_nonce())
    try:
        # A savepoint: on PostgreSQL two may ask at once.
        with db.session.begin_nested():
            db.session.add(link)
    except IntegrityError:
        return db.session.get_one(FeedbackLink, feedback.id)
    return link
