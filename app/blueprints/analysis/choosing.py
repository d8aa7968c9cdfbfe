"""The filter bar: from the address to filters, and from the summary to what can be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Customer, Segment, Survey, Unit
from app.queries.analysis.asking import Filters
from app.queries.analysis.model import SurveySummary
from app.queries.segments import all_segments, get_segment, select_customers
from app.web.i18n import firm_timezone, in_language, page_language

FIELDS = ("unit", "region", "kind", "size", "tenure", "key_account", "channel", "language")
NO_COMPARISON = "none"
_LONGEST = 120


@dataclass(frozen=True)
class Choice:
    """What the address asks for. `previous` is the wave to compare with."""

    filters: Filters
    previous: Survey | None
    earlier: Sequence[Survey]
    compare: str = ""
    segment: Segment | None = None
    segments: Sequence[Segment] = ()

    def address(self) -> dict[str, Any]:
        """The same choice as parameters of an address."""
        compare = {"compare": self.compare} if self.compare else {}
        segment = {"segment": str(self.segment.id)} if self.segment else {}
        return compare | segment | dict(self.filters.chosen)


@dataclass(frozen=True)
class Chip:
    """One drop-down of the bar."""

    name: str
    label: str
    options: list[tuple[str, str]] = field(default_factory=list)
    value: str = ""


def read_choice(earlier: Sequence[Survey], *, with_segments: bool) -> Choice:
    """The choice of this request; unknown parameters, waves and segments are left out.

    `with_segments`: whether this reader may choose among saved groups of customers.
    """
    given = {name: request.args.get(name, "").strip()[:_LONGEST] for name in FIELDS}
    chosen = {name: value for name, value in given.items() if value and value.isprintable()}
    compare = request.args.get("compare", "")
    by_id = {str(wave.id): wave for wave in earlier}
    previous = None if compare == NO_COMPARISON else by_id.get(compare, earlier[0] if earlier else None)
    segment = get_segment(request.args.get("segment", 0, type=int)) if with_segments else None
    return Choice(
        Filters(chosen, segment.id if segment else None, _members(segment) if segment else None),
        previous,
        earlier,
        compare if compare in (*by_id, NO_COMPARISON) else "",
        segment,
        all_segments() if with_segments else (),
    )


def _members(segment: Segment) -> tuple[int, ...]:
    """Ids of the customers that the segment means today."""
    ids = select_customers(segment.filters).with_only_columns(Customer.id).order_by(Customer.id)
    return tuple(db.session.scalars(ids))


def chips(summary: SurveySummary | None, choice: Choice) -> list[Chip]:
    """The drop-downs: comparison first, then every field that has something to choose."""
    bar = []
    if choice.earlier:
        waves = [(str(wave.id), wave_name(wave)) for wave in choice.earlier]
        latest, others = waves[0], waves[1:]
        options = [("", latest[1]), *others, (NO_COMPARISON, _("Nothing"))]
        bar.append(Chip("compare", _("Compared with"), options, choice.compare))
    if choice.segments:
        named_segments = [("", _("All")), *((str(one.id), one.name) for one in choice.segments)]
        bar.append(Chip("segment", _("Segment"), named_segments, str(choice.filters.segment or "")))
    facets = {facet.field: facet.options for facet in summary.facets} if summary else {}
    for name in FIELDS:
        value = choice.filters.chosen.get(name, "")
        values = list(facets.get(name, {}))
        if value and value not in values:
            values.append(value)
        # A field with one value leaves nothing to choose.
        if value or len(values) > 1:
            named = value_names(name, values)
            options = [("", _("All")), *((one, named[one]) for one in values)]
            bar.append(Chip(name, field_name(name), options, value))
    return bar


def field_name(name: str) -> str:
    """What a field is called."""
    names = {
        "unit": _("Unit"),
        "region": _("Region"),
        "kind": _("Kind of customer"),
        "size": _("Size"),
        "tenure": _("New or old"),
        "key_account": _("Key account"),
        "channel": _("Channel"),
        "language": _("Language"),
    }
    return names[name]


def value_names(name: str, values: Sequence[str]) -> Mapping[str, str]:
    """What the values of a field are called."""
    if name == "unit":
        ids = [int(value) for value in values if value.isdecimal()]
        units = db.session.scalars(select(Unit).where(Unit.id.in_(ids)))
        known: Mapping[str, str] = {str(unit.id): unit.name_in(page_language()) for unit in units}
    else:
        known = _fixed_names().get(name, {})
    return {value: known.get(value, value) for value in values}


def _fixed_names() -> Mapping[str, Mapping[str, str]]:
    return {
        "kind": {"enterprise": _("Enterprise"), "individual": _("Individual")},
        "tenure": {"new": _("New customers"), "old": _("Old customers")},
        "key_account": {"yes": _("Yes"), "no": _("No")},
        "channel": {
            "mail": _("Mail"),
            "web": _("Website"),
            "wechat": _("WeChat"),
            "poster": _("Poster"),
            "other": _("Other places"),
        },
        "language": {"zh": _("Chinese"), "en": _("English")},
    }


def wave_name(survey: Survey) -> str:
    """A wave by its own name, which the firm has given it."""
    return in_language(survey.name)


def wave_label(survey: Survey, beside: Survey) -> str:
    """A short name of an earlier wave beside a later one: its year, or year and month, or else its own name."""
    opens, later = (one.opens_at.astimezone(firm_timezone()) for one in (survey, beside))
    if opens.year != later.year:
        return _("%(year)s", year=opens.year)
    if opens.month != later.month:
        return f"{opens:%Y-%m}"
    return wave_name(survey)


def described(choice: Choice) -> list[tuple[str, str]]:
    """The filter in words: pairs of field and value."""
    segment = [(_("Segment"), choice.segment.name)] if choice.segment else []
    chosen = choice.filters.chosen.items()
    return [*segment, *((field_name(name), value_names(name, [value])[value]) for name, value in chosen)]
