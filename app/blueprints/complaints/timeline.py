"""The time line of a case: every entry of its log in words, the latest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.blueprints.complaints import words
from app.models import Complaint, ComplaintEvent, Delivery, Letter, Unit
from app.queries import letters
from app.queries.complaints.trees import Tree
from app.rules import complaints as rules
from app.rules.clocks import Kind
from app.rules.letters import masked
from app.web.filters import moment
from app.web.i18n import page_language


@dataclass(frozen=True)
class Message:
    """What was said: `kind` is theirs, ours or internal (see `ui.message`)."""

    kind: str
    who: str
    meta: str
    text: str
    letter: Letter | None = None


@dataclass(frozen=True)
class Line:
    """One entry. `what` is a sentence, `reason` the words somebody gave for it."""

    at: datetime
    icon: str
    mark: str
    what: str
    reason: str = ""
    by: str = ""
    message: Message | None = None
    late_entry: datetime | None = None


@dataclass(frozen=True)
class Names:
    """What ids in the log are called."""

    units: Mapping[int, Unit]
    tree: Tree
    cases: Mapping[int, str]

    def unit(self, unit_id: Any) -> str:
        """A unit's name in the language of the page."""
        unit = self.units.get(unit_id)
        return unit.name_in(page_language()) if unit else "–"

    def case(self, event: ComplaintEvent) -> str:
        """The number of the other case an entry speaks of, unless it is hidden from the present user."""
        return self.cases.get(event.data.get("case", 0)) or _("one you can't see")


@dataclass(frozen=True)
class Mails:
    """The mails of a case: those that came, by the entry they led to (None: to none), and ours that did not arrive."""

    came: Mapping[int | None, Sequence[Letter]]
    lost: Sequence[Delivery]

    @classmethod
    def of(cls, complaint: Complaint) -> "Mails":
        """Those of this case."""
        came: dict[int | None, list[Letter]] = {}
        for letter in letters.of_case(complaint):
            came.setdefault(letter.event_id, []).append(letter)
        return cls(came, letters.not_arrived(complaint))

    def by_event(self, event: ComplaintEvent) -> Letter | None:
        """The mail that this entry was made of."""
        return next(iter(self.came.get(event.id, ())), None)


Part = tuple[str, str, str]


def other_cases(complaint: Complaint) -> set[int]:
    """The ids of the other cases the log speaks of."""
    return {event.data["case"] for event in complaint.events if "case" in event.data}


def lines(complaint: Complaint, names: Names, mails: Mails) -> list[Line]:
    """The whole log, the latest first; what happened at the same moment in the order of the log.

    A corrected calendar that moved no deadline of this case is left out.
    """
    found = [
        (event.at, event.id, _line(event, complaint, names, mails.by_event(event)))
        for event in complaint.events
        if not _says_nothing(event)
    ]
    found += [
        (one.received_at, 0, _automatic(one)) for one in mails.came.get(None, ()) if one.state == "automatic"
    ]
    found += [(one.finished_at or one.created_at, 0, _not_arrived(one)) for one in mails.lost]
    return [line for _at, _id, line in sorted(found, key=lambda one: one[:2], reverse=True)]


def _says_nothing(event: ComplaintEvent) -> bool:
    return event.kind == Kind.CALENDAR_CHANGED and not event.data.get("moved")


def _automatic(letter: Letter) -> Line:
    what = _("Automatic reply from %(address)s; nobody wrote it", address=masked(letter.sender))
    return Line(letter.received_at, "mail", "rest", what)


def _not_arrived(delivery: Delivery) -> Line:
    what = _("Our mail did not reach %(address)s", address=masked(delivery.to_address))
    reason = str(words.NOT_ARRIVED.get(delivery.reason, ""))
    return Line(delivery.finished_at or delivery.created_at, "alert-triangle", "late", what, reason)


def _line(event: ComplaintEvent, complaint: Complaint, names: Names, letter: Letter | None) -> Line:
    message = _message(event, complaint, letter)
    icon, mark, what = (
        _HAPPENED[event.kind](event, names) if event.kind in _HAPPENED else ("message", "rest", "")
    )
    entered = event.recorded_at
    return Line(
        at=event.at,
        icon=icon,
        mark=mark,
        what="" if message and event.kind in _ONLY_SAID else what,
        reason="" if message else event.text,
        by=event.by_name,
        message=message,
        late_entry=entered if (entered - event.at).total_seconds() > 3600 else None,
    )


def who_says(complaint: Complaint) -> str:
    """The customer's name, or that of who spoke for him."""
    spoken = complaint.feedback.contact_name
    customer = complaint.customer.name if complaint.customer else ""
    if spoken and customer and spoken != customer:
        return _("%(person)s, %(customer)s", person=spoken, customer=customer)
    return spoken or customer or _("Anonymous")


def _message(event: ComplaintEvent, complaint: Complaint, letter: Letter | None) -> Message | None:
    channel = str(words.CHANNELS.get(event.data.get("channel", ""), ""))
    if event.kind == Kind.RECEIVED:
        entry = complaint.feedback
        meta = str(words.CHANNELS[entry.channel])
        if event.by_name:
            meta = _("%(channel)s, taken down by %(name)s", channel=meta, name=event.by_name)
        return Message("theirs", who_says(complaint), meta, entry.content)
    if not event.text:
        return None
    if event.kind == rules.Entry.NOTED:
        who = _("Note by %(name)s", name=event.by_name)
        return Message("internal", who, _("colleagues only, never sent"), event.text)
    if letter is not None:
        meta = _("%(channel)s, %(address)s", channel=channel, address=masked(letter.sender))
        return Message("theirs", letter.sender_name or who_says(complaint), meta, event.text, letter)
    if event.kind == rules.Entry.MERGED_IN or (event.kind == rules.Entry.ADDED and "case" in event.data):
        return Message("theirs", _("Told in the merged case"), "", event.text)
    if event.kind in (rules.Entry.ADDED, Kind.CALLED_BACK):
        return Message("theirs", who_says(complaint), channel, event.text)
    if event.kind in _TOLD:
        meta = _("%(name)s, %(channel)s", name=event.by_name, channel=channel)
        return Message("ours", _("To %(name)s", name=who_says(complaint)), meta, event.text)
    return None


_TOLD = frozenset({Kind.ACKNOWLEDGED, Kind.INTERIM_REPLIED, Kind.CUSTOMER_TOLD, rules.Entry.REPLIED})
# Here the message says it all.
_ONLY_SAID = frozenset({Kind.RECEIVED, rules.Entry.NOTED, rules.Entry.ADDED, rules.Entry.REPLIED})


def _assigned(event: ComplaintEvent, names: Names) -> Part:
    unit, name = names.unit(event.data.get("unit")), event.data.get("name")
    if name:
        return "user-check", "rest", _("Assigned to %(unit)s, %(name)s", unit=unit, name=name)
    return "user-check", "rest", _("Assigned to %(unit)s", unit=unit)


def _transferred(event: ComplaintEvent, names: Names) -> Part:
    before, after = names.unit(event.data.get("from")), names.unit(event.data.get("unit"))
    return "arrow-right", "rest", _("Transferred from %(before)s to %(after)s", before=before, after=after)


def _sent_back(event: ComplaintEvent, names: Names) -> Part:
    return "arrow-back-up", "soon", _("Sent back by %(unit)s", unit=names.unit(event.data.get("unit")))


def _classified(event: ComplaintEvent, names: Names) -> Part:
    severity = words.SEVERITIES[event.data["severity"]]
    category = names.tree.label(next(iter(event.data.get("categories", ())), None), page_language())
    if event.data.get("was"):
        was = words.KINDS.get(event.data["was"], "")
        return "tag", "rest", _("Became a complaint; it was recorded as: %(kind)s", kind=was)
    return "tag", "rest", _("Now “%(category)s”, %(severity)s", category=category, severity=severity)


def _waiting(event: ComplaintEvent, _names: Names) -> Part:
    who = words.PARTIES.get(event.data.get("party", ""), "")
    until = event.data.get("until")
    if not until:
        return "player-pause", "rest", _("Waits. For: %(who)s", who=who)
    when = moment(datetime.fromisoformat(until))
    return "player-pause", "rest", _("Waits until %(time)s. For: %(who)s", who=who, time=when)


def _called_back(event: ComplaintEvent, _names: Names) -> Part:
    channel = words.CHANNELS.get(event.data.get("channel", ""), "")
    if not event.data.get("reached"):
        return "phone", "rest", _("Nobody was reached (%(channel)s)", channel=channel)
    said = event.data.get("satisfaction", "")
    mark = {"satisfied": "good", "not": "late"}.get(said, "soon")
    what = _("Called back: %(answer)s", answer=words.SATISFACTIONS.get(said, said))
    scores = [
        _("solution %(score)s of 5", score=event.data["solution"]) if event.data.get("solution") else "",
        _("handling %(score)s of 5", score=event.data["handling"]) if event.data.get("handling") else "",
    ]
    return "phone-call", mark, " · ".join([what, *(score for score in scores if score)])


def _reopened(event: ComplaintEvent, _names: Names) -> Part:
    what = _("Opened again: round %(number)s", number=event.round)
    name = event.data.get("name")
    return "rotate", "soon", what + (" · " + str(name) if name else "")


def _reminded(event: ComplaintEvent, _names: Names) -> Part:
    what = _("Reminder %(number)s sent to the customer", number=event.data.get("number", ""))
    until = event.data.get("lapses_at")
    if until:
        what += " · " + _("ends on %(time)s without an answer", time=moment(datetime.fromisoformat(until)))
    return "clock", "soon", what


def _resolved(event: ComplaintEvent, _names: Names) -> Part:
    if event.data.get("lapsed"):
        return "circle-check", "rest", _("Ended: the customer has not answered")
    return "circle-check", "good", _("Resolved; the customer is to be called back")


def _told(event: ComplaintEvent, _names: Names) -> Part:
    if event.data.get("lapsed"):
        return "send", "rest", _("The customer was told that the work has ended")
    return "send", "good", _("The customer was told the result")


def _merged_in(event: ComplaintEvent, names: Names) -> Part:
    return "arrow-right", "rest", _("Case %(number)s goes on here", number=names.case(event))


def _linked(event: ComplaintEvent, names: Names) -> Part:
    return "link", "rest", _("Linked with case %(number)s", number=names.case(event))


def _unlinked(event: ComplaintEvent, names: Names) -> Part:
    return "x", "rest", _("No longer linked with case %(number)s", number=names.case(event))


def _closed(event: ComplaintEvent, names: Names) -> Part:
    if event.data.get("outcome") == rules.Outcome.MERGED:
        return "arrow-right", "rest", _("Goes on in case %(number)s", number=names.case(event))
    outcome = words.OUTCOMES.get(event.data.get("outcome", ""), "")
    return "circle-check", "good", _("Closed: %(outcome)s", outcome=outcome)


def _warned(event: ComplaintEvent, _names: Names) -> Part:
    name = words.CLOCKS.get(event.data.get("clock", ""), "")
    percent = event.data.get("percent")
    return "clock", "soon", _("%(clock)s: %(percent)s%% of the time used up", clock=name, percent=percent)


def _breached(event: ComplaintEvent, _names: Names) -> Part:
    name = words.CLOCKS.get(event.data.get("clock", ""), "")
    return "alert-triangle", "late", _("%(clock)s: deadline missed", clock=name)


def _calendar_changed(event: ComplaintEvent, _names: Names) -> Part:
    moved = [
        _(
            "%(clock)s: %(after)s instead of %(before)s",
            clock=words.CLOCKS.get(one["clock"], ""),
            after=_due(one["after"]),
            before=_due(one["before"]),
        )
        for one in event.data["moved"]
    ]
    said = _("; ").join(moved)
    return "calendar", "rest", _("The working calendar was corrected. Due now: %(moved)s", moved=said)


def _due(iso: str | None) -> str:
    return moment(datetime.fromisoformat(iso)) if iso else _("never")


def _plain(icon: str, mark: str, sentence: Callable[[], str]) -> Callable[[ComplaintEvent, Names], Part]:
    return lambda _event, _names: (icon, mark, sentence())


_HAPPENED: dict[str, Callable[[ComplaintEvent, Names], Part]] = {
    Kind.RECEIVED: _plain("message-report", "rest", lambda: ""),
    Kind.ACKNOWLEDGED: _plain("check", "rest", lambda: _("The customer knows that we are dealing with it")),
    Kind.INTERIM_REPLIED: _plain("send", "rest", lambda: _("Interim reply")),
    Kind.CUSTOMER_TOLD: _told,
    Kind.ASSIGNED: _assigned,
    Kind.TRANSFERRED: _transferred,
    Kind.SENT_BACK: _sent_back,
    Kind.CLASSIFIED: _classified,
    Kind.WAITING: _waiting,
    Kind.CONTINUED: _plain("player-play", "rest", lambda: _("Goes on")),
    Kind.RESOLVED: _resolved,
    Kind.CALLED_BACK: _called_back,
    Kind.REOPENED: _reopened,
    Kind.CLOSED: _closed,
    Kind.WARNED: _warned,
    Kind.BREACHED: _breached,
    Kind.CALENDAR_CHANGED: _calendar_changed,
    rules.Entry.ACCEPTED: _plain("user-check", "now", lambda: _("Accepted")),
    rules.Entry.NOTED: _plain("lock", "soon", lambda: ""),
    rules.Entry.ADDED: _plain("message", "rest", lambda: ""),
    rules.Entry.REMINDED: _reminded,
    rules.Entry.MERGED_IN: _merged_in,
    rules.Entry.LINKED: _linked,
    rules.Entry.UNLINKED: _unlinked,
    rules.Entry.REPLIED: _plain("send", "rest", lambda: ""),
}
