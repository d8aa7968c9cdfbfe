"""What invitations, reminders and test mails say.

Invitations and reminders leave in thousands: `services.sending.composing` renders each text once a batch
and puts the names and links in, so they have no entry of their own in the registry.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import format_date
from sqlalchemy import select

from app.extensions import db
from app.models import Delivery, Firm, Survey
from app.rules import mail_texts
from app.services.mail_contents import register


@register("survey_test")
def survey_test(delivery: Delivery) -> dict[str, Any]:
    """The mail as recipients will see it, to a member of staff; its link leads to the preview."""
    survey = db.session.get_one(Survey, delivery.survey_id)
    return preview_contents(
        survey,
        which=str(delivery.params["which"]),
        language=delivery.language,
        name=str(delivery.params["name"]),
    )


# A survey that was never mailed has none; its pages open all the same.
NO_TEXT = {"subject": "", "body": ""}


def preview_contents(survey: Survey, *, which: str, language: str, name: str) -> dict[str, Any]:
    """Variables of an invitation or reminder (`which`) without a recipient."""
    address = preview_url(survey.version_id)
    return contents(survey, which == "reminder", language=language, name=name, link=address, leave=address)


def preview_url(version_id: int) -> str:
    """Where staff can try a questionnaire; nothing typed there is kept."""
    return f"{current_app.config['HEED'].base_url}/preview/{version_id}/1"


def contents(
    survey: Survey, reminder: bool, *, language: str, name: str, link: str, leave: str
) -> dict[str, Any]:
    """Variables of the survey's mail for one person; `leave` is the address for unsubscribing."""
    firm = db.session.scalars(select(Firm)).one()
    texts = survey.reminder_texts if reminder else survey.mail_texts
    text = texts.get(language) or next(iter(texts.values()), NO_TEXT)
    closes = (survey.closes_at - timedelta(seconds=1)).astimezone(ZoneInfo(firm.timezone))
    values = {
        "name": name,
        "firm": firm.name_in(language),
        "survey": survey.name.get(language) or next(iter(survey.name.values()), ""),
        "link": link,
        "closing_date": format_date(closes.date(), "long"),
        "minutes": str(survey.questionnaire_version.content.get("minutes") or 3),
    }
    return {
        "firm": firm,
        "lang": language,
        "subject": mail_texts.fill_subject(text["subject"], values),
        "paragraphs": mail_texts.paragraphs(text["body"], values),
        "link": link,
        "unsubscribe": leave,
        "reminder": reminder,
    }
