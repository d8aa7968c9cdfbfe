"""The list, one survey with its monitor, and the steps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.surveys import words
from app.blueprints.surveys.forms import ExtendForm, SurveyForm, instant, local
from app.blueprints.surveys.launching import hour, launch_facts
from app.errors import Refused, Stale
from app.models import Survey
from app.queries import recipients as recipient_queries
from app.queries import surveys as queries
from app.queries.analysis import access
from app.queries.changes import last_change
from app.queries.figures import kept
from app.rules import surveys as rules
from app.rules.permissions import Permission
from app.rules.reminders import Outlook
from app.services import reminders
from app.services import surveys as service
from app.web.access import is_htmx, requires
from app.web.conflicts import Conflict, conflict_between
from app.web.filters import moment
from app.web.forms import Form, options, whole_number
from app.web.fragments import render
from app.web.i18n import firm_timezone, in_language
from app.web.security import acting_user

bp = Blueprint("surveys", __name__, url_prefix="/surveys")

NOTEWORTHY_WAIT = timedelta(minutes=5)
STEPS: dict[str, Callable[..., None]] = {
    "prepare": service.prepare,
    "rework": service.rework,
    "launch": service.launch,
    "pause": service.pause,
    "resume": service.resume,
    "close": service.close,
}


@bp.get("/")
@requires(Permission.SURVEYS_READ)
def index() -> Response:
    """Every survey, by series."""
    return render(
        "surveys/index.html",
        all_series=queries.all_series(),
        progress=queries.progress_of_all(),
        open_answers=queries.open_answers_of_all(),
        states=words.STATES,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.SURVEYS_RUN)
def new() -> Any:
    """Begin a survey."""
    start = rules.sensible_start(local(clock.now()))
    asked = {"version_id": whole_number(request.args.get("version"))}
    form = SurveyForm(data=asked | {"opens_at": start, "closes_at": rules.sensible_end(start)})
    _offer(form)
    if not form.validate_on_submit():
        return _form_page(form, None)
    series = next((s for s in queries.all_series() if s.id == form.series.data), None)
    values = _values(form)
    survey = service.create(
        series=series or {"zh": form.series_name.data, "en": form.series_name.data},
        by=acting_user(),
        now=clock.now(),
        **values,
    )
    return redirect(url_for("surveys.recipients", survey_id=survey.id))


@bp.route("/<int:survey_id>/edit", methods=["GET", "POST"])
@requires(Permission.SURVEYS_RUN)
def edit(survey_id: int) -> Any:
    """Change what the survey is, while it is a draft."""
    survey = queries.get(survey_id)
    form, stored = SurveyForm(data=_fields(survey)), SurveyForm(formdata=None, data=_fields(survey))
    for one in (form, stored):
        _offer(one, survey)
    if not form.validate_on_submit():
        return _form_page(form, survey)
    values = _values(form) | {"series_id": form.series.data}
    try:
        service.edit(
            survey, values=values, seen=whole_number(form.version.data), by=acting_user(), now=clock.now()
        )
    except (Refused, Stale) as error:
        return _form_page(form, survey, conflict=unsaved(error, form, stored, survey), status=409)
    return redirect(url_for("surveys.recipients", survey_id=survey_id))


def _fields(survey: Survey) -> dict[str, Any]:
    """What the form holds of a survey."""
    return {
        "version": survey.row_version,
        "name_zh": survey.name.get("zh", ""),
        "name_en": survey.name.get("en", ""),
        "series": survey.series_id,
        "version_id": survey.version_id,
        "opens_at": local(survey.opens_at),
        "closes_at": local(survey.closes_at),
        "anonymous": survey.anonymous,
    }


@bp.get("/<int:survey_id>")
@requires(Permission.SURVEYS_READ)
def show(survey_id: int) -> Response:
    """One survey: what is missing before the launch, how it goes afterwards."""
    survey = queries.get(survey_id)
    return _show(survey, ExtendForm(formdata=None, data=_end(survey)))


def _end(survey: Survey) -> dict[str, Any]:
    """What the form for another end holds."""
    return {"version": survey.row_version, "closes_at": local(survey.closes_at)}


def _show(
    survey: Survey, extend_form: ExtendForm, *, conflict: Conflict | None = None, status: int = 200
) -> Response:
    common: dict[str, Any] = {
        "survey": survey,
        "states": words.STATES,
        "steps": rules.open_steps(survey.state, current_user.role_names),
        "status": status,
    }
    if survey.state in (rules.State.DRAFT, rules.State.READY):
        return render("surveys/prepare.html", **common, **_preparation(survey))
    by = request.args.get("by", "stratum")
    by = by if by in queries.STRATA else "stratum"
    monitor = queries.monitor(survey, by=by, zone=firm_timezone())
    has_results = access.is_visible(current_user, survey)
    # Not for the part that asks for itself: an analyst that nobody needs shall come to its end.
    if has_results and not is_htmx():
        kept.analyst().warm()
    return render(
        "surveys/monitor.html",
        fragment="monitor",
        also=("parts",),
        **common,
        by=by,
        monitor=monitor,
        waiting=_waiting(survey, monitor),
        preparing=queries.is_inviting(survey),
        strata=words.STRATA,
        part_name=part_name,
        has_results=has_results,
        # Reads everybody who has not finished: not for the part that asks for itself every few seconds.
        reminding=Outlook()
        if is_htmx() or survey.state != "live"
        else reminders.outlook(survey, now=clock.now()),
        extend_form=extend_form,
        conflict=conflict,
    )


@bp.post("/<int:survey_id>/<any(prepare, rework, launch, pause, resume, close):step>")
@requires(Permission.SURVEYS_RUN)
def take_step(survey_id: int, step: str) -> Any:
    """Move the survey on."""
    survey = queries.get(survey_id)
    extra: dict[str, Any] = {"mail_server_set": has_server()} if step in ("prepare", "launch") else {}
    attempt(
        lambda: STEPS[step](
            survey,
            seen=whole_number(request.form.get("version")),
            by=acting_user(),
            now=clock.now(),
            **extra,
        )
    )
    return redirect(url_for("surveys.show", survey_id=survey_id))


@bp.post("/<int:survey_id>/extend")
@requires(Permission.SURVEYS_RUN)
def extend(survey_id: int) -> Any:
    """Set another end."""
    survey, form = queries.get(survey_id), ExtendForm()
    if not form.validate():
        return _show(survey, form, status=422)
    try:
        service.extend(
            survey,
            closes_at=instant(form.closes_at.data),
            seen=whole_number(form.version.data),
            by=acting_user(),
            now=clock.now(),
        )
    except (Refused, Stale) as error:
        stored = ExtendForm(formdata=None, data=_end(survey))
        return _show(survey, form, conflict=unsaved(error, form, stored, survey), status=409)
    return redirect(url_for("surveys.show", survey_id=survey_id))


@bp.post("/<int:survey_id>/remind")
@requires(Permission.SURVEYS_RUN)
def remind(survey_id: int) -> Any:
    """Remind everybody who has not finished, now."""
    survey = queries.get(survey_id)
    by, now, knowingly = acting_user(), clock.now(), bool(request.form.get("knowingly"))
    attempt(lambda: flash_count(reminders.remind_now(survey, knowingly=knowingly, by=by, now=now)))
    return redirect(url_for("surveys.show", survey_id=survey_id))


@bp.post("/<int:survey_id>/release")
@requires(Permission.SURVEYS_RELEASE)
def release(survey_id: int) -> Any:
    """Let the departments see the results."""
    survey, by = queries.get(survey_id), acting_user()
    seen = whole_number(request.form.get("version"))
    attempt(lambda: service.release(survey, seen=seen, by=by, now=clock.now()))
    return redirect(url_for("surveys.show", survey_id=survey_id))


def attempt(step: Callable[[], object]) -> bool:
    """Take a step; a refusal becomes a sentence on the next page."""
    try:
        step()
    except (Refused, Stale) as refused:
        flash(refusal_text(refused), "error")
        return False
    return True


def unsaved(error: Refused | Stale, form: Form, stored: Form, survey: Survey) -> Conflict | None:
    """What a form says that was not stored: why not, or what somebody else has stored meanwhile."""
    if isinstance(error, Stale):
        change = last_change("survey", survey.id)
        return conflict_between(form, stored, change)
    form.form_errors = [refusal_text(error)]
    return None


def refusal_text(error: Refused | Stale) -> str:
    """Why a step was not taken."""
    return str(words.REFUSALS.get(error.code, words.REFUSALS["not_now"]))


def flash_count(count: int) -> None:
    """Say how many reminders were queued."""
    flash(_("Reminders queued: %(count)s.", count=count), "success")


def has_server() -> bool:
    """Whether mail leaves the house."""
    return current_app.config["HEED"].mail is not None


def part_name(by: str, label: str) -> str:
    """A stratum in words: its parts translated where they are codes."""
    if not label.strip("|"):
        return _("not stated")
    pieces = (str(words.PARTS.get(piece, piece)) for piece in label.split("|") if piece)
    return " · ".join(pieces) if by == "stratum" else str(words.PARTS.get(label, label))


def _waiting(survey: Survey, monitor: queries.Monitor) -> str:
    """Why nothing leaves at present, or ""."""
    due = monitor.next_due
    if survey.state != "live" or due is None or due - clock.now() < NOTEWORTHY_WAIT:
        return ""
    if survey.quiet_from == survey.quiet_until:
        return _("The next invitation leaves on %(time)s.", time=moment(due))
    return _(
        "The next invitation leaves on %(time)s. Between %(start)s and %(end)s no mails leave.",
        time=moment(due),
        start=hour(survey.quiet_from),
        end=hour(survey.quiet_until),
    )


def _preparation(survey: Survey) -> dict[str, Any]:
    now = clock.now()
    run = recipient_queries.dry_run(survey, now=now)
    items = queries.checklist(survey, mail_server_set=has_server(), now=now, run=run)
    return {
        "run": run,
        "items": items,
        "missing": rules.missing(items),
        "checks": words.CHECKS,
        "facts": launch_facts(survey, run, now=now) if run.included else [],
    }


def _form_page(
    form: SurveyForm, survey: Survey | None, *, conflict: Conflict | None = None, status: int | None = None
) -> Response:
    status = status or (422 if form.is_submitted() else 200)
    return render("surveys/form.html", form=form, survey=survey, conflict=conflict, status=status)


def _offer(form: SurveyForm, survey: Survey | None = None) -> None:
    series = [(str(s.id), in_language(s.name)) for s in queries.all_series()]
    if survey is None:
        series.append(("0", _("A new series …")))
    form.series.choices = options(series)
    form.version_id.choices = options(
        (
            str(v.id),
            _("%(title)s, version %(number)s", title=in_language(v.questionnaire.title), number=v.number),
        )
        for v in queries.published_versions()
    )


def _values(form: SurveyForm) -> dict[str, Any]:
    names = {"zh": form.name_zh.data, "en": form.name_en.data}
    return {
        "name": {lang: name for lang, name in names.items() if name},
        "version_id": form.version_id.data,
        "opens_at": instant(form.opens_at.data),
        "closes_at": instant(form.closes_at.data),
        "anonymous": bool(form.anonymous.data),
    }
