"""The forms customers fill in."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from app.blueprints.intake.words import KINDS
from app.web.forms import EmailAddress, Form, options

LONGEST = 5000
SCORES = [(str(number), str(number)) for number in range(1, 6)]


class Unbound(Form):
    """A form of somebody without a session; its stamp stands in for the token."""

    class Meta(Form.Meta):
        """As the base, without the token of a session."""

        csrf = False


class ComplainForm(Unbound):
    """What happened, and how we can answer."""

    kind = RadioField(
        _l("What do you want to tell us?"),
        choices=options(KINDS.items()),
        default="complaint",
        validate_choice=False,
    )
    content = TextAreaField(_l("What happened?"))
    # Text, so that what was typed comes back whatever it is.
    occurred_on = StringField(_l("When was it?"))
    category = SelectField(_l("What does it concern?"), coerce=int, default=0)
    name = StringField(_l("Your name"), [Length(max=120, message=_l("At most 120 characters."))])
    phone = StringField(_l("Telephone"), [Length(max=40, message=_l("At most 40 characters."))])
    email = StringField(
        _l("E-mail"), [Length(max=254, message=_l("At most 254 characters.")), EmailAddress()]
    )
    anonymous = BooleanField(_l("I would rather not say who I am"))
    today = date.max

    def validate_kind(self, field: Any) -> None:
        """One of the four."""
        if field.data not in KINDS:
            raise ValidationError(_l("Choose what it is."))

    def validate_content(self, field: Any) -> None:
        """Neither empty nor longer than anybody reads."""
        if not field.data:
            raise ValidationError(_l("Tell us what happened."))
        if len(field.data) > LONGEST:
            raise ValidationError(_l("At most 5,000 characters. You can send more in a second message."))

    def validate_occurred_on(self, field: Any) -> None:
        """A day that has been."""
        if not field.data:
            return
        day = day_of(field.data)
        if day is None:
            raise ValidationError(_l("Enter the day like 2026-10-12, or leave it empty."))
        if day > self.today:
            raise ValidationError(_l("This day is still to come. Check the date, or leave it empty."))

    def validate_email(self, field: Any) -> None:
        """Some way to answer, unless he wants none."""
        if not (self.anonymous.data or field.data or self.phone.data):
            raise ValidationError(
                _l("Give an e-mail address or a telephone number, or tick that you would rather not.")
            )


class AddForm(Unbound):
    """More on a case."""

    text = TextAreaField(_l("Your message"))

    def validate_text(self, field: Any) -> None:
        """As the form above; whether it may be empty depends on the files."""
        if len(field.data or "") > LONGEST:
            raise ValidationError(_l("At most 5,000 characters. You can send more in a second message."))


class AnswerForm(Unbound):
    """The verdict on a solution."""

    solved = RadioField(
        _l("Is it solved?"),
        choices=options([("yes", _l("Yes, solved")), ("no", _l("No, not solved"))]),
        validate_choice=False,
    )
    words = TextAreaField(_l("What is still missing, or what would you like to tell us?"))
    solution = RadioField(
        _l("How satisfied are you with the solution?"), choices=options(SCORES), validate_choice=False
    )
    handling = RadioField(
        _l("And with the way we dealt with it?"), choices=options(SCORES), validate_choice=False
    )

    def validate_solved(self, field: Any) -> None:
        """One of the two; `validate_choice` would speak of choices."""
        if field.data not in ("yes", "no"):
            raise ValidationError(_l("Choose whether it is solved."))

    def validate_words(self, field: Any) -> None:
        """Whoever takes it up again has to know where."""
        if self.solved.data == "no" and not field.data:
            raise ValidationError(_l("Tell us in a few words what is still missing."))
        if len(field.data or "") > LONGEST:
            raise ValidationError(_l("At most 5,000 characters. You can send more in a second message."))


def day_of(text: str) -> date | None:
    """The day of a date field; None when it is none."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
