"""Complaints: states, steps, who takes them, what each must be given, and the number of a case.

Deadlines are not here but in `rules.clocks`, which computes them from the events that the steps leave behind; severity
and the party that is waited for are said there too.
"""

from app.rules.complaints.assignment import Rule, choose
from app.rules.complaints.defaults import branches
from app.rules.complaints.guards import (
    CLOSING_TRIES,
    CLOSING_TRIES_DAYS,
    GRACE,
    MOST_SEND_BACKS,
    Resolution,
    Try,
    guard_closing,
    guard_merging,
    guard_own_case,
    guard_person,
    guard_reopening,
    guard_resolving,
    guard_sending_back,
    guard_unit,
    guard_waiting,
)
from app.rules.complaints.mailing import REPLIES, may_be_answered, told_by_mail
from app.rules.complaints.numbers import number_of, read_number
from app.rules.complaints.states import (
    LEFT_OUT,
    REPEAT_DAYS,
    SIMILAR_DAYS,
    STEPS,
    Case,
    Channel,
    Entry,
    Kind,
    Move,
    Outcome,
    Part,
    Satisfaction,
    State,
    Step,
    check_step,
    open_steps,
)
from app.rules.complaints.texts import folded, searchable, summary_of

__all__ = [
    "CLOSING_TRIES",
    "CLOSING_TRIES_DAYS",
    "GRACE",
    "LEFT_OUT",
    "MOST_SEND_BACKS",
    "REPEAT_DAYS",
    "REPLIES",
    "SIMILAR_DAYS",
    "STEPS",
    "Case",
    "Channel",
    "Entry",
    "Kind",
    "Move",
    "Outcome",
    "Part",
    "Resolution",
    "Rule",
    "Satisfaction",
    "State",
    "Step",
    "Try",
    "branches",
    "check_step",
    "choose",
    "folded",
    "guard_closing",
    "guard_merging",
    "guard_own_case",
    "guard_person",
    "guard_reopening",
    "guard_resolving",
    "guard_sending_back",
    "guard_unit",
    "guard_waiting",
    "may_be_answered",
    "number_of",
    "open_steps",
    "read_number",
    "searchable",
    "summary_of",
    "told_by_mail",
]
