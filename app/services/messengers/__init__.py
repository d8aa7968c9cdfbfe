"""Groups in messengers: their settings, what is queued for them, and the steps of posting it.

Nothing here talks to a messenger or commits: `jobs.messengers` does the first through `adapters.messenger` and the
second around every call.
"""

from app.services.messengers.posting import (
    LEASE,
    Outgoing,
    begin,
    claim,
    expire_leases,
    forget_old,
    not_posted,
    posted,
    prepare,
    queue,
)
from app.services.messengers.setting_up import Wishes, add, change, send_test

__all__ = [
    "LEASE",
    "Outgoing",
    "Wishes",
    "add",
    "begin",
    "change",
    "claim",
    "expire_leases",
    "forget_old",
    "not_posted",
    "posted",
    "prepare",
    "queue",
    "send_test",
]
