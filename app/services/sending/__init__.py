"""Sending what is in the outbox: claiming, composing, and storing each step before it is taken.

Nothing here talks to a server or commits: `jobs.deliveries` does the first through `adapters.mail` and
the second around every call.
"""

from app.services.sending.claiming import (
    LEASE,
    Lane,
    claim,
    due_lanes,
    expire_leases,
    release,
)
from app.services.sending.composing import Outgoing, prepare
from app.services.sending.steps import begin_data, record_refusal, record_sent

__all__ = [
    "LEASE",
    "Lane",
    "Outgoing",
    "begin_data",
    "claim",
    "due_lanes",
    "expire_leases",
    "prepare",
    "record_refusal",
    "record_sent",
    "release",
]
