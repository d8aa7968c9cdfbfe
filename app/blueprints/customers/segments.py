"""Segments: saved filters with a live count."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.customers import bp, filtering
from app.blueprints.customers.forms import SegmentForm
from app.blueprints.customers.words import refusal_text
from app.errors import Missing, Refused, Stale
from app.models import Segment
from app.queries import customers as register
from app.queries import segments as queries
from app.queries.changes import last_change
from app.rules.permissions import Permission
from app.services import segments as services
from app.web.access import requires
from app.web.conflicts import Conflict, Difference, conflict_between
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.i18n import firm_timezone, page_language
from app.web.security import acting_user

PREVIEW = 20


def _load(segment_id: int) -> Segment:
    segment = queries.get_segment(segment_id)
    if segment is None:
        raise Missing("segment")
    return segment


def _page(
    form: SegmentForm,
    segment: Segment | None,
    filters: dict[str, Any],
    *,
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    """The editor; htmx asks only for its block `matches`, the count and the first customers."""
    today = clock.now().astimezone(firm_timezone()).date()
    return render(
        "customers/segment.html",
        fragment="matches",
        form=form,
        segment=segment,
        filters=filters,
        conflict=conflict,
        choices=register.choices(),
        reach_words=filtering.reach_words(),
        count=queries.count_customers(filters, today=today),
        rows=register.first_rows(filters, limit=PREVIEW, today=today),
        surveys=queries.surveys_using(segment) if segment else [],
        list_url=filtering.address("customers.index", filters),
        status=status,
    )


@bp.get("/segments")
@requires(Permission.CUSTOMERS_READ)
def segment_list() -> Response:
    """Every segment with what it means and how many it holds."""
    today = clock.now().astimezone(firm_timezone()).date()
    choices = register.choices()
    rows = [
        (
            segment,
            filtering.filter_words(segment.filters, choices, page_language()),
            queries.count_customers(segment.filters, today=today),
            len(queries.surveys_using(segment)),
            filtering.address("customers.index", segment.filters),
        )
        for segment in queries.all_segments()
    ]
    return render("customers/segments.html", rows=rows)


@bp.get("/segments/matches")
@requires(Permission.CUSTOMERS_READ)
def segment_matches() -> Response:
    """How many customers the filters of the editor mean, as its block."""
    return _page(SegmentForm(formdata=None), None, filtering.read_filters(request.args))


@bp.route("/segments/new", methods=["GET", "POST"])
@requires(Permission.SEGMENTS_EDIT)
def create_segment() -> Any:
    """Save a filter; the one of the list comes in the address."""
    form = SegmentForm()
    filters = filtering.read_filters(request.form if form.is_submitted() else request.args)
    if form.validate_on_submit():
        try:
            services.create_segment(name=form.name.data, filters=filters, by=acting_user(), now=clock.now())
        except Refused as refusal:
            form.name.errors = [refusal_text(refusal.code)]
        else:
            flash(_("The segment “%(name)s” was saved.", name=form.name.data), "success")
            return redirect(url_for("customers.segment_list"))
    return _page(form, None, filters, status=422 if form.is_submitted() else 200)


@bp.route("/segments/<int:segment_id>", methods=["GET", "POST"])
@requires(Permission.SEGMENTS_EDIT)
def edit_segment(segment_id: int) -> Any:
    """Change name and filters."""
    segment = _load(segment_id)
    form = SegmentForm()
    if not form.is_submitted():
        return _page(SegmentForm(formdata=None, obj=segment), segment, segment.filters)
    filters = filtering.read_filters(request.form)
    if form.validate():
        try:
            services.edit_segment(
                segment,
                version=whole_number(form.version.data),
                name=form.name.data,
                filters=filters,
                by=acting_user(),
                now=clock.now(),
            )
        except Refused as refusal:
            form.name.errors = [refusal_text(refusal.code)]
        except Stale:
            return _page(form, segment, filters, conflict=_conflict(form, segment, filters), status=409)
        else:
            flash(_("The segment “%(name)s” was saved.", name=form.name.data), "success")
            return redirect(url_for("customers.segment_list"))
    return _page(form, segment, filters, status=422)


def _conflict(form: SegmentForm, segment: Segment, filters: dict[str, Any]) -> Conflict:
    choices, lang = register.choices(), page_language()
    mine, stored = (
        "\n".join(filtering.filter_words(one, choices, lang)) for one in (filters, segment.filters)
    )
    return conflict_between(
        form,
        SegmentForm(formdata=None, obj=segment),
        last_change("segment", segment.id),
        also=[Difference(_("Conditions"), mine, stored)],
    )


@bp.post("/segments/<int:segment_id>/delete")
@requires(Permission.SEGMENTS_EDIT)
def delete_segment(segment_id: int) -> Any:
    """Delete a segment that no survey uses."""
    segment = _load(segment_id)
    name = segment.name
    try:
        services.delete_segment(segment, by=acting_user(), now=clock.now())
    except Refused as refusal:
        flash(refusal_text(refusal.code), "warning")
        return redirect(url_for("customers.edit_segment", segment_id=segment_id))
    flash(_("The segment “%(name)s” was deleted.", name=name), "success")
    return redirect(url_for("customers.segment_list"))
