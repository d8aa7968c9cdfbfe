"""Pages of feedback and complaints: recording, the list of feedback, the desk, one case."""

from flask import Blueprint

bp = Blueprint("complaints", __name__)

# The routes register themselves on `bp`, which therefore has to exist first.
from app.blueprints.complaints import (  # noqa: E402
    bulk,
    canned,
    case,
    desk,
    feedback,
    keeping,
    letters,
    views,
)

__all__ = ["bp", "bulk", "canned", "case", "desk", "feedback", "keeping", "letters", "views"]
