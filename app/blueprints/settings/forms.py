"""Forms of the settings pages."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from app.blueprints.settings.words import KIND_NAMES
from app.web.forms import CheckboxesField, EmailAddress, Form, TimeZone, options
from app.web.i18n import OWN_NAMES
from app.web.role_words import ROLE_NAMES

LANGUAGES = options(OWN_NAMES.items())


class FirmForm(Form):
    """The firm's settings. `version` is the one the person has seen."""

    version = HiddenField()
    name = StringField(
        _l("Name of the firm"), [DataRequired(_l("Enter the name of the firm.")), Length(max=120)]
    )
    name_en = StringField(_l("Name in English"), [Length(max=120)])
    language = RadioField(
        _l("Language of mails and of new users"),
        [DataRequired(_l("Choose a language."))],
        choices=LANGUAGES,
    )
    timezone = StringField(
        _l("Time zone"), [DataRequired(_l("Enter a time zone.")), Length(max=64), TimeZone()]
    )
    sender_address = StringField(
        _l("Sender address of mails"),
        [Length(max=254), EmailAddress()],
        description=_l("Needed before the first survey can be sent."),
        render_kw={"type": "email"},
    )
    reply_address = StringField(
        _l("Address for replies"),
        [Length(max=254), EmailAddress()],
        render_kw={"type": "email"},
        description=_l("If empty, replies go to the sender address."),
    )
    contact_name = StringField(
        _l("Person customers can reach"),
        [Length(max=120)],
        description=_l("Shown on every questionnaire and in every mail."),
    )
    contact_phone = StringField(_l("Telephone of that person"), [Length(max=40)], render_kw={"type": "tel"})
    contact_email = StringField(
        _l("E-mail of that person"), [Length(max=254), EmailAddress()], render_kw={"type": "email"}
    )
    minimum_group = IntegerField(
        _l("Smallest group shown"),
        [
            InputRequired(_l("Enter a whole number from 5 to 50.")),
            NumberRange(5, 50, _l("Enter a whole number from 5 to 50.")),
        ],
        description=_l("Results of fewer answers are hidden, so that nobody can be recognised."),
        render_kw={"inputmode": "numeric"},
    )
    fatigue_days = IntegerField(
        _l("Days of rest between two invitations"),
        [
            InputRequired(_l("Enter a whole number from 0 to 365.")),
            NumberRange(0, 365, _l("Enter a whole number from 0 to 365.")),
        ],
        description=_l("Nobody is invited again any sooner."),
        render_kw={"inputmode": "numeric"},
    )


class UserForm(Form):
    """A user's data, roles and units."""

    version = HiddenField()
    name = StringField(
        _l("Name of the person"), [DataRequired(_l("Enter the name of the person.")), Length(max=120)]
    )
    email = StringField(
        _l("E-mail address"),
        [DataRequired(_l("Enter the e-mail address.")), Length(max=254), EmailAddress()],
        render_kw={"type": "email", "autocomplete": "off"},
    )
    language = RadioField(_l("Language"), [DataRequired(_l("Choose a language."))], choices=LANGUAGES)
    roles = CheckboxesField(_l("Roles"), choices=options(ROLE_NAMES.items()))
    units = CheckboxesField(_l("Units"), coerce=int)
    active = BooleanField(
        _l("May sign in"), description=_l("Without this tick the account sleeps; nothing is deleted.")
    )

    def validate_roles(self, field: Any) -> None:
        """Somebody without a role could open nothing."""
        if not field.data:
            raise ValidationError(_l("Choose at least one role."))


class UnitForm(Form):
    """A department or branch."""

    version = HiddenField()
    name = StringField(_l("Name of the unit"), [DataRequired(_l("Enter the name.")), Length(max=120)])
    name_en = StringField(_l("Name in English"), [Length(max=120)])
    kind = RadioField(_l("Kind"), [DataRequired(_l("Choose a kind."))], choices=options(KIND_NAMES.items()))
    code = StringField(
        _l("Code"),
        [Length(max=40)],
        description=_l("The short name used in spreadsheets. If empty, Heed makes one."),
    )
    parent = SelectField(_l("Belongs to"), coerce=int)
    active = BooleanField(
        _l("In use"), description=_l("A unit that is switched off keeps its history and gets nothing new.")
    )
