"""What a customer has written after the end, put before a person: nothing reopens by itself."""

from dataclasses import dataclass

from app.models import Complaint, ComplaintEvent
from app.rules import complaints as rules
from app.rules.clocks import Kind
from app.rules.complaints import State
from app.rules.letters import Wish, wish_of

ENDS = frozenset({Kind.RESOLVED, Kind.CLOSED})
# What the clocks write is nobody's answer.
BY_ITSELF = frozenset({Kind.WARNED, Kind.BREACHED})
LONGEST_REASON = 2000


@dataclass(frozen=True)
class Suggestion:
    """The words, what they seem to want, and the reason that opening again would be given."""

    event: ComplaintEvent
    wish: Wish

    @property
    def reason(self) -> str:
        """His own words, as far as a reason goes."""
        return self.event.text[:LONGEST_REASON]


def suggestion(complaint: Complaint) -> Suggestion | None:
    """The last thing the customer wrote since the end, unless somebody has done something since."""
    if complaint.state not in (State.RESOLVED, State.CLOSED):
        return None
    for event in reversed(complaint.events):
        if event.kind in BY_ITSELF:
            continue
        if event.kind == rules.Entry.ADDED and (event.by_id is None or event.data.get("channel") == "email"):
            return Suggestion(event, wish_of(event.text))
        return None
    return None
