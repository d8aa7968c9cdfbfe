"""Forms of feedback and of the steps of a case."""

import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.blueprints.complaints import words
from app.models import Complaint, Unit, User
from app.queries.complaints.trees import Tree
from app.web.forms import EmailAddress, Form, options
from app.web.i18n import OWN_NAMES, firm_timezone

LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
NOBODY = "nobody"
LONGEST_TEXT = 10_000
MEANT = Length(max=LONGEST_TEXT, message=_l("This text is too long: at most 10,000 characters."))
SCORES = [("", _l("no score")), *((str(score), str(score)) for score in (5, 4, 3, 2, 1))]


def instant(local: datetime) -> datetime:
    """A local time of a form as an instant."""
    return local.replace(tzinfo=firm_timezone()).astimezone(UTC)


def tree_options(tree: Tree, kind: str, lang: str, *, also: int | None = None) -> list[tuple[str, str]]:
    """The entries of a tree that can be chosen, further in the deeper they stand."""
    return [("", "–")] + [
        (str(one.id), "　" * depth + one.name_in(lang)) for one, depth in tree.offered(kind, also=also)
    ]


def unit_options(units: Iterable[Unit], lang: str) -> list[tuple[str, str]]:
    """Units that can be chosen."""
    return [("", "–")] + [(str(unit.id), unit.name_in(lang)) for unit in units]


def number_of(field: Field) -> int | None:
    """The id that is chosen in a list, None where nothing is."""
    return int(field.data) if field.data else None


def area(label: Any, *validators: Any, rows: int = 3, **more: Any) -> TextAreaField:
    """A text of some lines."""
    return TextAreaField(label, [*validators, MEANT], render_kw={"rows": rows}, **more)


class FeedbackForm(Form):
    """What a customer tells, as it is typed while he talks."""

    key = HiddenField(validators=[DataRequired(), Length(max=43)])
    kind = RadioField(_l("What is it?"), choices=options(words.KINDS.items()), default="complaint")
    customer_words = StringField(_l("Customer"), [Length(max=100)])
    customer = HiddenField()
    contact_name = StringField(_l("Who is speaking"), [Length(max=120)])
    contact_phone = StringField(
        _l("Telephone"), [Length(max=40)], render_kw={"inputmode": "tel", "autocomplete": "off"}
    )
    contact_email = StringField(
        _l("E-mail"), [Length(max=254), EmailAddress()], render_kw={"inputmode": "email"}
    )
    content = area(
        _l("What did the customer say?"), DataRequired(_l("Write down what the customer said.")), rows=5
    )
    category = SelectField(_l("Category"), [InputRequired(_l("Choose a category from the list."))])
    unit = SelectField(_l("Which unit is it about?"))
    severity = RadioField(_l("Severity"), choices=options(words.SEVERITIES.items()), default="general")
    channel = SelectField(_l("How did it reach us?"), choices=options(words.CHANNELS.items()))
    occurred_on = DateField(_l("Purchase or service on"), [Optional()])
    received_at = DateTimeLocalField(
        _l("Received at"), [InputRequired(_l("Say when it was received."))], format=LOCAL
    )
    language = SelectField(_l("Language of the customer"), choices=options(OWN_NAMES.items()))
    about = SelectField(
        _l("Is it about one of us?"), description=_l("That person will never see the case nor get it.")
    )
    acknowledged = BooleanField(
        _l("The customer knows that we are dealing with it"),
        description=_l("Stops the clock for the first answer."),
        default=True,
    )

    def offer(self, tree: Tree, units: Iterable[Unit], staff: Iterable[User], lang: str) -> None:
        """Fill the lists."""
        self.category.choices = options(tree_options(tree, "category", lang))
        self.unit.choices = options(unit_options(units, lang))
        self.about.choices = options([("", "–")] + [(str(user.id), user.name) for user in staff])

    def begin_from_origin(self) -> None:
        """What it grew out of says how and when it came; what is left to say is whether the sender is told."""
        self.acknowledged.label.text = _l("Send number and link to the customer's address")
        self.acknowledged.description = _l(
            "Only now does he hear from us. It stops the clock for the first answer."
        )

    def validate_occurred_on(self, field: Field) -> None:
        """What has not happened yet can't be told of."""
        if field.data and self.received_at.data and field.data > self.received_at.data.date():
            raise ValidationError(_l("That day is after the receipt. Correct one of the two."))


def new_key() -> str:
    """What makes the sending of a form one of a kind."""
    return secrets.token_urlsafe(16)


class StepForm(Form):
    """A step of a case. Several stand on one page, so that their ids carry the step."""

    version = HiddenField()
    key = HiddenField(validators=[Length(max=24)])

    def __init__(self, step: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            field.id = f"{step}-{field.short_name}"
            field.label.field_id = field.id

    def prepare(self, complaint: Complaint) -> None:
        """Remember which state of the case is seen, and what makes this sending one of a kind."""
        self.version.data = str(complaint.version)
        self.key.data = self.key.data or new_key()


class NothingForm(StepForm):
    """A step that needs nothing said."""


class ReasonForm(StepForm):
    """A step that needs a reason."""

    reason = area(_l("Why?"), DataRequired(_l("Say why.")), rows=2)


class TextForm(StepForm):
    """A note."""

    text = area(_l("Note"), DataRequired(_l("Write something first.")))


def reply_channels() -> list[Any]:
    """How somebody can be told something."""
    return options((code, words.CHANNELS[code]) for code in words.REPLY_CHANNELS)


class MessageForm(StepForm):
    """What was said between the customer and us."""

    text = area(_l("What was said"), DataRequired(_l("Write something first.")))
    channel = SelectField(_l("How we spoke"), choices=reply_channels())


class ReplyForm(MessageForm):
    """What was told to the customer, now or before."""

    at = DateTimeLocalField(
        _l("When"), [Optional()], format=LOCAL, description=_l("Leave this open for now.")
    )


class AssignForm(StepForm):
    """Which unit gets it, and who there."""

    unit = SelectField(_l("Unit"), [InputRequired(_l("Choose a unit."))])
    handler = SelectField(_l("Handler"), description=_l("Leave this open to let the unit decide."))
    reason = area(_l("Message to the unit"), rows=2)


class TransferForm(AssignForm):
    """As assigning, but it has to be said why."""

    reason = area(_l("Why?"), DataRequired(_l("Say why.")), rows=2)


class ClassifyForm(StepForm):
    """What it is about, and how bad it is."""

    category = SelectField(_l("Category"), [InputRequired(_l("Choose a category from the list."))])
    severity = SelectField(_l("Severity"), choices=options(words.SEVERITIES.items()))


class BulkClassifyForm(StepForm):
    """What shall become the same in many cases; what is left open stays as it is in each."""

    category = SelectField(_l("Category"))
    severity = SelectField(
        _l("Severity"), choices=options([("", _l("leave as it is")), *words.SEVERITIES.items()])
    )


class WaitForm(StepForm):
    """For whom, what for, until when."""

    party = RadioField(_l("For whom?"), choices=options(words.PARTIES.items()), default="customer")
    what = area(_l("What for?"), DataRequired(_l("Say what you wait for.")), rows=2)
    until = DateField(_l("Until"), [InputRequired(_l("Say until when you wait."))])

    def until_instant(self) -> datetime:
        """The end of that day in the firm's zone."""
        day: date = self.until.data
        return datetime(day.year, day.month, day.day, 23, 59, tzinfo=firm_timezone()).astimezone(UTC)


class ResolveForm(StepForm):
    """What was found, done, told, and learnt."""

    result = area(_l("What was found and done"))
    remedy = area(_l("What the customer gets"), rows=2)
    reply = area(_l("Answer to the customer"))
    told = SelectField(_l("Has the customer been told?"))
    cause = SelectField(_l("Root cause"))
    cause_text = area(_l("The cause in words"), rows=2)
    prevention = area(_l("How it is prevented from now on"), rows=2)
    no_prevention_because = area(_l("Or: why there is nothing to prevent"), rows=2)


class CallbackForm(StepForm):
    """One attempt to ask the customer."""

    channel = SelectField(_l("How we spoke"), choices=reply_channels())
    answer = RadioField(
        _l("What does the customer say?"),
        [InputRequired(_l("Choose what the customer says, or that nobody was reached."))],
        choices=options([*words.SATISFACTIONS.items(), (NOBODY, _l("Nobody was reached"))]),
    )
    solution_score = SelectField(_l("Score for the solution"), choices=options(SCORES))
    handling_score = SelectField(_l("Score for the handling"), choices=options(SCORES))
    words = area(_l("In the customer's words"), rows=2)
    handler = SelectField(
        _l("If it goes on: who takes over"), description=_l("Used only if the customer is not satisfied.")
    )


class CloseForm(StepForm):
    """With which outcome."""

    outcome = RadioField(
        _l("Outcome"),
        [InputRequired(_l("Choose an outcome."))],
        choices=options((code, words.OUTCOMES[code]) for code in words.CLOSING_OUTCOMES),
    )
    reason = area(_l("Reason"), rows=2)


class OtherCaseForm(StepForm):
    """Another case, from the list of likely ones or by its number."""

    other = SelectField(_l("Which case?"), description=_l("Other cases of this customer, and similar ones."))
    number = StringField(_l("Or its number"), [Length(max=20)])

    def chosen(self) -> str:
        """The number of the other case as it was given; a typed one counts more than the list."""
        return self.number.data or self.other.data or ""


class MergeForm(OtherCaseForm):
    """Into which case this one goes."""

    reason = area(_l("Why?"), rows=2)
    sure = BooleanField(
        _l("Merge even if different people complained"),
        description=_l("Our answers then go only to whoever the other case belongs to."),
    )


class ReopenForm(ReasonForm):
    """Why, and who goes on with it."""

    handler = SelectField(_l("Handler"))
