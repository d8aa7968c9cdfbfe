"""What comes next in a case, for the present person: the sentence on top of its page and the form below it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.blueprints.complaints import words
from app.models import Complaint
from app.queries.complaints import waiting
from app.rules.complaints import State
from app.rules.complaints.lapsing import What
from app.services.complaints import customer_mail
from app.web.filters import moment
from app.web.i18n import page_language


@dataclass(frozen=True)
class Next:
    """What to do now. `door` is the form shown for it, "" where it is somebody else's turn."""

    title: str
    text: str
    door: str = ""


def following(complaint: Complaint, doors: list[str]) -> Next:
    """What comes next, for this person."""
    return {
        State.RECEIVED: _when_received,
        State.ASSIGNED: _when_assigned,
        State.IN_PROGRESS: _when_in_progress,
        State.WAITING: _when_waiting,
        State.RESOLVED: _when_resolved,
        State.CLOSED: _when_closed,
    }[State(complaint.state)](complaint, doors)


def _unit_name(complaint: Complaint) -> str:
    return complaint.unit.name_in(page_language()) if complaint.unit else "–"


def _when_received(complaint: Complaint, doors: list[str]) -> Next:
    if "assign" in doors:
        return Next(
            _("Give it to a unit"), _("Check category and severity first; the clocks follow them."), "assign"
        )
    return Next(_("Customer service shares it out"), _("Nothing to do for you at present."))


def _when_assigned(complaint: Complaint, doors: list[str]) -> Next:
    if "accept" in doors:
        text = _("Accept it to become its handler. Send it back if it is not yours, and say why.")
        return Next(_("Accept or send back"), text, "accept")
    title = _("Waits for %(unit)s to accept", unit=_unit_name(complaint))
    return Next(title, _("The clock of the unit is running. Assign it anew if nobody answers there."))


def _when_in_progress(complaint: Complaint, doors: list[str]) -> Next:
    if "resolve" in doors:
        text = _("Find the cause, put it right and tell the customer. Then write down what was done.")
        title = _("Solve it")
        if complaint.round > 1:
            title = _("Solve it: round %(number)s", number=complaint.round)
        return Next(title, text)
    name = complaint.handler.name if complaint.handler else _unit_name(complaint)
    return Next(_("%(name)s is working on it", name=name), _("Nothing to do for you at present."))


def _when_waiting(complaint: Complaint, doors: list[str]) -> Next:
    waits = [event for event in complaint.events if event.kind == "waiting"]
    what = waits[-1].text if waits else ""
    until = moment(complaint.waiting_until) if complaint.waiting_until else ""
    return Next(_("Waits until %(time)s", time=until), " ".join([what, _follows(complaint)]).strip())


def _follows(complaint: Complaint) -> str:
    """What happens by itself if the customer says nothing."""
    prompt = waiting.prompt_of(complaint)
    if prompt is None:
        return ""
    if not customer_mail.address_of(complaint):
        return _("No mail reaches the customer, so nothing reminds him: call him.")
    at = moment(waiting.in_opening_time(complaint, prompt.at))
    if prompt.what is What.LAPSE:
        return _("He was reminded twice. Without an answer it ends by itself on %(time)s.", time=at)
    return _("Heed reminds him by mail on %(time)s.", time=at)


def _when_resolved(complaint: Complaint, doors: list[str]) -> Next:
    present = complaint.present_round
    if "callback" in doors:
        if present.satisfaction == "partly":
            text = _("The customer is partly satisfied. Open it again, or close it and say why.")
            return Next(_("Decide how it goes on"), text, "close")
        tries = sum(1 for one in complaint.tries if one.round == complaint.round)
        text = _("Ask whether the solution and the way it was handled are right for the customer.")
        if present.told_at is None:
            text = _("The customer does not know the result yet: tell it, and ask whether it is right.")
        if tries:
            text += " " + _("Tried so far: %(count)s.", count=tries)
        return Next(_("Call the customer back"), text, "callback")
    return Next(
        _("Customer service calls the customer back"),
        _("Whoever handled the case does not ask about it."),
    )


def _when_closed(complaint: Complaint, doors: list[str]) -> Next:
    outcome = words.OUTCOMES.get(complaint.outcome, "")
    title = _("Closed: %(outcome)s", outcome=outcome)
    if complaint.merged_into_id is not None:
        return Next(
            _("Merged"), _("The other case goes on; whatever the customer adds here is written there too.")
        )
    if "reopen" in doors:
        return Next(title, _("It can be opened again until 30 days after it was closed."))
    return Next(title, _("If the customer complains again, record a new complaint."))
