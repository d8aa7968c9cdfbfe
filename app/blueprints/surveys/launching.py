"""What a launch will do, told before the button is pressed."""

from datetime import datetime, timedelta

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from app.models import Survey
from app.queries import surveys as queries
from app.queries.recipients import DryRun
from app.rules.sending_time import next_allowed
from app.services.mail_contents.surveys import preview_contents
from app.services.sending.composing import LOCALES
from app.web.filters import moment, number
from app.web.firm import present_firm
from app.web.i18n import HTML_LANGS, OWN_NAMES, firm_timezone, page_language

# unescaped: format() escapes what is put in.
SPOKEN = Markup('<span lang="{}">{}</span>')


def launch_facts(survey: Survey, run: DryRun, *, now: datetime) -> list[tuple[str, str]]:
    """When the first mail leaves, at what pace, when none leave, who is reminded, who writes, and under which subject."""
    firm = present_firm()
    sender = f"{firm.name_in(page_language())} <{firm.sender_address}>" if firm else ""
    return [
        (_("First mail leaves"), _first(survey, now)),
        (_("Pace"), _pace(survey, run.included)),
        (_("Quiet hours"), quiet_hours(survey) or _("None: mails leave at any hour")),
        (_("Reminders"), _reminders(survey)),
        (_("Sender"), sender),
        *_subjects(survey, run),
    ]


def quiet_hours(survey: Survey) -> str:
    """Between which hours no mail leaves, or ""."""
    if survey.quiet_from == survey.quiet_until:
        return ""
    return f"{hour(survey.quiet_from)} – {hour(survey.quiet_until)}"


def hour(minute: int) -> str:
    """A local minute of the day as a clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _first(survey: Survey, now: datetime) -> str:
    due = next_allowed(max(now, survey.opens_at), survey.quiet_from, survey.quiet_until, firm_timezone())
    return _("at once") if due <= now else moment(due)


def _pace(survey: Survey, mails: int) -> str:
    minutes = max(1, round(mails / survey.pace_per_minute))
    takes = timedelta(minutes=minutes)
    pace = _("%(count)s a minute", count=number(survey.pace_per_minute, 0))
    if takes < timedelta(hours=2):
        return f"{pace} · " + ngettext("about one minute in all", "about %(num)d minutes in all", minutes)
    return f"{pace} · " + _(
        "about %(hours)s hours in all, quiet hours not counted", hours=number(minutes / 60)
    )


def _reminders(survey: Survey) -> str:
    if survey.reminder_limit == 0:
        return _("None by themselves")
    return ngettext(
        "%(num)d, %(days)s days after the mail before", "At most %(num)d, each %(days)s days after the mail before",
        survey.reminder_limit, days=survey.reminder_after_days,
    )  # fmt: skip


def _subjects(survey: Survey, run: DryRun) -> list[tuple[str, str]]:
    languages = queries.text_languages(survey, run.languages)
    return [
        (
            _("Subject (%(language)s)", language=OWN_NAMES[language]),
            SPOKEN.format(HTML_LANGS[language], _subject(survey, language) or "–"),
        )
        for language in languages
    ]


def _subject(survey: Survey, language: str) -> str:
    with force_locale(LOCALES[language]):
        contents = preview_contents(survey, which="invitation", language=language, name="{name}")
    return str(contents["subject"])
