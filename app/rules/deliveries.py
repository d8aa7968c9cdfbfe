"""Deliveries: their states, what a server's reply means, and when to try again.

A delivery is one mail to one person for one occasion. Once its payload has begun (`data`) it is never sent
again by itself: whatever is not certain then becomes `unknown` and waits for a person.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# Domains that are nobody's for good (RFC 2606); demonstration data and tests use them.
MADE_UP = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$")


def is_made_up(address: str) -> bool:
    """Whether the address belongs to nobody: sending there brings bounces and a bad name."""
    return MADE_UP.search(address.rpartition("@")[2].strip().lower()) is not None


class State(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DATA = "data"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"
    BOUNCED = "bounced"


class Stage(StrEnum):
    """How far the conversation with the server had come."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the DATA command itself: no payload has left us
    FINAL = "final"  # the payload is out


class Decision(StrEnum):
    """What a person may decide about an `unknown` delivery."""

    SENT = "sent"
    AGAIN = "again"
    GIVE_UP = "give_up"


S = State
# What a report that the mail came back can change. `data`: the report can be quicker than the server's own reply.
MAY_COME_BACK = (S.DATA, S.SENT, S.UNKNOWN)
SURVEY_KINDS = ("invitation", "reminder", "test")
# What customers get; all others go to staff.
CUSTOMER_KINDS = (*SURVEY_KINDS, "complaint")
# What staff are told of cases that not everybody may see.
STAFF_KINDS = ("notice", "digest")
# Kinds that wait for the survey's pace and quiet hours; all others leave at once.
PACED_KINDS = ("invitation", "reminder")

# Waits after the first, second … try, in minutes: a minute or two at first, then up to twelve hours,
# together a little over three days.
WAITS = (2, 5, 10, 20, 40, 80, 160, 320, 480, 720, 720, 720, 720, 720)
ATTEMPTS_LIMIT = len(WAITS) + 1
DOMAIN_PAUSE = timedelta(minutes=5)
# Mails that answer somebody who is waiting at a page are worthless the day after; notices say how things stood then.
STALE_AFTER = {
    "reset": timedelta(days=1),
    "test": timedelta(days=1),
    "digest": timedelta(hours=12),
    "notice": timedelta(days=3),
}
# A second copy that a person has asked for takes an occurrence from here on.
AGAIN_FROM = 100

UNKNOWN_USER = re.compile(r"\b5\.1\.(?:0|1|2|3|6|10)\b")
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True)
class Verdict:
    """What follows from a refusal.

    `state` is queued (try again later), failed or unknown; `reason` a code; `bad_address` means
    that the server does not know the recipient; `pause_domain` that the server wants us to slow down.
    """

    state: State
    reason: str
    bad_address: bool = False
    pause_domain: bool = False


def verdict(stage: Stage, code: int | None, text: str = "") -> Verdict:
    """Judge a reply. `code` None means that the line broke or nothing came in time."""
    if stage is Stage.FINAL:
        return _after_payload(code)
    if code is None:
        return Verdict(S.QUEUED, "connection_lost")
    if code == 421:
        return Verdict(S.QUEUED, "server_busy", pause_domain=True)
    if code < 500:
        return Verdict(S.QUEUED, "mailbox_full" if code == 452 and stage is Stage.RCPT else "deferred")
    if stage is Stage.RCPT:
        return _recipient_refused(code, text)
    return Verdict(S.FAILED, "sender_refused" if stage is Stage.MAIL else "refused")


def _after_payload(code: int | None) -> Verdict:
    if code is None:
        return Verdict(S.UNKNOWN, "no_reply")
    if code >= 500:
        return Verdict(S.FAILED, "content_refused")
    # A temporary refusal after the text: some servers keep such a mail all the same.
    return Verdict(S.UNKNOWN, "deferred_after_text", pause_domain=code == 421)


def is_servers_trouble(stage: Stage, code: int | None) -> bool:
    """Whether a refusal would meet the next mail just as well, so that going on at once would only spoil it.

    The line that broke or is being closed, a full disk there, a text left without a clear answer, the sender that is
    the same for all.
    """
    if code in (None, 421) or stage is Stage.MAIL:
        return True
    return (stage is Stage.DATA and code == 452) or (stage is Stage.FINAL and code < 500)


def _recipient_refused(code: int, text: str) -> Verdict:
    enhanced = ENHANCED.search(text)
    if enhanced is None:
        unknown = code in (550, 551, 553)
    else:
        unknown = UNKNOWN_USER.fullmatch(enhanced.group()) is not None
    return Verdict(S.FAILED, "unknown_user" if unknown else "refused", bad_address=unknown)


@dataclass(frozen=True)
class Circumstances:
    """What is true of a delivery at the moment it would be sent. Survey and invitation may be None."""

    kind: str
    created_at: datetime
    address: str
    survey_state: str | None = None
    survey_closes_at: datetime | None = None
    invited: bool = False
    finished: bool = False
    declined: bool = False
    opted_out: bool = False
    do_not_contact: bool = False
    address_bad: bool = False


def drop_reason(case: Circumstances, now: datetime) -> str | None:
    """Why this mail must not be sent any more, or None. A paused survey is no reason: its mail waits."""
    if is_stale(case.kind, case.created_at, now):
        return "stale"
    if case.kind in PACED_KINDS:
        closed = case.survey_closes_at is None or now >= case.survey_closes_at
        if closed or case.survey_state not in ("live", "paused"):
            return "survey_closed"
    if not case.address:
        return "no_address"
    reasons = (
        ("finished", case.finished),
        ("declined", case.declined),
        ("opted_out", case.opted_out),
        ("do_not_contact", case.do_not_contact),
        ("undeliverable", case.address_bad),
    )
    return next((reason for reason, holds in reasons if case.invited and holds), None)


def next_try(attempts: int, now: datetime, jitter: float) -> datetime | None:
    """When to try again after `attempts` tries (1, 2 …), or None to give up.

    `jitter` is a random number from 0 to 1; it spreads the wait over 80–120 %.
    """
    if attempts >= ATTEMPTS_LIMIT:
        return None
    return now + timedelta(minutes=WAITS[attempts - 1] * (0.8 + 0.4 * jitter))


def is_stale(kind: str, created_at: datetime, now: datetime) -> bool:
    """Whether a mail of this kind has waited so long that it must not be sent any more."""
    limit = STALE_AFTER.get(kind)
    return limit is not None and now - created_at > limit


def domain_of(address: str) -> str:
    """The part after the last @, in lower case."""
    return address.rpartition("@")[2].lower()
