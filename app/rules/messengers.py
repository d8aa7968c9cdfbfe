"""Messengers: which addresses are theirs, what a message looks like on the line, what their answers mean, when to try again.

WeCom 企业微信, DingTalk 钉钉, Feishu 飞书 (with Lark) and Slack take a POST at a secret address. An address of any other
host is refused, so that nobody can have this server call another one; what the host's name leads to is looked at in
`adapters.messenger`.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from app.errors import Refused
from app.rules.notices import Kind as Notice

LONGEST_ADDRESS = 400
LONGEST_ANSWER = 4096
# DingTalk shuts out for ten minutes whoever posts more than 20 a minute; WeCom drops the rest.
MOST_A_MINUTE = 15
WAITS = (1, 2, 5, 15, 60)  # minutes after the first, second … try
ATTEMPTS_LIMIT = len(WAITS) + 1
# Whoever reads it the next day has long seen the desk.
STALE_AFTER = timedelta(hours=24)


class Kind(StrEnum):
    """The messengers."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    SLACK = "slack"


class Weight(StrEnum):
    """From which weight on a group is told."""

    ALL = "all"
    DEADLINES = "deadlines"
    CRITICAL = "critical"


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    BEGUN = "begun"  # the request may have reached the messenger
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Place:
    """Where a request goes: `path` begins with a slash and includes the query."""

    host: str
    path: str


@dataclass(frozen=True)
class Verdict:
    """What follows from an answer. `again`: certainly not taken, and worth another try."""

    state: State
    reason: str = ""
    again: bool = False


# Host → shape of the path; the parameter that has to be there.
_PLACES: dict[Kind, tuple[dict[str, str], str]] = {
    Kind.WECOM: ({"qyapi.weixin.qq.com": r"/cgi-bin/webhook/send"}, "key"),
    Kind.DINGTALK: ({"oapi.dingtalk.com": r"/robot/send"}, "access_token"),
    Kind.FEISHU: (
        dict.fromkeys(("open.feishu.cn", "open.larksuite.com"), r"/open-apis/bot/v2/hook/[\w-]+"),
        "",
    ),
    Kind.SLACK: ({"hooks.slack.com": r"/(?:services|workflows|triggers)/[\w/-]+"}, ""),
}
SIGNED = frozenset({Kind.DINGTALK, Kind.FEISHU})
_PRINTABLE = re.compile(r"[!-~]+")
# Answers that mean "too fast": WeCom, DingTalk, Feishu.
_TOO_FAST = frozenset({45009, 130101, 410100, 660026, 9499, 11232})
_WEIGHTS = (Weight.ALL, Weight.DEADLINES, Weight.CRITICAL)


def hosts_of(kind: Kind) -> tuple[str, ...]:
    """The hosts an address of this messenger may name."""
    return tuple(_PLACES[kind][0])


def place_of(kind: Kind, address: str) -> Place:
    """Read an address. Raises `Refused`: `not_https`, `other_host`, `other_path` (also: too long, odd characters)."""
    if not _PRINTABLE.fullmatch(address) or len(address) > LONGEST_ADDRESS or "\\" in address:
        raise Refused("other_path")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refused("other_path") from None
    if parts.scheme != "https":
        raise Refused("not_https")
    paths, needed = _PLACES[kind]
    host = (parts.hostname or "").rstrip(".")
    if host not in paths or port not in (None, 443) or "@" in parts.netloc:
        raise Refused("other_host")
    named = not needed or bool(parse_qs(parts.query).get(needed))
    if parts.fragment or not named or not re.fullmatch(paths[host], parts.path, re.ASCII):
        raise Refused("other_path")
    return Place(host, parts.path + (f"?{parts.query}" if parts.query else ""))


def request_of(kind: Kind, place: Place, secret: str, text: str, now: datetime) -> tuple[str, bytes]:
    """The path to post to and the body, signed where a secret is set."""
    content: dict[str, Any]
    path = place.path
    if kind in (Kind.WECOM, Kind.DINGTALK):
        content = {"msgtype": "text", "text": {"content": text}}
    elif kind is Kind.FEISHU:
        content = {"msg_type": "text", "content": {"text": text}}
    else:
        content = {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    if secret and kind is Kind.DINGTALK:
        stamp = str(int(now.timestamp() * 1000))
        sign = _sign(secret, f"{stamp}\n{secret}")
        path += f"&timestamp={stamp}&sign={quote_plus(sign)}"
    if secret and kind is Kind.FEISHU:
        stamp = str(int(now.timestamp()))
        content |= {"timestamp": stamp, "sign": _sign(f"{stamp}\n{secret}", "")}
    return path, json.dumps(content, ensure_ascii=False).encode()


def _sign(key: str, message: str) -> str:
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def verdict(kind: Kind, status: int | None, body: bytes) -> Verdict:
    """Judge an answer; `status` None: the request had begun and no answer came."""
    if status is None:
        return Verdict(State.UNKNOWN, "no_answer")
    if 300 <= status < 400:
        return Verdict(State.FAILED, "redirected")
    if status in (429, 503):
        return Verdict(State.QUEUED, "too_fast" if status == 429 else "busy", again=True)
    if status >= 500:
        # A gateway may have handed it on before it gave up.
        return Verdict(State.UNKNOWN, f"status_{status}")
    if status != 200:
        return Verdict(State.FAILED, f"status_{status}")
    return _of_slack(body) if kind is Kind.SLACK else _of_code(body)


def _of_slack(body: bytes) -> Verdict:
    taken = body.strip() in (b"ok", b'{"ok":true}')
    return Verdict(State.SENT) if taken else Verdict(State.UNKNOWN, "odd_answer")


def _of_code(body: bytes) -> Verdict:
    try:
        answer = json.loads(body)
        code = next(answer[name] for name in ("errcode", "code", "StatusCode") if name in answer)
        number = int(code)
    except (ValueError, TypeError, StopIteration):
        return Verdict(State.UNKNOWN, "odd_answer")
    if number == 0:
        return Verdict(State.SENT)
    if number in _TOO_FAST:
        return Verdict(State.QUEUED, "too_fast", again=True)
    return Verdict(State.FAILED, f"code_{str(number)[:12]}")


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many tries (1, 2 …), or None to give up."""
    return None if attempts >= ATTEMPTS_LIMIT else now + timedelta(minutes=WAITS[attempts - 1])


def weight_of(notice: Notice, *, critical: bool) -> Weight:
    """How weighty a notice is to a group."""
    if critical or notice is Notice.CRITICAL:
        return Weight.CRITICAL
    return Weight.DEADLINES if notice in (Notice.WARNED, Notice.BREACHED) else Weight.ALL


def is_told(least: str, weight: Weight) -> bool:
    """Whether a group that wants `least` or more is told this."""
    return least in _WEIGHTS and _WEIGHTS.index(weight) >= _WEIGHTS.index(Weight(least))


# What a group is told at all: notes and endings are between those who work on a case.
POSTED = frozenset(Notice) - {Notice.NOTED, Notice.CLOSED}
