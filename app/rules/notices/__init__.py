"""Notices to staff: what is told to whom, how urgent it is, when it may leave the house, and what each person chose.

Nothing here knows people: an entry of a case's log is told to parts of that case (`rules.complaints.Part`); who plays
them is looked up in `queries.notices`.
"""

from app.rules.notices.choosing import (
    CHOICES,
    DEFAULTS,
    GROUPS_OF_PART,
    Group,
    Mail,
    choices_for,
    group_of,
    groups_for,
    mail_of,
)
from app.rules.notices.leaving import digest_is_due, leaves_at
from app.rules.notices.telling import (
    LADDER,
    SAFETY,
    Held,
    Kind,
    Told,
    is_critical,
    told_by_clock,
    told_by_step,
    told_on_opening,
)

__all__ = [
    "CHOICES", "DEFAULTS", "GROUPS_OF_PART", "LADDER", "SAFETY", "Group", "Held", "Kind", "Mail", "Told",
    "choices_for", "digest_is_due", "group_of", "groups_for", "is_critical", "leaves_at", "mail_of", "told_by_clock", "told_by_step",
    "told_on_opening",
]  # fmt: skip
