"""The summary as a document: the same figures in the same words as on the page, in the order a director reads them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.adapters.documents import model
from app.adapters.documents.model import Block, Document
from app.blueprints.complaint_summary import drafting, tables, wording, words
from app.blueprints.complaint_summary.views import Change, Views, group_change
from app.queries.complaints.summary.model import Breakdown
from app.web.filters import moment, number, percent, span
from app.web.firm import present_firm
from app.web.i18n import page_language

_NUMERALS = {"zh": "一二三四五六七", "en": "1234567"}
_BELOW = "\u2003"
Row = list[str]


@dataclass(frozen=True)
class Told:
    """What a person adds to the figures: the text of each section, what stands under the title, and what it is not yet."""

    texts: Mapping[str, str]
    facts: list[tuple[str, str]] = field(default_factory=list)
    mark: str = ""


def from_figures(views: Views) -> Told:
    """A summary that nobody has written about: only what follows from the figures."""
    return Told(drafting.drafted(views))


def document(views: Views, told: Told) -> Document:
    """The whole document, in the language of the page."""
    firm = present_firm()
    lang = page_language()
    facts = [
        (_("Period"), words.period_name(views.choice.period)),
        (_("Scope"), scope_name(views)),
        (_("As of"), moment(views.as_of)),
        *told.facts,
    ]
    titles: list[Block] = []
    for place, (title, blocks) in enumerate(_chapters(views, told)):
        titles += [model.heading(_numbered(place, title)), *blocks]
    return Document(
        language=lang,
        firm=firm.name_in(lang) if firm else "",
        title=_("Summary of complaints") if views.summary.kind == "complaint" else _("Summary of feedback"),
        subtitle=words.period_name(views.choice.period),
        facts=tuple(facts),
        mark=told.mark,
        page=_("Page {page} of {pages}"),
        table=_("Table {number}"),
        figure=_("Figure {number}"),
        blocks=tuple(titles),
    )


def scope_name(views: Views) -> str:
    """Whose cases count."""
    unit = views.units.get(views.choice.unit or 0)
    whole = unit.name_in(views.lang) if unit else _("The whole firm")
    if views.choice.reader.own_units is not None and unit is None:
        whole = _("Own units")
    if views.summary.kind == "complaint":
        return whole
    return _("%(what)s: %(which)s", what=whole, which=words.KINDS[views.summary.kind])


def _numbered(place: int, title: str) -> str:
    numeral = _NUMERALS[page_language()][place]
    return f"{numeral}、{title}" if page_language() == "zh" else f"{numeral}  {title}"


def _chapters(views: Views, told: Told) -> Iterator[tuple[str, list[Block]]]:
    texts = told.texts
    yield _("Situation"), [*_text(texts, "situation"), *_situation(views)]
    yield _("Causes"), [*_text(texts, "causes"), *_causes(views)]
    if views.summary.deadlines or views.summary.durations or views.summary.callbacks:
        yield _("Deadlines and callbacks"), list(_work(views))
    for name, title in (("measures", _("Measures")), ("suggestions", _("Suggestions for improvement"))):
        if texts.get(name, "").strip():
            yield title, _text(texts, name)
    yield _("How the figures are computed"), list(_method(views))


def _text(texts: Mapping[str, str], name: str) -> list[Block]:
    said = texts.get(name, "")
    return [model.text(said)] if said.strip() else []


def _situation(views: Views) -> list[Block]:
    items = list(_tiles(views))
    blocks = [model.tiles(items)] if items else []
    notes = views.notes()
    if notes:
        blocks.append(model.hint("\n".join(notes)))
    return [*blocks, *_chart(views), *_beside(views)]


def _tiles(views: Views) -> Iterator[tuple[str, str, str]]:
    summary = views.summary
    counted, deadline = summary.counted, views.clock("customer")
    if counted is None:
        return
    rate = counted.rate.now
    note = ""
    if rate.value is not None:
        note = _(
            "%(rate)s per 1,000 customers (%(span)s)", rate=number(rate.value), span=span(rate.low, rate.high)
        )
    yield str(words.KINDS[summary.kind]), number(counted.count, 0), note
    if deadline is not None and deadline.rate.now.value is not None:
        now = deadline.rate.now
        note = _(
            "%(within)s of %(due)s due (%(span)s%%)",
            within=number(deadline.within, 0), due=number(deadline.due, 0), span=span(now.low, now.high),
        )  # fmt: skip
        yield _("Solved in time"), percent(now.value), note
    for one in summary.durations:
        if one.name == "resolve" and one.n:
            median = one.median
            known = median.value is not None
            note = (
                words.between(median.low, median.high, words.unit_of(median.value))
                if known
                else words.reason(median.reason)
            )
            yield str(words.DURATIONS[one.name]), words.duration(median.value), note
    if summary.callbacks is not None:
        now = summary.callbacks.satisfied.now
        note = _(
            "%(n)s asked (%(span)s%%)", n=number(summary.callbacks.asked, 0), span=span(now.low, now.high)
        )
        yield _("Satisfied when called back"), percent(now.value), note


def _chart(views: Views) -> list[Block]:
    chart, points = views.summary.chart, views.points()
    if chart is None or not any(point["month"].rate is not None for point in points):
        return []
    drawn = []
    for point in points:
        month = point["month"]
        told = point["now"] or "outside_limits" in month.signals
        drawn.append(
            {
                "label": point["label"], "value": month.rate, "low": month.low, "high": month.high,
                "mark": "signal" if month.signals else ("now" if point["now"] else ""),
                "text": number(month.rate, 2) if told and month.rate is not None else "",
            }
        )  # fmt: skip
    said = "; ".join(
        f"{point['short']} {number(point['month'].rate, 2)}"
        + (f" ({point['signals']})" if point["signals"] else "")
        for point in points
    )
    caption = _(
        "%(finding)s (per 1,000 customers by month; %(center)s)",
        finding=wording.chart_title(views),
        center=wording.center(views),
    )
    return [
        model.line(
            caption,
            said,
            drawn,
            center=chart.center,
            top=views.chart_top(),
            ticks=[list(one) for one in views.chart_ticks()],
        ),
        model.hint(_("Grey: the ordinary variation around the average; a diamond stands out.")),
    ]


def change_text(change: Change | None) -> str:
    """A change as it reads in a cell."""
    if change is None:
        return "–"
    if change.reason or not change.text:
        return change.reason or "–"
    if change.direction is None:
        return f"{change.text} {_('no clear change')}"
    return f"{change.text} {_('rise') if change.rising else _('fall')}"


def _beside(views: Views) -> list[Block]:
    columns = [
        (_("Figure"), False),
        (views.names[0], True),
        (_("95%% interval") % (), True),
        (views.names[1], True),
        (_("Difference"), False),
    ]
    widths = [24, 15, 17, 15, 18]
    if views.two_earlier:
        columns += [(views.names[2], True), (_("Difference"), False)]
        widths += [15, 18]
    rows = []
    for row in views.rows():
        name = f"{row.name} ({row.n})" if row.n else row.name
        cells = [name, row.value, row.interval or "–", row.before, change_text(row.change)]
        rows.append([*cells, row.year_before, change_text(row.change_year)] if views.two_earlier else cells)
    return [model.table(_("Beside earlier periods"), columns, rows, widths)] if rows else []


def _causes(views: Views) -> list[Block]:
    blocks: list[Block] = []
    for name in ("category", "cause", "unit", "channel"):
        breakdown = views.summary.breakdown(name)
        if breakdown is not None:
            blocks += _breakdown(views, breakdown)
    return blocks


def _breakdown(views: Views, breakdown: Breakdown) -> list[Block]:
    title = str(words.FIELDS[breakdown.name])
    found, bars = [model.heading(title, 2)], views.bars(breakdown)
    if not bars:
        few = _("Fewer than %(least)s each: not shown", least=views.summary.least)
        found.append(model.hint(few if breakdown.n else _("None in this period")))
    elif breakdown.name in ("category", "cause"):
        vital = views.vital(breakdown)
        items = [
            {
                "label": bar["label"],
                "value": bar["value"],
                "text": bar["text"],
                "note": bar["note"],
                "strong": n < vital,
            }
            for n, bar in enumerate(bars)
        ]
        said = "; ".join(f"{bar['label']} {bar['text']} ({bar['note']})" for bar in bars)
        found.append(model.bars(wording.pareto_title(views, breakdown), said, items))
    if breakdown.groups and bars:
        found.append(_group_table(views, breakdown, title))
    if breakdown.missing and views.links:
        found.append(model.hint(f"{words.MISSING[breakdown.name]}: {number(breakdown.missing, 0)}"))
    return found


def _group_table(views: Views, breakdown: Breakdown, title: str) -> Block:
    columns = [
        (title, False), (_("Number"), True), (_("Share"), True), (_("95%% interval") % (), True), (_("Together"), True),
        (_("Per 1,000"), True), (views.names[1], True), (_("Difference"), False),
    ]  # fmt: skip
    widths = [23, 13, 12, 17, 15, 13, 17, 20]
    if views.two_earlier:
        columns.append((views.names[2], True))
        widths.append(17)
    rows = []
    for name, group, depth, _url in views.table(breakdown):
        label = _BELOW * depth + name
        if group.hidden:
            rows.append([label, _("not shown"), *[""] * (len(columns) - 2)])
            continue
        row = [
            label,
            number(group.count, 0),
            percent(group.share.value),
            span(group.share.low, group.share.high),
        ]
        if depth:
            row += ["", number(group.rate.value, 2), "", ""]
        else:
            row += [
                percent(group.cumulated), number(group.rate.value, 2), number(group.count_before, 0),
                change_text(group_change(group)),
            ]  # fmt: skip
        if views.two_earlier:
            row.append("" if depth else number(group.count_year_before, 0))
        rows.append(row)
    return model.table(_("%(what)s: number, share and rate", what=title), columns, rows, widths)


def _work(views: Views) -> Iterator[Block]:
    summary = views.summary
    if summary.deadlines:
        columns = [(_("Time limit"), False), (_("In time"), True), (_("95%% interval") % (), True)]
        columns += [(str(name), True) for name in words.JUDGED.values()]
        rows = []
        for one in summary.deadlines:
            now = one.rate.now
            kept = percent(now.value) if now.value is not None else words.reason(now.reason)
            counts = [count for _name, count, _url in views.deadline_cells(one)]
            rows.append([str(words.CLOCKS[one.clock]), kept, span(now.low, now.high), *counts])
        yield model.table(
            _("Deadlines that fell in the period"), columns, rows, [22, 12, 17, 10, 10, 10, 17, 14]
        )
    if summary.durations:
        yield model.table(_("How long it took"), *_durations(views))
    segments = views.satisfaction()
    if segments and summary.callbacks is not None:
        now = summary.callbacks.satisfied.now
        title = _("%(share)s of those asked are satisfied", share=percent(now.value, 0))
        said = ", ".join(f"{one['label']} {one['text']}" for one in segments)
        items = [{name: one[name] for name in ("label", "text", "share")} for one in segments]
        what = _("What customers said when they were called back")
        yield model.stack(_("%(what)s: %(which)s", what=what, which=title), said, items)
        yield model.hint(_scores(views))


def _durations(views: Views) -> tuple[list[tuple[str, bool]], list[Row], list[int]]:
    interval = _("95%% interval") % ()
    columns = [
        (_("Time"), False), (_("Half within"), True), (interval, True), (_("90%% within") % (), True), (interval, True),
        (_("done"), True), (_("still open"), True),
    ]  # fmt: skip
    rows = []
    for one in views.summary.durations:
        row = [str(words.DURATIONS[one.name])]
        for figure in (one.median, one.ninety):
            known = figure.value is not None
            row.append(words.duration(figure.value) if known else words.reason(figure.reason))
            row.append(words.between(figure.low, figure.high, words.unit_of(figure.value)))
        rows.append([*row, number(one.done, 0), number(one.open, 0)])
    return columns, rows, [24, 13, 22, 13, 22, 9, 9]


def _scores(views: Views) -> str:
    callbacks = views.summary.callbacks
    assert callbacks is not None
    now = callbacks.satisfied.now
    parts = [
        _("95%% interval %(span)s%% · n = %(n)s", span=span(now.low, now.high), n=number(callbacks.asked, 0))
    ]
    for pattern, score in (
        (_("Score for the solution"), callbacks.solution),
        (_("Score for the handling"), callbacks.handling),
    ):
        if score.value is not None:
            parts.append(f"{pattern} {number(score.value, 2)} ({span(score.low, score.high, 2)})")
    return " · ".join(parts)


def _method(views: Views) -> Iterator[Block]:
    yield model.hint("\n".join(f"{name} — {said}" for name, said in tables.method_lines()))
