"""Waiting for the customer: when he is reminded, and when he is waited for no longer.

He is reminded half-way to the day he was given and once more when that day has passed; some days after that the work
ends, as many as the policy of the case says. They are counted from the second reminder as it was really sent, so that a standstill of ours never shortens his time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.rules.worktime import Calendar, next_opening

REMINDERS = 2
# Nobody is reminded sooner than this after the question, or after the reminder before.
BETWEEN = timedelta(days=1)


@dataclass(frozen=True)
class Wait:
    """The customer was asked at `since` and given until `until`; `reminded` are the reminders sent since.

    `lapse_after` the last of them he is waited for no longer: `Policy.lapse_days`.
    """

    since: datetime
    until: datetime
    reminded: Sequence[datetime]
    lapse_after: timedelta


class What(StrEnum):
    """What the timetable does next."""

    REMIND = "remind"
    LAPSE = "lapse"


@dataclass(frozen=True)
class Prompt:
    """What is done next and when: not before `at`, and only in opening time. `number` counts reminders from 1."""

    what: What
    at: datetime
    number: int = 0


def next_prompt(wait: Wait) -> Prompt:
    """What follows if the customer goes on saying nothing."""
    if not wait.reminded:
        return Prompt(What.REMIND, wait.since + max((wait.until - wait.since) / 2, BETWEEN), 1)
    last = wait.reminded[-1]
    if len(wait.reminded) < REMINDERS:
        return Prompt(What.REMIND, max(wait.until, last + BETWEEN), len(wait.reminded) + 1)
    return Prompt(What.LAPSE, last + wait.lapse_after)


def lapses_at(reminded_at: datetime, calendar: Calendar, lapse_after: timedelta) -> datetime:
    """When the work ends after a second reminder that is sent now: what the reminder says."""
    end = reminded_at + lapse_after
    return next_opening(calendar, end) or end
