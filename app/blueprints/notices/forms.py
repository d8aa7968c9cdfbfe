"""The form of choices: one question for each group of notices that can come to the person."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import DataRequired

from app.rules.notices import CHOICES, Group, Mail
from app.web.forms import Form, options

GROUPS = {
    Group.URGENT: (
        _l("Critical complaints"),
        _l("Urgent ones and those about safety, whatever happens to them. These mails do not wait for opening time."),
    ),
    Group.WORK: (
        _l("Complaints given to you or your unit"),
        _l("Given to you, opened again, more from the customer, notes of colleagues."),
    ),
    Group.SHARING: (_l("Complaints to be given to a unit"), _l("New ones, and those that were sent back.")),
    Group.CALLBACKS: (_l("Customers to be called back"), ""),
    Group.DEADLINES: (_l("Deadlines"), _l("Warnings while time runs out, and complaints that are overdue.")),
    Group.OUTCOMES: (_l("Complaints you handled and that were closed"), ""),
    Group.MORNING: (
        _l("Morning mail"),
        _l("What waits for you, once each working morning. Without it, what should come with it stands only in Heed."),
    ),
}  # fmt: skip
MAILS = {
    Mail.AT_ONCE: _l("By mail at once"),
    Mail.DIGEST: _l("With the morning mail"),
    Mail.NEVER: _l("Only in Heed"),
}
MORNINGS = {Mail.DIGEST: _l("Every working morning"), Mail.NEVER: _l("No morning mail")}


def choices_form(chosen: Mapping[Group, Mail]) -> Form:
    """The form with these groups, filled with what holds now."""
    fields = {group.value: _field(group) for group in chosen}
    made: Form = type("ChoicesForm", (Form,), fields)(
        data={group.value: mail.value for group, mail in chosen.items()}
    )
    return made


def _field(group: Group) -> RadioField:
    label, note = GROUPS[group]
    words = MORNINGS if group is Group.MORNING else MAILS
    offered = [(mail.value, words[mail]) for mail in CHOICES[group]]
    return RadioField(
        label,
        [DataRequired(_l("Choose how you want to be told."))],
        choices=options(offered),
        description=note,
    )
