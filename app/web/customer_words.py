"""How the fields of a customer list and the problems of its cells are called.

Said by the pages of the register and by the worker, which writes the bad rows as a spreadsheet: two doors that
don't know each other, so it stands in the layer both may use. What only the pages say is in their `words.py`.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

FIELDS = {
    "code": _l("Customer code"),
    "name": _l("Customer name"),
    "kind": _l("Customer type"),
    "region": _l("Region"),
    "size": _l("Company size"),
    "lines": _l("Business lines"),
    "customer_since": _l("Customer since"),
    "key_account": _l("Key account"),
    "branch": _l("Branch"),
    "contact_name": _l("Contact"),
    "contact_email": _l("E-mail of the contact"),
    "contact_phone": _l("Phone of the contact"),
    "contact_language": _l("Language of the contact"),
    "service_date": _l("Service date"),
    "service_what": _l("What was bought or done"),
    "do_not_contact": _l("Do not contact"),
    "attribute": _l("Other details, under their own name"),
    "ignore": _l("Leave out"),
}

PROBLEMS = {
    "required": _l("This cell is blank, and every customer needs it."),
    "too_long": _l("“%(value)s…” has %(length)s characters; at most %(limit)s fit."),
    "nul_character": _l("The cell holds characters that no text has: the file is damaged here."),
    "code_twice": _l("The code “%(value)s” already stands in row %(first_row)s."),
    "branch_unknown": _l("There is no branch called “%(value)s”. Use a branch's name or code."),
    "kind_unknown": _l("“%(value)s” is not a customer type. Write enterprise or individual."),
    "language_unknown": _l("“%(value)s” is not a language Heed writes mails in. Write Chinese or English."),
    "not_yes_no": _l("“%(value)s” is neither yes nor no."),
    "date_invalid": _l("“%(value)s” is not a date. Write it like 2024-03-05."),
    "date_ambiguous": _l(
        "“%(value)s” can be read in two ways. Choose above which comes first, day or month."
    ),
    "date_in_future": _l("“%(value)s” lies in the future."),
    "email_invalid": _l("“%(value)s” is not an e-mail address such as lin@example.com."),
    "email_several": _l("“%(value)s” holds several addresses; one fits into a row."),
    "phone_invalid": _l("“%(value)s” is not a phone number."),
    "phone_several": _l("“%(value)s” holds several numbers; one fits into a row."),
    "phone_scientific": _l(
        "The spreadsheet has shortened this number to “%(value)s”. Format the column as text and type it again."
    ),
    "surplus_cells": _l(
        "%(count)s cells stand to the right of the last column, first “%(value)s”: the row seems to be shifted."
    ),
}

LISTED = 5


def field_text(field: str) -> str:
    """The name of a field of the import."""
    return str(FIELDS.get(field, field))


def problem_text(code: str, params: Mapping[str, Any]) -> str:
    """What is wrong with a cell or a row."""
    return worded(PROBLEMS, code, params)


def worded(sentences: Mapping[str, Any], code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a code with its parameters; a long list is cut."""
    sentence = sentences.get(code)
    if sentence is None:
        return _("There is a problem here (%(code)s).", code=code)
    return str(sentence) % {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> str:
    if isinstance(value, list):
        more = "…" if len(value) > LISTED else ""
        return ", ".join(str(one) for one in value[:LISTED]) + more
    return str(value)
