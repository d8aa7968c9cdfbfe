"""How one case of the demonstration goes: its log, drawn from receipt to the end and cut at the present."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from app.models import Customer, Unit, User
from app.rules.clocks import Kind
from app.rules.complaints import Entry
from app.rules.worktime import Calendar, add
from app.services.demo import complaint_words as words

PRESENT = frozenset({"phone", "visit", "shop"})  # who is there knows that we deal with it
STATES = {
    Kind.RECEIVED: "received",
    Kind.SENT_BACK: "received",
    Kind.ASSIGNED: "assigned",
    Kind.TRANSFERRED: "assigned",
    Entry.ACCEPTED: "in_progress",
    Kind.CONTINUED: "in_progress",
    Kind.REOPENED: "in_progress",
    Kind.WAITING: "waiting",
    Kind.RESOLVED: "resolved",
    Kind.CLOSED: "closed",
}


@dataclass(frozen=True)
class Cast:
    """Who plays: units and users by code, and the calendar they work by."""

    units: dict[str, Unit]
    users: dict[str, User]
    calendar: Calendar

    @property
    def service(self) -> User:
        """Who takes complaints in and calls back."""
        return self.users["service"]

    def handlers(self, unit: str) -> list[User]:
        """Who works in a unit."""
        wanted = self.units[unit].id
        return [
            user
            for user in self.users.values()
            if wanted in user.unit_ids and user.role_names & {"department", "customer_service"}
        ]


@dataclass(frozen=True)
class Story:
    """How it begins. `stage`: the kind of entry after which it is still open."""

    customer: Customer
    category: str
    content: str
    unit: str
    severity: str
    channel: str
    received_at: datetime
    slow: bool = False
    stage: str = ""

    def until(self, stage: str, unit: str, severity: str) -> Self:
        """The same, come only so far."""
        channel = "phone" if stage == Kind.ACKNOWLEDGED else self.channel
        return replace(self, stage=stage, unit=unit, severity=severity, channel=channel, slow=unit == "BJ")


@dataclass
class Life:
    """The log of a case as it grows; `at` is how far it has come."""

    rng: random.Random
    cast: Cast
    story: Story
    at: datetime
    unit: str
    handler: User | None = None
    round: int = 1
    entries: list[dict[str, Any]] = field(default_factory=list)
    results: dict[int, dict[str, Any]] = field(default_factory=dict)

    def work(self, least: float, most: float) -> None:
        """Let so many working hours pass; a slow unit takes longer."""
        hours = self.rng.uniform(least, most) * (2.1 if self.story.slow else 1.0)
        self.at = add(self.cast.calendar, self.at, timedelta(hours=hours))

    def note(self, kind: str, by: User | None, text: str = "", **data: Any) -> None:
        """Write an entry at the present of the case."""
        self.entries.append(
            {
                "round": self.round,
                "kind": str(kind),
                "at": self.at,
                "recorded_at": self.at,
                "by_id": by.id if by else None,
                "by_name": by.name if by else "",
                "text": text,
                "data": data,
            }
        )

    def cut(self, now: datetime) -> Self:
        """Forget what lies ahead, and what comes after the stage the story ends at."""
        kept = []
        for entry in self.entries:
            if entry["at"] > now:
                break
            kept.append(entry)
            if entry["kind"] == self.story.stage:
                break
        self.entries = kept
        return self

    def stands(self) -> dict[str, Any]:
        """Where the case stands after its log."""
        stand: dict[str, Any] = {"state": "received", "unit_id": None, "handler_id": None, "sent_back": 0}
        stand |= {"outcome": "", "closed_at": None, "waiting_until": None}
        for entry in self.entries:
            stand["state"] = STATES.get(entry["kind"], stand["state"])
            data = entry["data"]
            if entry["kind"] in (Kind.ASSIGNED, Kind.TRANSFERRED):
                stand |= {"unit_id": data["unit"], "handler_id": None}
            elif entry["kind"] == Kind.SENT_BACK:
                stand |= {"unit_id": None, "handler_id": None, "sent_back": stand["sent_back"] + 1}
            elif entry["kind"] in (Entry.ACCEPTED, Kind.REOPENED):
                stand["handler_id"] = data["handler"]
            elif entry["kind"] == Kind.CLOSED:
                stand |= {"outcome": data["outcome"], "closed_at": entry["at"]}
            waits = entry["kind"] == Kind.WAITING
            stand["waiting_until"] = (
                datetime.fromisoformat(data["until"]) if waits else stand["waiting_until"]
            )
            if entry["kind"] in STATES and not waits:
                stand["waiting_until"] = None
        return stand | {"round": max(entry["round"] for entry in self.entries)}

    def rounds(self) -> list[dict[str, Any]]:
        """The figures of each round that has begun."""
        found: dict[int, dict[str, Any]] = {}
        for entry in self.entries:
            one = found.setdefault(entry["round"], {"number": entry["round"], "started_at": entry["at"]})
            if entry["kind"] == Kind.RESOLVED:
                one |= self.results[entry["round"]] | {"resolved_at": entry["at"]}
            elif entry["kind"] == Kind.CUSTOMER_TOLD:
                one["told_at"] = entry["at"]
            elif entry["kind"] == Kind.CALLED_BACK and entry["data"]["reached"]:
                data = entry["data"]
                one |= {"satisfaction": data["satisfaction"], "called_back_at": entry["at"]}
                one |= {"solution_score": data["solution"], "handling_score": data["handling"]}
        return list(found.values())

    def tries(self) -> list[dict[str, Any]]:
        """The attempts to call back."""
        return [
            {key: entry[key] for key in ("round", "at", "by_id")}
            | {"channel": entry["data"]["channel"], "reached": entry["data"]["reached"]}
            for entry in self.entries
            if entry["kind"] == Kind.CALLED_BACK
        ]

    def units(self) -> list[int]:
        """The units that had it, the first one first."""
        given = [
            entry["data"]["unit"]
            for entry in self.entries
            if entry["kind"] in (Kind.ASSIGNED, Kind.TRANSFERRED)
        ]
        return list(dict.fromkeys(given))


def live(rng: random.Random, cast: Cast, story: Story, chain: Sequence[int], causes: dict[str, int]) -> Life:
    """Draw the whole life of a case."""
    life = Life(rng, cast, story, story.received_at, story.unit)
    _receive(life, chain)
    if not story.stage and rng.random() < 0.05:
        _end_early(life)
        return life
    _share_out(life)
    _handle(life, causes)
    while _call_back(life):
        _handle(life, causes)
    return life


def _receive(life: Life, chain: Sequence[int]) -> None:
    story, service = life.story, life.cast.service
    life.note(Kind.RECEIVED, service, severity=story.severity, categories=list(chain))
    if story.channel not in PRESENT:
        life.work(0.3, 5)
    life.note(Kind.ACKNOWLEDGED, service, channel=story.channel)


def _end_early(life: Life) -> None:
    life.work(0.5, 4)
    outcome, why = life.rng.choice(
        (("rejected", "不是本公司的服务。"), ("withdrawn", "客户来电撤回，问题已自行解决。"))
    )
    life.note(Kind.CLOSED, life.cast.service, why, outcome=outcome)


def _share_out(life: Life) -> None:
    rng, cast = life.rng, life.cast
    life.work(0.1, 1.5)
    life.note(Kind.ASSIGNED, cast.service, unit=cast.units[life.unit].id)
    if not life.story.stage and rng.random() < 0.07:
        other = rng.choice([code for code in ("CX", "CD", "XS") if code != life.unit])
        life.work(0.5, 3)
        life.note(Kind.SENT_BACK, cast.handlers(life.unit)[0], words.SENT_BACK, unit=cast.units[life.unit].id)
        life.work(0.2, 1)
        life.unit = other
        life.note(Kind.ASSIGNED, cast.service, unit=cast.units[other].id)
    _accept(life)


def _accept(life: Life) -> None:
    life.work(0.2, 2.5)
    working = life.cast.handlers(life.unit)
    # The one who shows the demonstration finds something of his own.
    life.handler = working[0] if life.story.stage else life.rng.choice(working)
    life.note(Entry.ACCEPTED, life.handler, handler=life.handler.id, name=life.handler.name)


def _handle(life: Life, causes: dict[str, int]) -> None:
    rng, story = life.rng, life.story
    if rng.random() < 0.35:
        life.work(0.3, 2)
        life.note(Entry.NOTED, life.handler, rng.choice(words.NOTES))
    if story.stage == "waiting" or rng.random() < 0.15:
        _wait(life)
    if not story.stage and life.round == 1 and rng.random() < 0.05:
        _transfer(life)
    life.work(2, 9)
    _resolve(life, causes)


def _wait(life: Life) -> None:
    life.work(0.5, 2)
    # What waits now goes on waiting.
    until = life.at + timedelta(days=12 if life.story.stage == "waiting" else 4)
    life.note(
        Kind.WAITING, life.handler, life.rng.choice(words.WAITS), party="customer", until=until.isoformat()
    )
    life.work(4, 14)
    life.note(Kind.CONTINUED, life.handler, "客户已回复。")


def _transfer(life: Life) -> None:
    rng, cast = life.rng, life.cast
    other = rng.choice([code for code in ("CX", "CD", "XS") if code != life.unit])
    life.work(0.5, 3)
    before = cast.units[life.unit].id
    life.note(Kind.TRANSFERRED, life.handler, words.HANDED_ON, unit=cast.units[other].id, **{"from": before})
    life.unit = other
    _accept(life)


def _resolve(life: Life, causes: dict[str, int]) -> None:
    group = ".".join(life.story.category.split(".")[:2])
    result, remedy, why, prevention = words.RESULTS[group]
    reply = words.REPLY.format(result=result, remedy=remedy)
    life.results[life.round] = {
        "result": result,
        "remedy": remedy,
        "reply": reply,
        "cause_id": causes[life.rng.choice(words.CAUSES[group])],
        "cause_text": why,
        "prevention": prevention,
    }
    life.note(Kind.RESOLVED, life.handler, result)
    if life.rng.random() < 0.3:
        life.work(0.1, 1)
    life.note(Kind.CUSTOMER_TOLD, life.handler, reply, channel="phone")


def _call_back(life: Life) -> bool:
    """Ask the customer; whether it goes on for another round."""
    rng, cast = life.rng, life.cast
    asks = cast.users["service"] if life.handler is not cast.users["service"] else cast.users["service2"]
    for _ in range(rng.choices((0, 1, 3), (72, 24, 4))[0]):
        life.work(2, 7)
        life.note(Kind.CALLED_BACK, asks, reached=False, channel="phone")
    if _gave_up(life):
        life.work(5, 9)
        life.note(Kind.CLOSED, asks, outcome="unreachable")
        return False
    life.work(2, 12)
    goes_on = life.story.stage == "reopened" or rng.random() < 0.1
    said = "not" if goes_on and life.round == 1 else rng.choices(("satisfied", "partly"), (88, 12))[0]
    score = {"satisfied": (5, 4), "partly": (3, 4), "not": (1, 2)}[said]
    text = rng.choice(words.ANSWERS[said])
    life.note(
        Kind.CALLED_BACK, asks, text,
        reached=True, channel="phone", satisfaction=said, solution=rng.choice(score), handling=rng.choice(score),
    )  # fmt: skip
    if said == "not":
        _reopen(life, asks, text)
        return True
    outcome = "satisfied" if said == "satisfied" else "dissatisfied_accepted"
    life.note(Kind.CLOSED, asks, "" if said == "satisfied" else "已说明处理结果，客户接受。", outcome=outcome)
    return False


def _gave_up(life: Life) -> bool:
    vain = [
        entry
        for entry in life.entries
        if entry["round"] == life.round and entry["kind"] == Kind.CALLED_BACK and not entry["data"]["reached"]
    ]
    return len(vain) >= 3 and life.story.stage != "reopened"


def _reopen(life: Life, by: User, why: str) -> None:
    others = [user for user in life.cast.handlers(life.unit) if user is not life.handler]
    life.handler = others[0] if others else life.handler
    life.round += 1
    assert life.handler is not None, "somebody has resolved it"
    life.note(Kind.REOPENED, by, why, handler=life.handler.id, name=life.handler.name)
