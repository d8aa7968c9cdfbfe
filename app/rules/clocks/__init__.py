"""The clocks of a complaint: acknowledge, department, customer (with an interim reply), callback.

Nothing is stored: what a clock shows follows from the case's log, the policies and the working calendars in force when
it was taken in. `read` tells what the clocks show, `why` the reasons, `next_event` and `pending` what the scheduler has
to do. What stops and pauses which clock is in `runs`.
"""

from app.rules.clocks.documents import (
    calendar_document,
    calendar_of,
    calendars_of,
    policies_document,
    policies_of,
    policy_document,
    special_day_document,
)
from app.rules.clocks.events import Event, Kind, LogError, Party, Severity
from app.rules.clocks.occurrences import Occurrence, next_event, pending
from app.rules.clocks.outlook import Outlook, outlook, schedule
from app.rules.clocks.policies import (
    DEFAULT_POLICIES,
    Calendars,
    Clock,
    Policies,
    Policy,
    PolicyError,
)
from app.rules.clocks.readings import BREACH, Case, Reached, Reading, Readings, read, why
from app.rules.clocks.runs import Run

__all__ = [
    "BREACH", "DEFAULT_POLICIES", "Calendars", "Case", "Clock", "Event", "Kind", "LogError", "Occurrence",
    "Outlook", "Party", "Policies", "Policy", "PolicyError", "Reached", "Reading", "Readings", "Run", "Severity",
    "calendar_document", "calendar_of", "calendars_of", "next_event", "outlook", "pending", "policies_document",
    "policies_of", "policy_document", "read", "schedule", "special_day_document", "why",
]  # fmt: skip
