"""Recording feedback, the list of it, and one entry."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.complaints import bp, words
from app.blueprints.complaints.forms import FeedbackForm, instant, number_of
from app.blueprints.complaints.narrowing import address, offered, read_number_of, read_one_of
from app.blueprints.complaints.origins import Made, Origin, asked_for
from app.errors import Refused
from app.models import Complaint, Customer
from app.queries import customers as customer_queries
from app.queries import follow_ups, letters, users
from app.queries.complaints import feedback as queries
from app.queries.complaints import followed
from app.queries.complaints.trees import tree
from app.queries.paging import PER_PAGE
from app.rules.clocks import Severity
from app.rules.complaints import Channel, Kind
from app.rules.permissions import Permission
from app.services import complaints as services
from app.web.access import requires
from app.web.addresses import filter_text, page_number
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.i18n import firm_timezone, page_language
from app.web.security import acting_user
from app.web.transactions import release

LIST = "complaints.feedback_index"


@bp.get("/feedback/")
@requires(Permission.FEEDBACK_READ)
def feedback_index() -> Response:
    """Everything customers have told us, the latest first."""
    categories = tree()
    filters = queries.Filters(
        words=filter_text("q"),
        kind=read_one_of("kind", words.KINDS),
        channel=read_one_of("channel", words.CHANNELS),
        categories=_below("category"),
        unit_id=read_number_of("unit"),
        since=_midnight("since"),
        until=_midnight("until", days=1),
    )
    page = queries.found(current_user, filters, page=page_number())
    return render(
        "complaints/feedback_index.html",
        page_rows=page,
        cases=queries.cases_of(page.rows),
        filtered=filters != queries.Filters(),
        nothing=not page.total and queries.is_empty(),
        mails=letters.count_waiting(current_user),
        tree=categories,
        choices=offered(categories, users.unit_lines()),
        kinds=words.KINDS,
        channels=words.CHANNELS,
        address=lambda **more: address(LIST, **more),
        per_page=PER_PAGE,
    )


def _below(name: str) -> Sequence[int]:
    chosen = read_number_of(name)
    return tuple(tree().below(chosen)) if chosen is not None else ()


def _midnight(name: str, *, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(filter_text(name)) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime(day.year, day.month, day.day, tzinfo=firm_timezone())


@bp.get("/feedback/<int:feedback_id>")
@requires(Permission.FEEDBACK_READ)
def feedback_show(feedback_id: int) -> Any:
    """One entry; a complaint leads to its case."""
    entry = queries.get_visible(current_user, feedback_id)
    case = queries.case_of(entry)
    if case is not None:
        return redirect(url_for("complaints.show", complaint_id=case.id))
    return render(
        "complaints/feedback_show.html",
        entry=entry,
        survey=follow_ups.survey_of(entry),
        files=followed.files_of(entry),
        tree=tree(),
        kinds=words.KINDS,
        channels=words.CHANNELS,
    )


@bp.post("/feedback/<int:feedback_id>/complaint")
@requires(Permission.FEEDBACK_RECORD)
def feedback_becomes_complaint(feedback_id: int) -> Any:
    """Make it a case; pressed twice, it is one."""
    entry = queries.get_visible(current_user, feedback_id)
    try:
        case = services.become_complaint(entry, by=acting_user(), now=clock.now())
    except Refused as refusal:
        release()
        flash(words.refusal_text(refusal), "error")
        return redirect(url_for("complaints.feedback_show", feedback_id=feedback_id))
    flash(_("This is case %(number)s now. Check its severity and category.", number=case.number), "success")
    return redirect(url_for("complaints.show", complaint_id=case.id))


@bp.route("/feedback/new", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_RECORD)
def feedback_new() -> Any:
    """Record what a customer says."""
    now, origin = clock.now(), asked_for()
    form = FeedbackForm(data=_beginnings(now) | (origin.beginnings() if origin else {}))
    _offer(form)
    # Looking for the customer is no attempt to store.
    if "search" in request.form or not form.validate_on_submit():
        searching = "search" in request.form or not form.is_submitted()
        return _form_page(form, origin, status=200 if searching else 422)
    before = origin.made_before(acting_user()) if origin else None
    if before is not None:
        return redirect(url_for("complaints.feedback_show", feedback_id=before.id))
    try:
        _entry, case = _recorded(form, origin, now)
    except Refused as refusal:
        release()
        form.form_errors = [words.refusal_text(refusal)]
        return _form_page(form, asked_for(), status=409)
    return _after(case)


def _recorded(form: FeedbackForm, origin: Origin | None, now: datetime) -> Made:
    if origin is not None:
        return origin.record(_told(form), by=acting_user(), now=now)
    return services.record(_told(form), key=form.key.data or "", by=acting_user(), now=now)


def _after(case: Complaint | None) -> Any:
    if case is None:
        flash(_("Recorded. Thank you for listening."), "success")
        return redirect(url_for(LIST))
    flash(_("Recorded. Tell the customer the number %(number)s.", number=case.number), "success")
    return redirect(url_for("complaints.show", complaint_id=case.id))


@bp.get("/feedback/customers")
@requires(Permission.FEEDBACK_RECORD)
def feedback_customers() -> Response:
    """Customers that fit what is typed; the part of the form below the field."""
    form = FeedbackForm(formdata=None, data={"customer_words": filter_text("customer_words")})
    _offer(form)
    return _form_page(form)


def _beginnings(now: datetime) -> dict[str, Any]:
    """What the form holds before anybody types."""
    local = now.astimezone(firm_timezone()).replace(tzinfo=None, second=0, microsecond=0)
    known = _customer(request.args.get("customer"))
    return {
        "key": secrets.token_urlsafe(32),
        "received_at": local,
        "language": page_language(),
        "customer": str(known.id) if known else "",
        "customer_words": known.name if known else "",
    }


def _offer(form: FeedbackForm) -> None:
    lines = users.unit_lines()
    form.offer(
        tree(),
        [line.unit for line in lines if line.unit.active],
        users.listed(active=True),
        page_language(),
    )


def _customer(text: str | None) -> Customer | None:
    number = whole_number(text)
    return customer_queries.get_visible(current_user, number) if number > 0 else None


def _form_page(form: FeedbackForm, origin: Origin | None = None, *, status: int = 200) -> Response:
    chosen = _customer(form.customer.data)
    matches = list(queries.customers_like((form.customer_words.data or "").strip()))
    if origin is not None:
        matches += [one for one in origin.customers if one not in matches]
        form.begin_from_origin()
    if chosen is not None and chosen not in matches:
        matches.insert(0, chosen)
    if len(matches) == 1 and "customer" not in request.values:
        chosen = matches[0]  # nobody has said otherwise yet
    return render(
        "complaints/feedback_new.html",
        fragment="customers",
        form=form,
        origin=origin,
        matches=matches,
        chosen=chosen,
        status=status,
    )


def _told(form: FeedbackForm) -> services.Told:
    chosen = _customer(form.customer.data)
    # What was typed to find somebody is the name of who is not on record.
    name = form.contact_name.data or ("" if chosen else form.customer_words.data) or ""
    received = instant(form.received_at.data)
    return services.Told(
        kind=Kind(form.kind.data),
        content=form.content.data or "",
        channel=Channel(form.channel.data),
        category_id=number_of(form.category) or 0,
        # The minute that was offered may be the present one.
        received_at=min(received, clock.now())
        if received <= clock.now() + timedelta(minutes=1)
        else received,
        language=form.language.data,
        customer_id=chosen.id if chosen else None,
        contact_name=name,
        contact_phone=form.contact_phone.data or "",
        contact_email=form.contact_email.data or "",
        occurred_on=form.occurred_on.data,
        unit_id=number_of(form.unit),
        severity=Severity(form.severity.data),
        about_user_id=number_of(form.about),
        acknowledged=bool(form.acknowledged.data),
    )
