"""Sentences made from a summary: the one on top of the page, and the findings that title the figures."""

from flask_babel import gettext as _
from flask_babel import ngettext

from app.blueprints.complaint_summary import words
from app.blueprints.complaint_summary.views import Views
from app.queries.complaints.summary.model import Breakdown, Deadline
from app.queries.figures.model import Difference
from app.web.filters import number, percent
from app.web.i18n import page_language

_MOST_NAMED = 3


def sentence(views: Views) -> str:
    """What happened in the period, in words a shop manager would use."""
    counted = views.summary.counted
    if counted is None:
        return ""
    if views.summary.kind != "complaint":
        return ngettext(
            "%(num)s entry in %(period)s.",
            "%(num)s entries in %(period)s.",
            counted.count,
            period=words.period_name(views.choice.period),
        )
    parts = [_counted(views), _moved(views), _late(views.clock("customer"))]
    return ("" if page_language() == "zh" else " ").join(part for part in parts if part)


def _counted(views: Views) -> str:
    counted, period = views.summary.counted, words.period_name(views.choice.period)
    assert counted is not None
    before = words.period_name(views.periods[1])
    if not counted.count:
        return _("No complaint was received in %(period)s.", period=period)
    plain = ngettext(
        "%(num)s complaint was received in %(period)s",
        "%(num)s complaints were received in %(period)s",
        counted.count,
        period=period,
    )
    change = counted.rate.before
    if change is None or change.direction not in _CLEAR:
        return _("%(said)s.", said=plain)
    if change.direction == "rise":
        return _("%(said)s, clearly more than in %(before)s.", said=plain, before=before)
    if change.direction == "fall":
        return _("%(said)s, clearly fewer than in %(before)s.", said=plain, before=before)
    return _("%(said)s, not clearly more or fewer than in %(before)s.", said=plain, before=before)


_CLEAR = ("rise", "fall", "no_significant_change")


def _moved(views: Views) -> str:
    """Categories that clearly became more."""
    breakdown = views.summary.breakdown("category")
    if breakdown is None:
        return ""
    up = [views.label("category", group.key) for group in breakdown.groups if _rises(group.change)]
    if not up:
        return ""
    return _("“%(names)s” came up clearly more often.", names=_("”, “").join(up[:_MOST_NAMED]))


def _rises(change: Difference | None) -> bool:
    return change is not None and change.direction == "rise"


def _late(deadline: Deadline | None) -> str:
    if deadline is None or deadline.rate.now.value is None:
        return ""
    return _(
        "%(share)s of the solutions that were due came in time.", share=percent(deadline.rate.now.value, 0)
    )


def pareto_title(views: Views, breakdown: Breakdown) -> str:
    """Which few make up most of them."""
    vital = [group for group in breakdown.groups if group.vital]
    if not breakdown.n or not vital:
        return str(words.FIELDS[breakdown.name])
    if len(vital) == sum(1 for group in breakdown.groups if group.count):
        return str(words.FIELDS[breakdown.name])
    names = [views.label(breakdown.name, group.key) for group in vital]
    share = percent(vital[-1].cumulated, 0)
    if len(vital) <= _MOST_NAMED:
        return _("%(names)s: %(share)s of all", names=_(", ").join(names), share=share)
    numbers = {"count": len(vital), "all": len(breakdown.groups), "share": share}
    return {
        "category": _("%(count)s of %(all)s categories make up %(share)s", **numbers),
        "unit": _("%(count)s of %(all)s units make up %(share)s", **numbers),
        "cause": _("%(count)s of %(all)s causes make up %(share)s", **numbers),
        "channel": _("%(count)s of %(all)s channels make up %(share)s", **numbers),
    }[breakdown.name]


def chart_title(views: Views) -> str:
    """Whether anything was out of the ordinary."""
    chart = views.summary.chart
    signals = [month for month in chart.months if month.signals] if chart else []
    if not signals:
        return _("The ordinary up and down: no month stands out")
    return ngettext("%(num)s month stands out", "%(num)s months stand out", len(signals))


def center(views: Views) -> str:
    """The center of the control chart in words."""
    chart = views.summary.chart
    return _("average %(rate)s", rate=number(chart.center, 2)) if chart and chart.center is not None else ""
