"""The form on the gallery: every kind of field, one of them wrong. It is never sent."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired

from app.web.forms import Form, options

KINDS = options([("enterprise", _l("Enterprise")), ("individual", _l("Individual"))])
LANGUAGES = options([("", _l("As the firm")), ("zh", _l("Chinese")), ("en", _l("English"))])


class GalleryForm(Form):
    """One field of each kind."""

    name = StringField(_l("Customer name"), [DataRequired(_l("Enter the customer's name."))])
    kind = RadioField(_l("Customer type"), choices=KINDS, default="enterprise")
    language = SelectField(_l("Language of mails"), choices=LANGUAGES, default="")
    since = DateField(_l("Customer since"))
    primary = BooleanField(_l("Primary contact"), description=_l("Surveys go to this person first."))
    facts = TextAreaField(_l("Further facts"))
    file = FileField(_l("File"))
