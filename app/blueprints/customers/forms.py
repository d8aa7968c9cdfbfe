"""Forms of the customer register."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.models import Contact, Customer, Unit
from app.rules.customers.import_rows import MAX_ATTRIBUTE_NAME, MAX_LINE
from app.rules.customers.import_values import ValueProblem, parse_email, parse_lines, parse_phone
from app.services.customers.contacts import ContactFacts
from app.services.customers.register import CustomerFacts
from app.web.customer_words import problem_text
from app.web.forms import Form, options

KINDS = options([("enterprise", _l("Enterprise")), ("individual", _l("Individual"))])
LANGUAGES = options([("", _l("As the firm")), ("zh", _l("Chinese")), ("en", _l("English"))])
MAX_VALUE = 1000
SEPARATORS = (":", "：")


class Parsed:
    """Validator: replaces the field's text by what a parser of `rules.customers` makes of it."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        self.parse = parse

    def __call__(self, _form: Any, field: Field) -> None:
        """Refuse with the sentence of the problem's code."""
        try:
            field.data = self.parse(field.data) if field.data else ""
        except ValueProblem as problem:
            raise ValidationError(problem_text(problem.code, problem.params)) from None


class CustomerForm(Form):
    """Facts of one customer."""

    version = HiddenField()
    code = StringField(
        _l("Customer code"),
        [DataRequired(_l("Enter a customer code, such as C0042.")), Length(max=60)],
    )
    name = StringField(_l("Customer name"), [DataRequired(_l("Enter the customer's name.")), Length(max=200)])
    kind = RadioField(_l("Customer type"), choices=KINDS, default="enterprise")
    region = StringField(_l("Region"), [Length(max=80)])
    size = StringField(_l("Company size"), [Length(max=40)])
    lines = StringField(
        _l("Business lines"), [Length(max=500)], description=_l("Several are separated by commas.")
    )
    customer_since = DateField(_l("Customer since"), [Optional()])
    unit_id = SelectField(_l("Branch"), coerce=int, default=0)
    key_account = BooleanField(_l("Key account"))
    do_not_contact = BooleanField(
        _l("Do not contact"), description=_l("Nobody at this customer is invited to surveys.")
    )
    attributes = TextAreaField(
        _l("Further facts"),
        [Length(max=20_000)],
        description=_l("One on each line: name, colon, value. For example Industry: Catering"),
    )

    def offer_units(self, units: Iterable[Unit], lang: str) -> None:
        """Fill the choice of branches."""
        self.unit_id.choices = options([(0, _("None")), *((unit.id, unit.name_in(lang)) for unit in units)])

    def show(self, customer: Customer) -> None:
        """Fill the form from the row."""
        for name in ("code", "name", "kind", "region", "size", "customer_since"):
            self[name].data = getattr(customer, name)
        self.version.data = str(customer.version)
        self.key_account.data = customer.key_account
        self.do_not_contact.data = customer.do_not_contact
        self.unit_id.data = customer.unit_id or 0
        self.lines.data = "、".join(line.line for line in customer.lines)
        self.attributes.data = attribute_lines(customer.attributes)

    def validate_lines(self, field: Field) -> None:
        """Each business line fits into its column."""
        if any(len(line) > MAX_LINE for line in parse_lines(field.data or "")):
            raise ValidationError(_("A business line has at most %(limit)s characters.", limit=MAX_LINE))

    def validate_attributes(self, field: Field) -> None:
        """Each line has a name and a value."""
        for line in (field.data or "").splitlines():
            name, value = split_attribute(line)
            if not line.strip():
                continue
            if not name or not value:
                raise ValidationError(
                    _("Write a name, a colon and a value on the line “%(line)s”.", line=line[:60])
                )
            if len(name) > MAX_ATTRIBUTE_NAME or len(value) > MAX_VALUE or '"' in name:
                raise ValidationError(
                    _(
                        "Shorten the line “%(line)s”, and leave quotation marks out of its name.",
                        line=line[:60],
                    )
                )

    def facts(self) -> CustomerFacts:
        """What was typed, as the service takes it."""
        lines = (self.attributes.data or "").splitlines()
        return CustomerFacts(
            code=self.code.data or "",
            name=self.name.data or "",
            kind=self.kind.data,
            region=self.region.data or "",
            size=self.size.data or "",
            customer_since=self.customer_since.data,
            key_account=self.key_account.data,
            unit_id=self.unit_id.data or None,
            do_not_contact=self.do_not_contact.data,
            lines=parse_lines(self.lines.data or ""),
            attributes=dict(split_attribute(line) for line in lines if line.strip()),
        )


def split_attribute(line: str) -> tuple[str, str]:
    """Name and value of a line; either may be blank."""
    places = [place for mark in SEPARATORS if (place := line.find(mark)) >= 0]
    if not places:
        return line.strip(), ""
    return line[: min(places)].strip(), line[min(places) + 1 :].strip()


def attribute_lines(attributes: dict[str, str]) -> str:
    """Free attributes as the lines people edit."""
    return "\n".join(f"{name}：{value}" for name, value in attributes.items())


class ContactForm(Form):
    """One contact."""

    version = HiddenField()
    name = StringField(_l("Name of the person"), [Length(max=120)])
    email = StringField(_l("E-mail"), [Length(max=254), Parsed(parse_email)])
    phone = StringField(_l("Phone"), [Length(max=40), Parsed(parse_phone)])
    language = SelectField(_l("Language of mails"), choices=LANGUAGES, default="")
    is_primary = BooleanField(_l("Primary contact"), description=_l("Surveys go to this person first."))
    opted_out = BooleanField(_l("Opted out"), description=_l("This person gets no more surveys by mail."))

    def validate_name(self, field: Field) -> None:
        """A contact without anything is none."""
        if not (field.data or self.email.data or self.phone.data):
            raise ValidationError(_("Enter a name, an e-mail address or a phone number."))

    def show(self, contact: Contact) -> None:
        """Fill the form from the row."""
        for name in ("name", "email", "phone", "language", "is_primary"):
            self[name].data = getattr(contact, name)
        # Contacts have no version of their own: every change of one counts at the customer.
        self.version.data = str(contact.customer.version)
        self.opted_out.data = contact.opted_out_at is not None

    def facts(self) -> ContactFacts:
        """What was typed, as the service takes it."""
        return ContactFacts(
            name=self.name.data or "",
            email=self.email.data or "",
            phone=self.phone.data or "",
            language=self.language.data or "",
            is_primary=self.is_primary.data,
            opted_out=self.opted_out.data,
        )


class ServiceForm(Form):
    """One purchase or service."""

    on = DateField(_l("Date"), [DataRequired(_l("Choose the date of the service."))])
    what = StringField(_l("What was bought or done"), [Length(max=200)])


class SegmentForm(Form):
    """The name of a segment; its filters are read by `rules.segments`."""

    version = HiddenField()
    name = StringField(_l("Name"), [DataRequired(_l("Give the segment a name.")), Length(max=120)])


class UploadForm(Form):
    """A spreadsheet to bring in."""

    file = FileField(_l("Spreadsheet"), description=_l(".xlsx or .csv, at most 25 MB and 100,000 rows"))


class DecisionForm(Form):
    """What to do with a checked list."""

    mode = RadioField(
        _l("How to bring it in"),
        [InputRequired(_l("Choose how to bring the list in."))],
        choices=options(
            [
                ("all", _l("Everything or nothing")),
                ("good", _l("Good rows only; the others are left out and listed")),
            ]
        ),
    )
