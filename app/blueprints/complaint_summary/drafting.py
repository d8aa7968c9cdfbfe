"""Sentences of a report, drafted from what its figures support saying. They are the beginning of a text, not its end."""

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import ngettext

from app.blueprints.complaint_summary import words
from app.blueprints.complaint_summary.views import Views
from app.queries.complaint_findings import facts_of
from app.rules import complaint_findings as findings
from app.rules.complaint_findings import Finding
from app.rules.complaints.periods import parse
from app.web.filters import number, percent, signed, span
from app.web.i18n import page_language


def drafted(views: Views) -> dict[str, str]:
    """The text of the sections that follow from figures; "" where nothing does."""
    if views.summary.counted is None:
        return {"situation": "", "causes": ""}
    facts = facts_of(views.summary, views.choice.period)
    return {
        "situation": _text(views, findings.situation(facts)),
        "causes": _text(views, findings.causes(facts)),
    }


def _text(views: Views, found: list[Finding]) -> str:
    return ("" if page_language() == "zh" else " ").join(_sentence(views, one) for one in found)


def _sentence(views: Views, finding: Finding) -> str:
    for sentences in (_counted, _ranked, _watched, _worked):
        said = sentences(views, finding)
        if said:
            return said
    raise KeyError(finding.code)


Say = Callable[[], str]


def _counted(views: Views, finding: Finding) -> str:
    """How many, and against the period before."""
    have, complaints = finding.numbers, views.summary.kind == "complaint"
    period, before = views.names[0], views.names[1]
    kind = str(words.KINDS[views.summary.kind])
    sentences: dict[str, Say] = {
        "none_received": lambda: _("No complaint was received in %(period)s.", period=period)
        if complaints
        else _("%(kind)s: none in %(period)s.", kind=kind, period=period),
        "received": lambda: _(
            "%(said)s, that is %(rate)s per 1,000 customers (95%% interval %(span)s).",
            said=_received(kind, complaints, have["count"], period),
            rate=number(have["rate"]), span=span(have["low"], have["high"]),
        ),
        "received_only": lambda: _(
            "%(said)s.", said=_received(kind, complaints, have["count"], period)
        ),
        "not_compared": lambda: _("There is no earlier period on record to compare with."),
        "both_none": lambda: _("There were none in %(before)s either.", before=before),
        "none_before": lambda: _(
            "There were none in %(before)s; so few can be chance.", before=before
        ),
        "none_before_clear": lambda: _("There were none in %(before)s: a clear rise.", before=before),
        "more": lambda: _(
            "Against %(before)s (%(count)s) the rate has clearly risen, by %(change)s%% (95%% interval %(span)s%%).",
            before=before, count=number(have["before"], 0), change=number(have["percent"], 0), span=_wide(have),
        ),
        "fewer": lambda: _(
            "Against %(before)s (%(count)s) the rate has clearly fallen, by %(change)s%% (95%% interval %(span)s%%).",
            before=before, count=number(have["before"], 0), change=number(abs(have["percent"]), 0), span=_wide(have),
        ),
        "chance": lambda: _(
            "Against %(before)s (%(count)s) the rate differs by %(change)s%%, which is not more than chance explains (95%% interval %(span)s%%).",
            before=before, count=number(have["before"], 0), change=signed(have["percent"], 0), span=_wide(have),
        ),
        "not_tested": lambda: _(
            "In %(before)s there were %(count)s; whether that is a change could not be tested.",
            before=before, count=number(have["before"], 0),
        ),
    }  # fmt: skip
    return sentences[finding.code]() if finding.code in sentences else ""


def _received(kind: str, complaints: bool, count: int, period: str) -> str:
    if not complaints:
        return _("%(kind)s in %(period)s: %(num)s", kind=kind, period=period, num=number(count, 0))
    return ngettext(
        "%(num)s complaint was received in %(period)s",
        "%(num)s complaints were received in %(period)s",
        count,
        period=period,
    )


def _wide(have: dict[str, float | None]) -> str:
    if have["low"] is None or have["high"] is None:
        return "–"
    return _("%(low)s to %(high)s", low=signed(have["low"], 0), high=signed(have["high"], 0))


def _ranked(views: Views, finding: Finding) -> str:
    """What stands out of the categories, causes and units."""
    field, _sign, code = finding.code.partition("_")
    have = finding.numbers
    if finding.code == "cause_missing":
        return _(
            "For %(count)s of %(n)s no root cause has been stated yet.",
            count=number(have["count"], 0), n=number(have["n"], 0),
        )  # fmt: skip
    if field not in ("category", "cause"):
        return _set_apart(views, finding)
    names = _quoted([views.label(field, key) for key in finding.keys])
    what = words.FIELDS[field]
    sentences: dict[str, Say] = {
        "few": lambda: _(
            "%(what)s: with %(n)s cases nothing can be said about what stands out.",
            what=what, n=number(have["n"], 0),
        ),
        "one": lambda: _("%(what)s: all %(n)s concern %(names)s.", what=what, n=number(have["n"], 0), names=names),
        "vital": lambda: _(
            "%(what)s: %(names)s make up %(share)s (%(count)s of %(n)s).",
            what=what, names=names, share=percent(have["share"]),
            count=number(have["count"], 0), n=number(have["n"], 0),
        ),
        "even": lambda: _(
            "%(what)s: %(n)s cases are spread over %(groups)s groups, and none stands out.",
            what=what, n=number(have["n"], 0), groups=number(have["groups"], 0),
        ),
        "top": lambda: _(
            "%(what)s: the most frequent is %(names)s with %(count)s of %(n)s (%(share)s).",
            what=what, names=names, count=number(have["count"], 0), n=number(have["n"], 0), share=percent(have["share"]),
        ),
        "tied": lambda: _(
            "%(what)s: the most frequent are %(names)s with %(count)s each of %(n)s.",
            what=what, names=names, count=number(have["count"], 0), n=number(have["n"], 0),
        ),
    }  # fmt: skip
    return sentences[code]()


def _quoted(names: list[str]) -> str:
    return _("“%(names)s”", names=_("”, “").join(names))


def _set_apart(views: Views, finding: Finding) -> str:
    if finding.code == "rising":
        names = _quoted([views.label("category", key) for key in finding.keys])
        return _(
            "%(names)s came up clearly more often than in %(before)s.", names=names, before=views.names[1]
        )
    if finding.code == "units_above":
        names = _quoted([views.label("unit", key) for key in finding.keys])
        return _(
            "Among their own customers %(names)s have clearly more complaints than all together.", names=names
        )
    if finding.code == "units_alike":
        return _(
            "No unit stands clearly apart from all together; with numbers like these a difference can be chance."
        )
    return ""


def _watched(views: Views, finding: Finding) -> str:
    """The control chart."""
    months = _(", ").join(words.month_name(parse(key).first) for key in finding.keys)
    sentences: dict[str, Say] = {
        "signal_high": lambda: _("%(months)s lies above the control limits: more than the ordinary up and down.", months=months),
        "signal_low": lambda: _("%(months)s lies below the control limits: fewer than the ordinary up and down.", months=months),
        "run_above": lambda: _("Eight months or more in a row lie above the average: the level has risen."),
        "run_below": lambda: _("Eight months or more in a row lie below the average: the level has fallen."),
        "no_signal": lambda: _("The control chart shows the ordinary up and down."),
    }  # fmt: skip
    said = sentences[finding.code]() if finding.code in sentences else ""
    if said and finding.numbers["provisional"]:
        said += ("" if page_language() == "zh" else " ") + _(
            "Its limits are provisional (fewer than 20 months)."
        )
    return said


def _worked(_views: Views, finding: Finding) -> str:
    """Deadlines, times, callbacks, repeats."""
    have = finding.numbers
    count, n = (number(have.get(name), 0) for name in ("count", "n"))
    shares = {"share": percent(have.get("share")), "span": span(have.get("low"), have.get("high"))}
    sentences: dict[str, Say] = {
        "nothing_due": lambda: _("No deadline for a solution fell in the period."),
        "kept": lambda: _(
            "Of %(n)s solutions that were due, %(count)s came in time: %(share)s (95%% interval %(span)s%%).",
            n=n, count=count, **shares,
        ),
        "kept_overdue": lambda: _(
            "Of %(n)s solutions that were due, %(count)s came in time: %(share)s (95%% interval %(span)s%%); %(overdue)s are still open and overdue.",
            n=n, count=count, overdue=number(have["overdue"], 0), **shares,
        ),
        "solved": lambda: _(
            "Half were solved within %(median)s; the slowest tenth took longer than %(ninety)s (%(open)s of %(n)s are still open and count for as long as they have lasted).",
            median=words.duration(have["median"]), ninety=words.duration(have["ninety"]), open=number(have["open"], 0), n=n,
        ),
        "solved_all": lambda: _(
            "All %(n)s are solved: half within %(median)s; the slowest tenth took longer than %(ninety)s.",
            median=words.duration(have["median"]),
            ninety=words.duration(have["ninety"]),
            n=n,
        ),
        "solved_median": lambda: _(
            "Half were solved within %(median)s; %(open)s of %(n)s are still open, too many to say how long the slowest take.",
            median=words.duration(have["median"]), open=number(have["open"], 0), n=n,
        ),
        "median_not_reached": lambda: _(
            "Too few are solved to say how long it takes: %(open)s of %(n)s are still open.",
            open=number(have["open"], 0), n=n,
        ),
        "satisfied": lambda: _(
            "Of %(n)s customers who were called back, %(count)s are satisfied: %(share)s (95%% interval %(span)s%%).",
            n=n, count=count, **shares,
        ),
        "repeats": lambda: _(
            "%(count)s of %(n)s from customers on record came within 90 days after an earlier one.", count=count, n=n
        ),
        "no_repeats": lambda: _("No customer on record had complained within the 90 days before."),
    }  # fmt: skip
    return sentences[finding.code]()
