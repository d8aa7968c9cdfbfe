"""The form of the first run."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.web.forms import EmailAddress, Form, TimeZone, options
from app.web.i18n import OWN_NAMES
from app.web.new_password import NEW_PASSWORD, refuse_weak


class SetUpForm(Form):
    """The firm, and the first administrator."""

    name = StringField(
        _l("Name of the firm"),
        [DataRequired(_l("Enter the name of the firm.")), Length(max=120)],
        render_kw={"autocomplete": "organization", "maxlength": 120},
    )
    name_en = StringField(_l("Name in English"), [Length(max=120)], render_kw={"maxlength": 120})
    language = RadioField(
        _l("Language of mails and of new users"),
        [DataRequired(_l("Choose a language."))],
        choices=options(OWN_NAMES.items()),
    )
    timezone = StringField(
        _l("Time zone"),
        [DataRequired(_l("Enter a time zone.")), Length(max=64), TimeZone()],
        render_kw={"list": "timezones"},
        description=_l("For example Asia/Shanghai or Europe/Berlin."),
    )
    contact_name = StringField(
        _l("Person customers can reach"),
        [Length(max=120)],
        description=_l("Shown on every questionnaire and in every mail."),
    )
    contact_phone = StringField(_l("Telephone of that person"), [Length(max=40)], render_kw={"type": "tel"})
    sender_address = StringField(
        _l("Sender address of mails"),
        [Length(max=254), EmailAddress()],
        description=_l("Needed before the first survey can be sent."),
        render_kw={"type": "email"},
    )
    user_name = StringField(
        _l("Your name"),
        [DataRequired(_l("Enter your name.")), Length(max=120)],
        render_kw={"autocomplete": "name", "maxlength": 120},
    )
    email = StringField(
        _l("Your e-mail address"),
        [DataRequired(_l("Enter your e-mail address.")), Length(max=254), EmailAddress()],
        render_kw={"type": "email", "autocomplete": "username"},
        description=_l("You sign in with it."),
    )
    password = PasswordField(
        _l("Password"),
        [DataRequired(_l("Enter a password."))],
        render_kw=NEW_PASSWORD,
        description=_l("At least ten characters. A short sentence is easy to remember and hard to guess."),
    )
    again = PasswordField(
        _l("Password again"), [DataRequired(_l("Enter the password again."))], render_kw=NEW_PASSWORD
    )
    does_everything = BooleanField(
        _l("One person does everything here"),
        description=_l(
            "You get all roles. Otherwise you administer, and give the other roles to colleagues."
        ),
    )
    demonstration = BooleanField(
        _l("Load demonstration data"),
        description=_l("An invented service group with customers, three yearly surveys and their answers."),
    )

    def validate_password(self, field: Any) -> None:
        """Long, varied, not personal."""
        refuse_weak(field.data, email=self.email.data or "", name=self.user_name.data or "")

    def validate_again(self, field: Any) -> None:
        """The same text twice."""
        if field.data != self.password.data:
            raise ValidationError(_l("The two passwords differ."))
