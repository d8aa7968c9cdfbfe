"""What is told by mail, and to which addresses nothing is ever sent by itself."""

from collections.abc import Collection, Mapping
from typing import Any

from app.rules.clocks import Kind, Party
from app.rules.complaints.states import Channel, Entry, Outcome

# Mailboxes of programs: an answer to them comes back as another mail, which is answered …
ROBOTS = frozenset(
    {"mailer-daemon", "postmaster", "hostmaster", "root", "daemon", "bounce", "bounces", "noreply", "no-reply",
     "no_reply", "donotreply", "do-not-reply", "do_not_reply", "autoreply", "auto-reply", "listserv", "majordomo"}
)  # fmt: skip
# Domains that exist nowhere (RFC 6761, RFC 6762).
NOWHERE = frozenset({"invalid", "test", "localhost", "local"})
BY_MAIL = frozenset({Channel.EMAIL, Channel.WEB})
REPLIES = frozenset({Kind.ACKNOWLEDGED, Kind.INTERIM_REPLIED, Kind.CUSTOMER_TOLD, Entry.REPLIED})
# Of other outcomes the customer knows, having said so himself.
TOLD_OUTCOMES = frozenset({Outcome.DISSATISFIED_ACCEPTED, Outcome.UNREACHABLE, Outcome.REJECTED})


def may_be_answered(address: str, own: Collection[str]) -> bool:
    """Whether a program may write to this address: not to another program, to nowhere, or to ourselves."""
    local, _, domain = address.strip().lower().rpartition("@")
    plain = local.partition("+")[0]
    return bool(
        plain
        and plain not in ROBOTS
        and domain.rpartition(".")[2] not in NOWHERE
        and address.strip().lower() not in {one.strip().lower() for one in own}
    )


def told_by_mail(kind: str, text: str, data: Mapping[str, Any]) -> str:
    """What an entry of the log means to the customer's mailbox: "reply", "wait", "closed", "merged", "remind", "lapsed", or "" for nothing."""
    if kind in REPLIES and text.strip() and data.get("channel") in BY_MAIL:
        return "reply"
    if kind == Kind.WAITING and data.get("party") == Party.CUSTOMER:
        return "wait"
    if kind == Kind.CLOSED and data.get("outcome") in TOLD_OUTCOMES:
        return "closed"
    if kind == Kind.CLOSED and data.get("outcome") == Outcome.MERGED:
        return "merged"
    if kind == Entry.REMINDED:
        return "remind"
    if kind == Kind.RESOLVED and data.get("lapsed"):
        return "lapsed"
    return ""
