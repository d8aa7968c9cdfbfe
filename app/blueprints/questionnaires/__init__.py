"""Questionnaires: list, builder, indicators, versions. Marketing edits, others read."""

from app.blueprints.questionnaires import (
    actions,
    builder,
    listing,
    measuring,
    publishing,
    settings,
)
from app.blueprints.questionnaires.site import bp

__all__ = ["actions", "bp", "builder", "listing", "measuring", "publishing", "settings"]
