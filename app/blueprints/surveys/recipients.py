"""Whom a survey asks: the segment, the dry run, and later who was invited."""

from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.surveys import words
from app.blueprints.surveys.forms import RecipientsForm
from app.blueprints.surveys.routes import bp, part_name, unsaved
from app.errors import Refused, Stale
from app.models import Segment, Survey
from app.queries import recipients as recipient_queries
from app.queries import surveys as queries
from app.queries.segments import all_segments
from app.rules.permissions import Permission
from app.services import audit
from app.services import segments as segment_service
from app.services import surveys as service
from app.web.access import requires
from app.web.addresses import filter_text, page_number
from app.web.conflicts import Conflict
from app.web.downloads import csv_download
from app.web.filters import day
from app.web.firm import present_firm
from app.web.forms import options, whole_number
from app.web.fragments import render
from app.web.mail_words import address_reason
from app.web.security import acting_user

SHOWN = 100
NOBODY, EVERYBODY = 0, -1


@bp.route("/<int:survey_id>/recipients", methods=["GET", "POST"])
@requires(Permission.SURVEYS_RUN)
def recipients(survey_id: int) -> Any:
    """Choose the segment and see who would get the survey and who would not."""
    survey = queries.get(survey_id)
    segments = {segment.id: segment for segment in all_segments()}
    fields = {"version": survey.row_version, "segment": survey.segment_id or NOBODY}
    form, stored = RecipientsForm(data=fields), RecipientsForm(formdata=None, data=fields)
    offered = [(NOBODY, _("Nobody by mail, open links only"))]
    if all(segment.filters for segment in segments.values()):
        offered.append((EVERYBODY, _("All customers")))
    offered += [(segment.id, segment.name) for segment in segments.values()]
    for one in (form, stored):
        one.segment.choices = options((str(number), name) for number, name in offered)
    if not form.validate_on_submit():
        return _page(survey, form, status=422 if form.is_submitted() else 200)
    try:
        _choose(survey, form, segments)
    except (Refused, Stale) as error:
        return _page(survey, form, conflict=unsaved(error, form, stored, survey), status=409)
    next_page = "texts" if request.form.get("then") == "on" else "recipients"
    return redirect(url_for(f"surveys.{next_page}", survey_id=survey_id))


def _page(survey: Survey, form: RecipientsForm, *, conflict: Conflict | None = None, status: int) -> Response:
    now = clock.now()
    excluded = (c for c in recipient_queries.candidates(survey, now=now) if c.reason not in ("", "invited"))
    return render(
        "surveys/recipients.html",
        survey=survey,
        form=form,
        conflict=conflict,
        run=recipient_queries.dry_run(survey, now=now),
        excluded=[candidate for candidate, _number in zip(excluded, range(SHOWN), strict=False)],
        exclusions=words.EXCLUSIONS,
        exclusion_of=_exclusion,
        status=status,
    )


def _choose(survey: Survey, form: RecipientsForm, segments: dict[int, Segment]) -> None:
    by, now = acting_user(), clock.now()
    chosen = segments.get(form.segment.data)
    if form.segment.data == EVERYBODY:
        chosen = segment_service.everybody(name=_("All customers"), by=by, now=now)
    service.choose_segment(survey, chosen, seen=whole_number(form.version.data), by=by, now=now)


def _exclusion(candidate: recipient_queries.Candidate) -> str:
    """Why this customer is not asked; "" when he is."""
    if candidate.reason == "undeliverable" and candidate.contact is not None:
        return _("Undeliverable: %(reason)s", reason=address_reason(candidate.contact.address_reason))
    firm = present_firm()
    if firm is not None and (until := recipient_queries.rests_until(candidate, firm)) is not None:
        return _("Asked only recently; can be asked again from %(day)s", day=day(until))
    return str(words.EXCLUSIONS.get(candidate.reason, ""))


@bp.post("/<int:survey_id>/recipients.csv")
@requires(Permission.SURVEYS_RUN)
def recipients_file(survey_id: int) -> Response:
    """The whole dry run as a table. A POST, because taking customers' data away is put on record."""
    survey, now = queries.get(survey_id), clock.now()
    lines = [[_("Customer code"), _("Customer"), _("Contact"), _("Email"), _("Gets the survey"), _("Reason")]]
    for candidate in recipient_queries.candidates(survey, now=now):
        contact = candidate.contact
        lines.append(
            [
                candidate.customer.code,
                candidate.customer.name,
                contact.name if contact else "",
                contact.email if contact else "",
                _("Yes") if candidate.reason in ("", "invited") else _("No"),
                _exclusion(candidate),
            ]
        )
    audit.record(
        "survey.recipients_exported",
        kind="survey",
        object_id=survey.id,
        by=acting_user(),
        now=now,
        count=len(lines) - 1,
    )
    return csv_download(lines, filename=f"recipients-{survey.id}.csv")


@bp.get("/<int:survey_id>/people")
@requires(Permission.SURVEYS_READ)
def people(survey_id: int) -> Response:
    """Who was invited and how far each has come: the rows behind the monitor's numbers."""
    survey = queries.get(survey_id)
    by = request.args.get("by", "stratum")
    given: dict[str, Any] = {
        "q": filter_text("q"),
        "state": filter_text("state"),
        "by": by if by in queries.STRATA else "stratum",
        "part": filter_text("part") if "part" in request.args else None,
    }
    found = queries.people(survey, **given, page=page_number())
    kept = {key: value for key, value in given.items() if value}
    return render(
        "surveys/people.html",
        survey=survey,
        found=found,
        given=given,
        people_states=words.PEOPLE,
        state_options=[(code, name) for code, (name, _state) in words.PEOPLE.items()],
        states=words.STATES,
        part=part_name(given["by"], given["part"]) if given["part"] is not None else "",
        url_of=lambda page: url_for("surveys.people", survey_id=survey_id, page=page, **kept),
    )
