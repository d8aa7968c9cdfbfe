"""Mails that wait to be sorted, and those of a case that a person has to decide about."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.complaints import bp, words
from app.blueprints.complaints.steps import open_doors
from app.errors import Missing, Refused
from app.models import Letter
from app.queries import letters as queries
from app.queries.complaints import cases
from app.queries.paging import PER_PAGE
from app.rules.letters import State
from app.rules.permissions import Permission
from app.services import letters as services
from app.web.access import requires
from app.web.addresses import page_number
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.security import acting_user
from app.web.transactions import release

LIST = "complaints.feedback_mails"


@bp.get("/feedback/mails")
@requires(Permission.FEEDBACK_RECORD)
def feedback_mails() -> Response:
    """What waits, the oldest first; or what was set aside."""
    aside = request.args.get("show") == "aside"
    state = State.DISCARDED if aside else State.WAITING
    return render(
        "complaints/mails.html",
        page_rows=queries.listed(current_user, state, page=page_number()),
        aside=aside,
        waiting=queries.count_waiting(current_user),
        switched_on=queries.sorts_by_hand(),
        address=lambda page: url_for(LIST, show="aside" if aside else None, page=page),
        per_page=PER_PAGE,
    )


@bp.get("/feedback/mails/<int:letter_id>")
@requires(Permission.FEEDBACK_RECORD)
def feedback_mail(letter_id: int) -> Response:
    """One mail, and what can be done with it."""
    return _page(queries.get_unsorted(current_user, letter_id))


@bp.post("/feedback/mails/<int:letter_id>/add")
@requires(Permission.FEEDBACK_RECORD)
def feedback_mail_add(letter_id: int) -> Any:
    """It belongs to a case that is there: one that is offered, or one whose number is typed."""
    letter = queries.get_unsorted(current_user, letter_id)
    typed = request.form.get("number", "")[:40]
    try:
        case = _case(typed)
        services.add_to(letter, case, by=acting_user(), now=clock.now())
    except Refused as refusal:
        return _refused(letter_id, refusal, typed)
    flash(_("Added to the case."), "success")
    return redirect(url_for("complaints.show", complaint_id=case.id))


def _case(typed: str) -> Any:
    chosen = whole_number(request.form.get("case"))
    if typed or chosen <= 0:
        return cases.by_number(current_user, typed)
    try:
        return cases.get_visible(current_user, chosen)
    except Missing:
        raise Refused("no_such_number") from None


@bp.post("/feedback/mails/<int:letter_id>/<any(aside, back):where>")
@requires(Permission.FEEDBACK_RECORD)
def feedback_mail_move(letter_id: int, where: str) -> Any:
    """Set it aside, or take it back."""
    letter = queries.get_unsorted(current_user, letter_id)
    move = services.discard if where == "aside" else services.take_back
    try:
        move(letter, by=acting_user(), now=clock.now())
    except Refused as refusal:
        return _refused(letter_id, refusal, "")
    if where == "aside":
        flash(_("Set aside. It can be taken back for 30 days."), "success")
        return redirect(url_for(LIST))
    if letter.state == State.SHOWN:
        flash(_("It stands with its case again."), "success")
        return redirect(url_for(LIST))
    return redirect(url_for("complaints.feedback_mail", letter_id=letter_id))


@bp.post("/complaints/<int:complaint_id>/mails/<int:letter_id>/<any(take, aside):what>")
@requires(Permission.COMPLAINTS_WORK)
def case_mail(complaint_id: int, letter_id: int, what: str) -> Any:
    """Whether a reply of somebody unknown is the customer's word."""
    complaint = cases.get_visible(current_user, complaint_id)
    letter = queries.of_case_one(complaint, letter_id)
    now = clock.now()
    if "add" not in open_doors(complaint, now):
        abort(403)
    try:
        if what == "take":
            services.take_words(letter, complaint, by=acting_user(), now=now)
        else:
            services.discard(letter, by=acting_user(), now=now)
    except Refused as refusal:
        release()
        flash(words.refusal_text(refusal), "error")
    return redirect(url_for("complaints.show", complaint_id=complaint_id))


def _refused(letter_id: int, refusal: Refused, typed: str) -> Any:
    if refusal.code == "not_allowed":
        abort(403)
    return _again(
        letter_id, words.refusal_text(refusal), typed, 409 if refusal.code == "sorted_meanwhile" else 422
    )


def _again(letter_id: int, problem: str, typed: str, status: int) -> Response:
    release()
    return _page(queries.get_unsorted(current_user, letter_id), problem=problem, typed=typed, status=status)


def _page(letter: Letter, *, problem: str = "", typed: str = "", status: int = 200) -> Response:
    customers = queries.customers_of(letter.sender)
    waits = letter.state == State.WAITING
    offered = (
        queries.open_cases_of(current_user, letter.sender, [one.id for one in customers]) if waits else ()
    )
    return render(
        "complaints/mail.html",
        letter=letter,
        customers=customers,
        cases=offered,
        states=words.STATES,
        files_left_out=words.files_left_out(letter),
        problem=problem,
        typed=typed,
        status=status,
    )
