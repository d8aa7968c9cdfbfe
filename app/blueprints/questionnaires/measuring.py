"""The indicator system that a questionnaire measures: names, weights, order."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, flash, request
from flask_babel import gettext as _

from app.blueprints.questionnaires.site import LANGUAGES, actor, bp, plain, posted_version
from app.blueprints.questionnaires.wording import question_numbers
from app.errors import Missing, Refused, Stale
from app.models import IndicatorSystem, Questionnaire
from app.queries import questionnaires as queries
from app.queries.changes import last_change
from app.rules import indicator_editing, indicators
from app.rules.indicators import Indicator
from app.rules.permissions import Permission
from app.rules.questionnaire import parse, scored_items
from app.services import questionnaires as services
from app.web.access import is_htmx, requires
from app.web.conflicts import Conflict, Difference
from app.web.fragments import render
from app.web.i18n import in_language, page_language

Tree = tuple[Indicator, ...]
LONGEST_NAME = 200


@dataclass(frozen=True)
class Node:
    """One indicator on the page. `percent` as typed or stored; `share` of the whole, 0–1."""

    code: str
    name: dict[str, str]
    percent: str
    share: float
    depth: int
    group: str
    leaf: bool
    measured_by: list[tuple[str, str]]


@dataclass
class Typed:
    """What the form says; codes of wrong fields are in `wrong`."""

    tree: Tree
    percents: dict[str, str]
    wrong: set[str]


@bp.get("/<int:questionnaire_id>/indicators")
@requires(Permission.QUESTIONNAIRES_READ)
def indicator_page(questionnaire_id: int) -> Response:
    """The tree with weights, and which questions measure what."""
    questionnaire = queries.get(questionnaire_id)
    return _draw(questionnaire, queries.tree_of(questionnaire))


@bp.post("/<int:questionnaire_id>/indicators")
@requires(Permission.QUESTIONNAIRES_EDIT)
def save_indicators(questionnaire_id: int) -> Response:
    """Store names and weights; a button `do` adds, removes, moves or normalises on the way."""
    questionnaire = queries.get(questionnaire_id)
    system = questionnaire.system
    if system is None:
        raise Missing("indicator_system")
    typed = _read(queries.indicator_tree(system))
    if typed.wrong:
        return _draw(questionnaire, typed.tree, typed=typed, status=422)
    try:
        tree = _restructure(typed.tree, plain(request.form.get("do")))
        services.save_indicators(system, tree, expected_version=posted_version(), **actor())
    except Stale:
        return _draw(questionnaire, typed.tree, typed=typed, conflict=_conflict(system, typed), status=409)
    except (KeyError, OverflowError, Refused):
        words = _("This could not be stored. Check the fields and try again.")
        return _draw(questionnaire, typed.tree, typed=typed, refused=words, status=422)
    if not is_htmx():
        flash(_("Saved."), "success")
    return _draw(questionnaire, queries.tree_of(questionnaire))


def _read(tree: Tree) -> Typed:
    names: dict[str, dict[str, str]] = {}
    weights: dict[str, float] = {}
    typed = Typed(tree, {}, set())
    for node in indicators.walk(tree):
        names[node.code] = {
            lang: plain(request.form[f"{node.code}-{lang}"])[:LONGEST_NAME]
            for lang in LANGUAGES
            if f"{node.code}-{lang}" in request.form
        }
        words = request.form.get(f"{node.code}-weight")
        if words is None:
            continue
        typed.percents[node.code] = plain(words)[:20]
        number = _percent(words)
        if number is None:
            typed.wrong.add(node.code)
        elif number != _shown(node.weight):
            weights[node.code] = float(number) / 100
    typed.tree = indicator_editing.rewrite(tree, names, weights)
    return typed


def _conflict(system: IndicatorSystem, typed: Typed) -> Conflict:
    """Names and weights as typed and as stored; also of indicators that somebody has removed."""
    titles = {"zh": _("Indicator in Chinese"), "en": _("Indicator in English")}
    stored = {node.code: node for node in indicators.walk(queries.indicator_tree(system))}
    found = []
    for node in indicators.walk(typed.tree):
        other = stored[node.code]
        name, weight = in_language(other.name) or node.code, _shown(other.weight)
        found += [
            Difference(f"{name} · {title}", node.name.get(lang, ""), other.name.get(lang, ""))
            for lang, title in titles.items()
        ]
        found.append(Difference(f"{name} · {_('Weight')}", typed.percents.get(node.code, weight), weight))
    for key, words in request.form.items():
        code, _dash, lang = key.rpartition("-")
        if lang in titles and code not in stored:
            found.append(Difference(titles[lang], plain(words)[:LONGEST_NAME], ""))
    change = last_change("indicator_system", system.id)
    return Conflict([one for one in found if one.mine != one.stored], change)


def _percent(words: str) -> str | None:
    """A percentage as typed, in plain digits; None when it is none between 0 and 100."""
    text = unicodedata.normalize("NFKC", words).strip().removesuffix("%").strip().replace(",", ".")
    whole, _dot, part = text.partition(".")
    digits = whole + part
    if not digits.isascii() or not digits.isdigit() or len(digits) > 8:
        return None
    return text if float(text) <= 100 else None


def _shown(weight: float) -> str:
    """A weight as the form prints it; not more exact than people type it."""
    return f"{weight * 100:.2f}".rstrip("0").rstrip(".")


def _restructure(tree: Tree, do: str) -> Tree:
    verb, _colon, code = do.partition(":")
    steps: dict[str, Callable[[], Tree]] = {
        "add": lambda: indicator_editing.add(tree, code or None)[0],
        "remove": lambda: indicator_editing.remove(tree, code),
        "up": lambda: indicator_editing.move(tree, code, "up"),
        "down": lambda: indicator_editing.move(tree, code, "down"),
        "normalise": lambda: indicators.normalise(tree),
    }
    return steps[verb]() if verb in steps else tree


def _draw(
    questionnaire: Questionnaire,
    tree: Tree,
    *,
    typed: Typed | None = None,
    refused: str | None = None,
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    system = questionnaire.system
    return render(
        "questionnaires/indicators.html",
        fragment="tree",
        questionnaire=questionnaire,
        system=system,
        nodes=_nodes(questionnaire, tree, typed),
        faults={fault.indicator: fault for fault in indicators.check(tree) if fault.code == "weights_sum"},
        sharing=queries.sharing(system, but=questionnaire) if system else [],
        wrong=typed.wrong if typed else set(),
        refused=refused,
        conflict=conflict,
        status=status,
    )


def _nodes(questionnaire: Questionnaire, tree: Tree, typed: Typed | None) -> list[Node]:
    measured = _measured_by(questionnaire)
    percents = typed.percents if typed else {}
    found: list[Node] = []

    def visit(nodes: Tree, depth: int, group: str, share: float) -> None:
        for node in nodes:
            part = share * node.weight
            found.append(
                Node(
                    code=node.code,
                    name=dict(node.name),
                    percent=percents.get(node.code, _shown(node.weight)),
                    share=part,
                    depth=depth,
                    group=group,
                    leaf=not node.children,
                    measured_by=measured.get(node.code, []),
                )
            )
            visit(node.children, depth + 1, node.code, part)

    visit(tree, 0, "", 1.0)
    return found


def _measured_by(questionnaire: Questionnaire) -> dict[str, list[tuple[str, str]]]:
    """Questions by the indicator they measure: (id, “4” or “4 · row”)."""
    content = parse(questionnaire.versions[-1].content)
    numbers = question_numbers(content)
    found: dict[str, list[tuple[str, str]]] = {}
    for item in scored_items(content):
        if item.indicator:
            number = _("Question %(number)s", number=numbers.get(item.question_id, ""))
            words = content.say(item.text, page_language())
            found.setdefault(item.indicator, []).append((item.question_id, f"{number} · {words}"))
    return found
