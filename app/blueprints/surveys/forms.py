"""Forms of the survey pages."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.blueprints.surveys.words import CHANNELS
from app.rules.mail_texts import BODY_LIMIT, SUBJECT_LIMIT
from app.rules.surveys import PACE_LIMITS
from app.web.forms import Form, options
from app.web.i18n import firm_timezone

LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def instant(local: datetime) -> datetime:
    """A local time of a form as an instant."""
    return local.replace(tzinfo=firm_timezone()).astimezone(UTC)


def local(moment: datetime) -> datetime:
    """An instant as the local time for a form."""
    return moment.astimezone(firm_timezone()).replace(tzinfo=None)


class SurveyForm(Form):
    """What a survey is: names, series, questionnaire, time."""

    version = HiddenField()
    name_zh = StringField(_l("Name in Chinese"), [Length(max=120)])
    name_en = StringField(_l("Name in English"), [Length(max=120)])
    series = SelectField(_l("Series"), coerce=int, description=_l("Surveys of one series are compared."))
    series_name = StringField(
        _l("Name of the new series"),
        [Length(max=120)],
        description=_l("Needed when you choose a new series."),
    )
    version_id = SelectField(
        _l("Questionnaire"), coerce=int, validators=[InputRequired(_l("Choose a questionnaire."))]
    )
    opens_at = DateTimeLocalField(
        _l("Opens"), [InputRequired(_l("Say when the survey opens."))], format=LOCAL
    )
    closes_at = DateTimeLocalField(
        _l("Closes"), [InputRequired(_l("Say when the survey closes."))], format=LOCAL
    )
    anonymous = BooleanField(
        _l("Anonymous"),
        description=_l("Answers are kept without any connection to the person. This can't be undone."),
    )

    def validate_name_zh(self, field: Any) -> None:
        """One of the two names is needed."""
        if not field.data and not self.name_en.data:
            raise ValidationError(_l("Enter a name in at least one language."))

    def validate_series_name(self, field: Any) -> None:
        """A new series needs a name."""
        if self.series.data == 0 and not field.data:
            raise ValidationError(_l("Enter a name for the new series, such as “Yearly customer survey”."))

    def validate_closes_at(self, field: Any) -> None:
        """The end lies after the beginning."""
        if self.opens_at.data and field.data and field.data <= self.opens_at.data:
            raise ValidationError(_l("The survey must close after it opens."))


class RecipientsForm(Form):
    """Whom to ask by mail."""

    version = HiddenField()
    segment = SelectField(_l("Segment"), coerce=int)


class TextForm(Form):
    """One mail text in one language."""

    version = HiddenField()
    subject = StringField(_l("Subject"), [Length(max=SUBJECT_LIMIT)])
    body = TextAreaField(_l("Text"), [Length(max=BODY_LIMIT)], render_kw={"rows": 16})


class SendingForm(Form):
    """Pace, quiet hours, reminders."""

    version = HiddenField()
    pace_per_minute = IntegerField(
        _l("Mails per minute"),
        [
            InputRequired(_l("Enter a whole number from 1 to 6000.")),
            NumberRange(*PACE_LIMITS, _l("Enter a whole number from 1 to 6000.")),
        ],
        description=_l("Many mail providers allow 60 or fewer."),
        render_kw={"inputmode": "numeric"},
    )
    quiet_from = TimeField(_l("No mails from"), [InputRequired(_l("Enter a time such as 21:00."))])
    quiet_until = TimeField(
        _l("No mails until"),
        [InputRequired(_l("Enter a time such as 08:00."))],
        description=_l("The same time twice: mails at any hour."),
    )
    reminder_after_days = IntegerField(
        _l("Days before a reminder"),
        [
            InputRequired(_l("Enter a whole number from 1 to 60.")),
            NumberRange(1, 60, _l("Enter a whole number from 1 to 60.")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    reminder_limit = IntegerField(
        _l("Reminders, at most"),
        [
            InputRequired(_l("Enter a whole number from 0 to 5.")),
            NumberRange(0, 5, _l("Enter a whole number from 0 to 5.")),
        ],
        description=_l("0 means no automatic reminders."),
        render_kw={"inputmode": "numeric"},
    )
    follow_up_question = SelectField(_l("After a low score for"))
    follow_up_score = IntegerField(
        _l("Low means at most"),
        [Optional()],
        description=_l("For example 2 of 5, or 6 of 10."),
        render_kw={"inputmode": "numeric"},
    )

    def offer(self, questions: Sequence[tuple[str, str, tuple[int, int]]]) -> None:
        """Fill the list of questions: code, words, smallest and largest score."""
        self.bounds = {code: bounds for code, _words, bounds in questions}
        self.follow_up_question.choices = options(
            [("", _l("Nobody is asked")), *((code, words) for code, words, _bounds in questions)]
        )

    def validate_follow_up_question(self, field: Any) -> None:
        """With a question goes a score."""
        if field.data and self.follow_up_score.data is None:
            raise ValidationError(_l("Say up to which score it counts as low."))

    def validate_follow_up_score(self, field: Any) -> None:
        """A score that can be given, and not the best one."""
        if not self.follow_up_question.data:
            return
        low, high = self.bounds.get(self.follow_up_question.data, (0, 10))
        if field.data is not None and not low <= field.data < high:
            raise ValidationError(_l("Enter a score of this question that is not its best one."))


class ExtendForm(Form):
    """A new end."""

    version = HiddenField()
    closes_at = DateTimeLocalField(
        _l("New end"), [InputRequired(_l("Say when the survey closes."))], format=LOCAL
    )


class LinkForm(Form):
    """A new open link."""

    label = StringField(
        _l("Where it will be placed"),
        [DataRequired(_l("Say where the link will be, such as “Poster, branch Binjiang”.")), Length(max=120)],
    )
    channel = SelectField(_l("Channel"), choices=options(CHANNELS.items()))
    unit = SelectField(_l("Branch or department"), coerce=int, validators=[Optional()])
