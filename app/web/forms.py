"""The base of the features' forms: texts hold nothing that a database or a page can't hold."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget


class Form(FlaskForm):
    """A form whose text fields are cleaned before anything looks at them."""

    class Meta(FlaskForm.Meta):
        """Cleans every text field but passwords, where a space at the edge may be meant."""

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """Add the cleaning filter when the field is made."""
            if issubclass(unbound_field.field_class, StringField) and not issubclass(
                unbound_field.field_class, PasswordField
            ):
                lines = issubclass(unbound_field.field_class, TextAreaField)
                given = unbound_field.kwargs.get("filters", ())
                options = {**options, "filters": [cleaned_lines if lines else cleaned, *given]}
                unbound_field = type(unbound_field)(
                    unbound_field.field_class,
                    *unbound_field.args,
                    name=unbound_field.name,
                    **{k: v for k, v in unbound_field.kwargs.items() if k != "filters"},
                )
            return unbound_field.bind(form=form, **options)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Run the validators; lazy sentences become plain text, which the macros tell from nested errors."""
        good = bool(super().validate(extra_validators))
        for field in self:
            field.errors = [e if isinstance(e, (dict, list, tuple)) else str(e) for e in field.errors]
        return good


def cleaned(text: str | None) -> str | None:
    """One line: control characters become spaces, lone surrogates vanish, edges are trimmed."""
    if not isinstance(text, str):
        return text
    return "".join(" " if _is_control(c) else c for c in text if not _is_surrogate(c)).strip()


def cleaned_lines(text: str | None) -> str | None:
    """Several lines: as `cleaned`, but line breaks and tabs stay."""
    if not isinstance(text, str):
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in plain if not _is_surrogate(c))
    return "".join(" " if _is_control(c) and c not in "\n\t" else c for c in kept).strip()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"


def _is_surrogate(character: str) -> bool:
    return unicodedata.category(character) == "Cs"


class EmailAddress:
    """Validator: an address mail can be sent to; stores it in lower case with an ASCII or IDN domain."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Refuse with a sentence, or normalise `field.data`."""
        if not field.data:
            return
        try:
            found = validate_email(field.data, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError:
            raise ValidationError(_l("Enter an e-mail address such as lin@example.com.")) from None
        field.data = found.normalized.lower()


class TimeZone:
    """Validator: a name of the time zone database."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Refuse with a sentence."""
        if field.data and field.data not in available_timezones():
            raise ValidationError(_l("Choose a time zone from the list, such as Asia/Shanghai."))


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a field from pairs of value and text."""
    return [SelectChoice(value, label) for value, label in pairs]


class CheckboxesField(SelectMultipleField):
    """Several choices as tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def whole_number(text: str | None) -> int:
    """The number in a hidden field; -1 for anything that is none, so that it fits no row."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else -1
