"""The form of a report: one field for each section."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.rules.complaint_reports import LONGEST
from app.web.forms import Form, cleaned_lines

_TOO_LONG = _l("At most %(max)d characters fit here. Shorten the text.")


def _section(label: object, description: object, rows: int) -> TextAreaField:
    return TextAreaField(
        label, [Length(max=LONGEST, message=_TOO_LONG)], description=description, render_kw={"rows": rows}
    )


class ReportForm(Form):
    """Everything a person writes in a report."""

    version = HiddenField()
    key = HiddenField()
    situation = _section(
        _l("Situation"),
        _l("How many, against earlier periods, what stands out. Drafted from the figures."),
        9,
    )
    causes = _section(_l("Causes"), _l("What the complaints go back to, and how that was established."), 6)
    measures = _section(
        _l("Measures"), _l("What has been done, by whom, until when, and what it has changed."), 6
    )
    suggestions = _section(
        _l("Suggestions for improvement"), _l("What management should decide, and what it would take."), 6
    )

    @staticmethod
    def cleaned_reason(text: str | None) -> str:
        """The reason for returning a report, cleaned as every text is."""
        return (cleaned_lines(text) or "")[:LONGEST]
