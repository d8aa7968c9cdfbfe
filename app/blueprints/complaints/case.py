"""One case: what to do next, its clocks, everything that happened, and the steps."""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_security import current_user

from app import clock
from app.blueprints.complaints import bp, words
from app.blueprints.complaints.canned import PLACES, put_in
from app.blueprints.complaints.deadlines import cards
from app.blueprints.complaints.following import following
from app.blueprints.complaints.keeping import as_formdata, texts_of
from app.blueprints.complaints.steps import DOORS, SAID, Offered, form_of, open_doors
from app.blueprints.complaints.suggesting import suggestion
from app.blueprints.complaints.timeline import Mails, Names, lines, other_cases, who_says
from app.errors import Missing, Refused, Stale
from app.models import Complaint, ComplaintEvent
from app.queries import follow_ups, users
from app.queries.complaints import canned, cases, followed, presence
from app.queries.complaints import drafts as own_drafts
from app.queries.complaints.trees import tree
from app.rules.complaints import State
from app.rules.letters import State as LetterState
from app.rules.permissions import Permission
from app.services import complaints as services
from app.services.complaints import customer_mail, drafts
from app.web.access import requires
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.security import acting_user
from app.web.transactions import release


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
    if "insert" in request.form:
        return _page(complaint, name=name, form=put_in(form, complaint, name))
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
        drafts.drop(complaint, name, by=acting_user())
    except (Refused, Stale) as error:
        return _not_taken(error, complaint_id, name, form, seen=whole_number(form.version.data))
    return _after(complaint)


@bp.post("/complaints/<int:complaint_id>/unlink/<int:other_id>")
@requires(Permission.COMPLAINTS_WORK)
def unlink(complaint_id: int, other_id: int) -> Any:
    """Say that another case does not belong to this one after all."""
    complaint = cases.get_visible(current_user, complaint_id)
    other = cases.get_visible(current_user, other_id)
    services.unlink(complaint, other=other, key="", by=acting_user(), now=clock.now())
    return redirect(url_for("complaints.show", complaint_id=complaint.id) + "#beside")


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
        if not form.errors:
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
    now, offered, mails = clock.now(), _offered(), Mails.of(complaint)
    doors = open_doors(complaint, now)
    next_step = following(complaint, doors)
    asked = name or request.args.get("do", "")
    main = asked if asked in doors and asked not in SAID else next_step.door
    say = asked if asked in SAID else ""
    kept = own_drafts.of(current_user, complaint)
    typed = {door: as_formdata(draft) for door, draft in kept.items()}
    shown = [one for one in doors if one in (*SAID, main)]
    forms = {one: form_of(one, complaint, offered, formdata=typed.get(one)) for one in shown}
    if name in doors:
        forms[name] = form
    for one in forms.values():
        one.prepare(complaint)
    return render(
        "complaints/show.html",
        complaint=complaint,
        following=next_step,
        doors=doors,
        main=main,
        says=[one for one in SAID if one in doors],
        say=say if say in doors else next((one for one in SAID if one in doors), ""),
        forms=forms,
        form=form,
        kept=kept,
        aside=[(draft, texts_of(draft)) for door, draft in kept.items() if door not in forms],
        others=presence.others(current_user, complaint, now=now),
        canned=canned.offered() if set(PLACES) & set(forms) else [],
        meanwhile=meanwhile,
        cards=cards(complaint, now),
        lines=lines(complaint, _names(complaint, offered), mails),
        **_mails(complaint, mails, doors, offered),
        **_beside(complaint),
        who=who_says(complaint),
        survey=follow_ups.survey_of(complaint.feedback),
        files=followed.files_of_case(complaint),
        mail_to=customer_mail.address_of(complaint),
        tree=offered.tree,
        units=offered.units,
        now=now,
        status=status,
        **_words(),
    )


def _names(complaint: Complaint, offered: Offered) -> Names:
    numbers = cases.visible_numbers(current_user, other_cases(complaint))
    return Names(offered.units, offered.tree, numbers)


def _mails(complaint: Complaint, mails: Mails, doors: list[str], offered: Offered) -> dict[str, Any]:
    """Mails on the case that wait for a person to decide."""
    quick = [one for one in doors if one in ("reopen", "note")]
    return {
        "unknown": [one for one in mails.came.get(None, ()) if one.state == LetterState.SHOWN],
        "files_left_out": words.files_left_out,
        "suggested": suggestion(complaint),
        "shortcuts": {one: form_of(one, complaint, offered, formdata=None) for one in quick},
    }


def _beside(complaint: Complaint) -> dict[str, Any]:
    """Other cases that have to do with this one, each as far as the user may see it."""
    merged = complaint.merged_into_id is not None
    ending = cases.goes_on(complaint) if merged else None
    seen = cases.visible_numbers(current_user, [ending.id]) if ending else {}
    return {
        "goes_on": ending if ending and ending.id in seen else None,
        "merged_in": cases.merged_into(current_user, complaint),
        "linked": cases.linked_to(current_user, complaint),
        "earlier": cases.earlier_of(current_user, complaint),
        "similar": cases.similar_to(current_user, complaint) if complaint.state != State.CLOSED else [],
    }


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
