"""What each person's choice makes of a notice. In the application every notice is shown; mail is everybody's own choice."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from app.rules.complaints import Part
from app.rules.notices.telling import Kind


class Mail(StrEnum):
    """How a notice comes by mail."""

    AT_ONCE = "at_once"
    DIGEST = "digest"  # in the mail of the next working morning
    NEVER = "never"


class Group(StrEnum):
    """What one choice is made for."""

    URGENT = "urgent"  # whatever is critical, of any other group
    WORK = "work"
    SHARING = "sharing"
    CALLBACKS = "callbacks"
    DEADLINES = "deadlines"
    OUTCOMES = "outcomes"
    MORNING = "morning"  # the mail of the morning itself


_OF_KIND: Mapping[Kind, Group] = {
    Kind.CRITICAL: Group.URGENT,
    Kind.NEW: Group.SHARING,
    Kind.SENT_BACK: Group.SHARING,
    Kind.ASSIGNED: Group.WORK,
    Kind.YOURS: Group.WORK,
    Kind.REOPENED: Group.WORK,
    Kind.ADDED: Group.WORK,
    Kind.NOTED: Group.WORK,
    Kind.RESOLVED: Group.CALLBACKS,
    Kind.CLOSED: Group.OUTCOMES,
    Kind.WARNED: Group.DEADLINES,
    Kind.BREACHED: Group.DEADLINES,
}
DEFAULTS: Mapping[Group, Mail] = {
    Group.URGENT: Mail.AT_ONCE,
    Group.WORK: Mail.AT_ONCE,
    Group.SHARING: Mail.AT_ONCE,
    Group.CALLBACKS: Mail.DIGEST,
    Group.DEADLINES: Mail.AT_ONCE,
    Group.OUTCOMES: Mail.DIGEST,
    Group.MORNING: Mail.DIGEST,
}
# What can be chosen: the morning's mail comes in the morning or not at all.
CHOICES: Mapping[Group, tuple[Mail, ...]] = {
    group: (Mail.DIGEST, Mail.NEVER) if group is Group.MORNING else tuple(Mail) for group in Group
}
_OF_UNIT = frozenset({Group.URGENT, Group.WORK, Group.DEADLINES, Group.OUTCOMES, Group.MORNING})
# Which groups can come to somebody who may play a part in some case.
GROUPS_OF_PART: Mapping[Part, frozenset[Group]] = {
    Part.SERVICE: frozenset(Group),
    Part.MANAGEMENT: frozenset({Group.URGENT, Group.DEADLINES, Group.MORNING}),
    Part.HANDLER: _OF_UNIT,
    Part.MEMBER: _OF_UNIT,
    Part.HEAD: _OF_UNIT,
}


def group_of(kind: Kind, *, urgent: bool) -> Group:
    """Which choice counts for a notice."""
    return Group.URGENT if urgent else _OF_KIND[kind]


def mail_of(kind: Kind, *, urgent: bool, chosen: Mapping[str, str]) -> Mail:
    """How a notice comes by mail to somebody who has chosen this (group → choice; what is missing is the default).

    Without the morning's mail there is none for it to wait for.
    """
    choices = choices_for(chosen)
    found = choices[group_of(kind, urgent=urgent)]
    if found is Mail.DIGEST and choices[Group.MORNING] is Mail.NEVER:
        return Mail.NEVER
    return found


def choices_for(chosen: Mapping[str, str]) -> dict[Group, Mail]:
    """Every group with what holds for it; a choice that is none counts as not made."""
    return {
        group: Mail(chosen[group]) if chosen.get(group) in CHOICES[group] else DEFAULTS[group]
        for group in Group
    }


def groups_for(parts: Iterable[Part]) -> frozenset[Group]:
    """What can come to somebody who may play these parts."""
    return frozenset().union(*(GROUPS_OF_PART.get(part, frozenset()) for part in parts))
