"""Feedback and complaints: recording, and every step of a case. One function, one step; all go through `log`."""

from app.services.complaints.assigning import accept, assign, send_back, transfer
from app.services.complaints.becoming import become_complaint
from app.services.complaints.customer_mail import acknowledge
from app.services.complaints.ending import Answer, call_back, close, may_reopen, reject, reopen, withdraw
from app.services.complaints.handling import add, classify, note, reply, resolve, resume, wait
from app.services.complaints.linking import link, unlink
from app.services.complaints.merging import merge
from app.services.complaints.recording import Told, record

__all__ = [
    "Answer",
    "Told",
    "accept",
    "acknowledge",
    "add",
    "assign",
    "become_complaint",
    "call_back",
    "classify",
    "close",
    "link",
    "may_reopen",
    "merge",
    "note",
    "record",
    "reject",
    "reopen",
    "reply",
    "resolve",
    "resume",
    "send_back",
    "transfer",
    "unlink",
    "wait",
    "withdraw",
]
