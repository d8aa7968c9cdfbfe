"""Forms of the account pages."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.web.forms import EmailAddress, Form, options
from app.web.i18n import OWN_NAMES
from app.web.new_password import NEW_PASSWORD, refuse_weak

PRESENT_PASSWORD = {"autocomplete": "current-password"}


class SignInForm(Form):
    """Address and password."""

    email = StringField(
        _l("E-mail address"),
        [DataRequired(_l("Enter your e-mail address.")), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        _l("Password"),
        [DataRequired(_l("Enter your password.")), Length(max=4096)],
        render_kw=PRESENT_PASSWORD,
    )
    next = HiddenField()


class CodeForm(Form):
    """Six digits or a recovery code."""

    code = StringField(
        _l("Six digits or a recovery code"),
        [DataRequired(_l("Enter the code.")), Length(max=60)],
        render_kw={"autocomplete": "one-time-code", "autofocus": True},
    )


class ForgotPasswordForm(Form):
    """Where to send the link."""

    email = StringField(
        _l("E-mail address"),
        [DataRequired(_l("Enter your e-mail address.")), Length(max=254), EmailAddress()],
        render_kw={"type": "email", "autocomplete": "username", "autofocus": True},
    )


class NewPasswordForm(Form):
    """A new password, twice. `person` is the user it is for."""

    person: Any = None

    password = PasswordField(
        _l("New password"), [DataRequired(_l("Enter a new password."))], render_kw=NEW_PASSWORD
    )
    again = PasswordField(
        _l("New password again"), [DataRequired(_l("Enter the new password again."))], render_kw=NEW_PASSWORD
    )

    def validate_password(self, field: Any) -> None:
        """Long, varied, not personal."""
        refuse_weak(
            field.data,
            email=self.person.email if self.person else "",
            name=self.person.name if self.person else "",
        )

    def validate_again(self, field: Any) -> None:
        """The same text twice."""
        if field.data != self.password.data:
            raise ValidationError(_l("The two passwords differ."))


class ChangePasswordForm(NewPasswordForm):
    """The present password, and a new one."""

    present = PasswordField(
        _l("Current password"),
        [DataRequired(_l("Enter your present password.")), Length(max=4096)],
        render_kw=PRESENT_PASSWORD,
    )


class ProfileForm(Form):
    """What everybody may change about himself."""

    name = StringField(
        _l("Your name"),
        [DataRequired(_l("Enter your name.")), Length(max=120)],
        render_kw={"autocomplete": "name", "maxlength": 120},
    )
    language = RadioField(
        _l("Language"),
        [DataRequired(_l("Choose a language."))],
        choices=options(OWN_NAMES.items()),
    )
    theme = RadioField(
        _l("Appearance"),
        [DataRequired(_l("Choose an appearance."))],
        choices=options([("auto", _l("Automatic")), ("light", _l("Light")), ("dark", _l("Dark"))]),
    )


class ConfirmPasswordForm(Form):
    """The present password, before a step that weakens the account."""

    present = PasswordField(
        _l("Current password"),
        [DataRequired(_l("Enter your present password.")), Length(max=4096)],
        render_kw=PRESENT_PASSWORD,
    )


class SwitchOnForm(ConfirmPasswordForm):
    """The first code of the app proves that it was set up; the password, that it is the owner."""

    code = StringField(
        _l("Six digits from the app"),
        [DataRequired(_l("Enter the six digits.")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
