"""One case: what to do next, its clocks, everything that happened, and the steps."""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.complaints import bp, words
from app.blueprints.complaints.deadlines import cards
from app.blueprints.complaints.steps import DOORS, SAID, Offered, form_of, open_doors
from app.blueprints.complaints.suggesting import suggestion
from app.blueprints.complaints.timeline import Mails, Names, lines, who_says
from app.errors import Missing, Refused, Stale
from app.models import Complaint, ComplaintEvent
from app.queries import follow_ups, letters, users
from app.queries.complaints import cases, followed
from app.queries.complaints.trees import tree
from app.rules.complaints import State
from app.rules.letters import State as LetterState
from app.rules.permissions import Permission
from app.services.complaints import notices
from app.web.access import requires
from app.web.filters import moment
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user
from app.web.transactions import release


@dataclass(frozen=True)
class Next:
    """What to do now. `door` is the form shown for it, "" where it is somebody else's turn."""

    title: str
    text: str
    door: str = ""


@dataclass(frozen=True)
class Meanwhile:
    """A step that was not taken: whether it came too late, what was done since, what was typed where its form is gone."""

    late: bool
    done: list[ComplaintEvent]
    typed: list[tuple[str, str]]


@bp.get("/complaints/<int:complaint_id>")
@requires(Permission.COMPLAINTS_READ)
def show(complaint_id: int) -> Response:
    """The case."""
    return _page(cases.get_visible(current_user, complaint_id))


@bp.post("/complaints/<int:complaint_id>/<any({}):name>".format(", ".join(DOORS)))
@requires(Permission.COMPLAINTS_WORK)
def take_step(complaint_id: int, name: str) -> Any:
    """Take one step; what was typed stays when it can't be taken."""
    complaint = cases.get_visible(current_user, complaint_id)
    form = form_of(name, complaint, _offered())
    if not form.validate():
        return _page(complaint, name=name, form=form, status=422)
    common = {
        "seen": whole_number(form.version.data),
        "key": form.key.data or "",
        "by": acting_user(),
        "now": clock.now(),
    }
    try:
        DOORS[name].take(complaint, form, common)
    except (Refused, Stale) as error:
        return _not_taken(error, complaint_id, name, form, seen=whole_number(form.version.data))
    return _after(complaint)


def _after(complaint: Complaint) -> Any:
    """Back to the case, or to the desk for those who have handed it out of their sight."""
    try:
        cases.get_visible(current_user, complaint.id)
    except Missing:
        return redirect(url_for("complaints.index"))
    return redirect(url_for("complaints.show", complaint_id=complaint.id))


def _not_taken(error: Refused | Stale, complaint_id: int, name: str, form: Any, *, seen: int) -> Response:
    # What the step had begun is taken back before the page shows how the case stands.
    release()
    complaint = cases.get_visible(current_user, complaint_id)
    if isinstance(error, Refused):
        if error.code == "not_allowed":
            abort(403)
        if error.code != "resolution_incomplete":
            form.form_errors = [words.refusal_text(error)]
        status = 409 if error.code == "not_now" else 422
        return _page(complaint, name=name, form=form, status=status, meanwhile=_typed(name, form, complaint))
    meanwhile = Meanwhile(True, cases.since(complaint, seen), _typed(name, form, complaint).typed)
    return _page(complaint, name=name, form=form, status=409, meanwhile=meanwhile)


def _typed(name: str, form: Any, complaint: Complaint) -> Meanwhile:
    """What would be lost because its form is not there any more."""
    if name in open_doors(complaint, clock.now()):
        return Meanwhile(False, [], [])
    texts = [field for field in form if field.type == "TextAreaField" and field.data]
    return Meanwhile(False, [], [(str(field.label.text), field.data) for field in texts])


def _offered() -> Offered:
    return Offered(tree(), {line.unit.id: line.unit for line in users.unit_lines()}, cases.handlers())


def _page(
    complaint: Complaint,
    *,
    name: str = "",
    form: Any = None,
    meanwhile: Meanwhile | None = None,
    status: int = 200,
) -> Response:
    now, offered = clock.now(), _offered()
    doors = open_doors(complaint, now)
    following = _next(complaint, doors)
    asked = name or request.args.get("do", "")
    main = asked if asked in doors and asked not in SAID else following.door
    say = asked if asked in SAID else ""
    forms = {one: form_of(one, complaint, offered, formdata=None) for one in doors if one in (*SAID, main)}
    if name in doors:
        forms[name] = form
    for one in forms.values():
        one.prepare(complaint)
    return render(
        "complaints/show.html",
        complaint=complaint,
        following=following,
        doors=doors,
        main=main,
        says=[one for one in SAID if one in doors],
        say=say if say in doors else next((one for one in SAID if one in doors), ""),
        forms=forms,
        form=form,
        meanwhile=meanwhile,
        cards=cards(complaint, now),
        lines=lines(complaint, Names(offered.units, offered.tree), Mails.of(complaint)),
        unknown=[one for one in letters.of_case(complaint) if one.state == LetterState.SHOWN],
        files_left_out=words.files_left_out,
        suggested=suggestion(complaint),
        shortcuts={
            one: form_of(one, complaint, offered, formdata=None) for one in doors if one in ("reopen", "note")
        },
        earlier=cases.earlier_of(current_user, complaint),
        who=who_says(complaint),
        survey=follow_ups.survey_of(complaint.feedback),
        files=followed.files_of(complaint.feedback),
        mail_to=notices.address_of(complaint),
        tree=offered.tree,
        units=offered.units,
        now=now,
        status=status,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "states": words.STATES,
        "severities": words.SEVERITIES,
        "channels": words.CHANNELS,
        "outcomes": words.OUTCOMES,
        "satisfactions": words.SATISFACTIONS,
        "steps": words.STEPS,
        "parties": words.PARTIES,
    }


def _next(complaint: Complaint, doors: list[str]) -> Next:
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
    return Next(_("Waits until %(time)s", time=until), what)


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
    if "reopen" in doors:
        return Next(title, _("It can be opened again until 30 days after it was closed."))
    return Next(title, _("If the customer complains again, record a new complaint."))
