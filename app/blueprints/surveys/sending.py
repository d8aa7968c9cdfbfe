"""What the mails say, when they leave, and how they look."""

from datetime import time
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock
from app.blueprints.surveys import words
from app.blueprints.surveys.forms import SendingForm, TextForm
from app.blueprints.surveys.routes import bp, has_server, unsaved
from app.errors import Refused, Stale
from app.models import Survey
from app.queries import recipients as recipient_queries
from app.queries import surveys as queries
from app.rules import mail_texts
from app.rules.follow_ups import offered
from app.rules.permissions import Permission
from app.rules.questionnaire import parse
from app.rules.surveys import State
from app.services import deliveries as delivery_service
from app.services import surveys as service
from app.services.mail_contents.surveys import preview_contents
from app.services.sending.composing import LOCALES, render_texts
from app.web.access import requires
from app.web.conflicts import Conflict
from app.web.firm import present_firm
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.headers import mail_in_frame
from app.web.i18n import OWN_NAMES, page_language
from app.web.security import acting_user

FIELDS = {"invitation": "mail_texts", "reminder": "reminder_texts"}


@bp.get("/<int:survey_id>/texts")
@requires(Permission.SURVEYS_RUN)
def texts(survey_id: int) -> Response:
    """The texts, beginning with the invitation in the first language needed."""
    survey = queries.get(survey_id)
    language = _languages(survey)[0]
    return redirect(  # type: ignore[return-value]
        url_for("surveys.text", survey_id=survey_id, which="invitation", language=language)
    )


@bp.route(
    "/<int:survey_id>/texts/<any(invitation, reminder):which>/<any(zh, en):language>",
    methods=["GET", "POST"],
)
@requires(Permission.SURVEYS_RUN)
def text(survey_id: int, which: str, language: str) -> Any:
    """One text in one language, with its preview."""
    survey = queries.get(survey_id)
    going_on = request.form.get("then") == "on"
    if request.method == "GET":
        return _text_page(survey, TextForm(data=_text_fields(survey, which, language)), which, language)
    refused = _save_text(survey, which, language, only_changes=going_on)
    if refused is not None:
        return refused
    if going_on:
        return redirect(url_for("surveys.sending", survey_id=survey_id))
    flash(_("Saved."), "success")
    return redirect(url_for("surveys.text", survey_id=survey_id, which=which, language=language))


def _text_fields(survey: Survey, which: str, language: str) -> dict[str, Any]:
    """What the form holds of a text."""
    return {"version": survey.row_version, **getattr(survey, FIELDS[which]).get(language, {})}


def _save_text(survey: Survey, which: str, language: str, *, only_changes: bool) -> Response | None:
    """Store what was typed; the page with the reason when that can't be done.

    `only_changes` lets a text pass that is as it was: one that nobody needs may stay empty.
    """
    fields = _text_fields(survey, which, language)
    form = TextForm(data=fields)
    if not form.validate():
        return _text_page(survey, form, which, language, status=422)
    new = {"subject": form.subject.data or "", "body": (form.body.data or "").replace("\r\n", "\n")}
    if only_changes and new == {"subject": "", "body": ""} | getattr(survey, FIELDS[which]).get(language, {}):
        return None
    if _describe_problems(form, language, new):
        return _text_page(survey, form, which, language, status=422)
    values = {FIELDS[which]: {**getattr(survey, FIELDS[which]), language: new}}
    try:
        service.edit(
            survey, values=values, seen=whole_number(form.version.data), by=acting_user(), now=clock.now()
        )
    except (Refused, Stale) as error:
        conflict = unsaved(error, form, TextForm(formdata=None, data=fields), survey)
        return _text_page(survey, form, which, language, conflict=conflict, status=409)
    return None


@bp.get("/<int:survey_id>/texts/<any(invitation, reminder):which>/<any(zh, en):language>/preview")
@requires(Permission.SURVEYS_RUN)
def preview(survey_id: int, which: str, language: str) -> Response:
    """The mail as it will look, for the frame on the page."""
    return mail_in_frame(_rendered(queries.get(survey_id), which, language)["html"])


@bp.post("/<int:survey_id>/texts/<any(invitation, reminder):which>/<any(zh, en):language>/test")
@requires(Permission.SURVEYS_RUN)
def test_mail(survey_id: int, which: str, language: str) -> Any:
    """Store what was typed, then send it to me."""
    survey, me, firm = queries.get(survey_id), acting_user(), present_firm()
    if survey.state == State.DRAFT and "subject" in request.form:
        refused = _save_text(survey, which, language, only_changes=True)
        if refused is not None:
            return refused
    if firm is not None and firm.sender_address:
        delivery_service.send_test(survey, which=which, language=language, by=me, now=clock.now())
        arrives = _("A test mail to %(address)s is on its way.", address=me.email)
        flash(
            arrives if has_server() else _("No mail server is set: read the test mail among the kept mails."),
            "success",
        )
    else:
        flash(
            _("The firm has no sender address yet, so no mail can leave. It is entered in the settings."),
            "error",
        )
    return redirect(url_for("surveys.text", survey_id=survey_id, which=which, language=language))


@bp.route("/<int:survey_id>/sending", methods=["GET", "POST"])
@requires(Permission.SURVEYS_RUN)
def sending(survey_id: int) -> Any:
    """Pace, quiet hours, reminders."""
    survey = queries.get(survey_id)
    fields = {
        "version": survey.row_version,
        "pace_per_minute": survey.pace_per_minute,
        "quiet_from": _clock_time(survey.quiet_from),
        "quiet_until": _clock_time(survey.quiet_until),
        "reminder_after_days": survey.reminder_after_days,
        "reminder_limit": survey.reminder_limit,
        "follow_up_question": survey.follow_up_question,
        "follow_up_score": survey.follow_up_score,
    }
    form = _sending_form(survey, data=fields)
    if not form.validate_on_submit():
        return _sending_page(survey, form, status=422 if form.is_submitted() else 200)
    values = {
        "pace_per_minute": form.pace_per_minute.data,
        "quiet_from": form.quiet_from.data.hour * 60 + form.quiet_from.data.minute,
        "quiet_until": form.quiet_until.data.hour * 60 + form.quiet_until.data.minute,
        "reminder_after_days": form.reminder_after_days.data,
        "reminder_limit": form.reminder_limit.data,
        "follow_up_question": form.follow_up_question.data or "",
        "follow_up_score": form.follow_up_score.data if form.follow_up_question.data else None,
    }
    by, seen = acting_user(), whole_number(form.version.data)
    try:
        service.edit(survey, values=values, seen=seen, by=by, now=clock.now())
    except (Refused, Stale) as error:
        conflict = unsaved(error, form, _sending_form(survey, formdata=None, data=fields), survey)
        return _sending_page(survey, form, conflict=conflict, status=409)
    return redirect(url_for("surveys.show", survey_id=survey_id))


def _sending_form(survey: Survey, **kwargs: Any) -> SendingForm:
    questionnaire = parse(survey.questionnaire_version.content)
    able = {one.code: one for one in offered(questionnaire)}
    if kwargs["data"]["follow_up_question"] not in able:  # of another version, chosen before
        kwargs["data"] |= {"follow_up_question": "", "follow_up_score": None}
    form = SendingForm(**kwargs)
    lang = page_language()
    form.offer([(code, questionnaire.say(one.text, lang), one.bounds) for code, one in able.items()])
    return form


def _sending_page(
    survey: Survey, form: SendingForm, *, conflict: Conflict | None = None, status: int
) -> Response:
    return render("surveys/sending.html", survey=survey, form=form, conflict=conflict, status=status)


def _text_page(
    survey: Survey,
    form: TextForm,
    which: str,
    language: str,
    *,
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    return render(
        "surveys/text.html",
        survey=survey,
        form=form,
        conflict=conflict,
        which=which,
        language=language,
        needed=_languages(survey),
        own_names=OWN_NAMES,
        variables=mail_texts.VARIABLES,
        mail=_rendered(survey, which, language),
        status=status,
    )


def _describe_problems(form: TextForm, language: str, new: dict[str, str]) -> bool:
    """Put what is wrong beside its field; returns whether anything is."""
    found = mail_texts.problems({language: new}, [language])
    for problem in found:
        field = form[problem.field]
        sentence = str(words.TEXT_PROBLEMS[problem.code])
        field.errors = [*field.errors, sentence.replace("%(value)s", problem.value)]
    return bool(found)


def _languages(survey: Survey) -> list[str]:
    run = recipient_queries.dry_run(survey, now=clock.now())
    return queries.text_languages(survey, run.languages)


def _rendered(survey: Survey, which: str, language: str) -> dict[str, str]:
    """Subject, text and HTML of a text as stored; the default where nothing is stored yet."""
    name = {"zh": "王女士", "en": "Ms Wang"}[language]
    with force_locale(LOCALES[language]):
        return render_texts(
            "survey_test", preview_contents(survey, which=which, language=language, name=name)
        )


def _clock_time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
