"""What the builder's page shows: outline, one question or page, findings, preview."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.blueprints.questionnaires import sentences
from app.blueprints.questionnaires.wording import TYPE_NAMES, Finding, findings, question_numbers
from app.models import Questionnaire as Row
from app.models import QuestionnaireVersion
from app.queries import questionnaires as queries
from app.rules import indicators
from app.rules.questionnaire import Content, Page, Question, Questionnaire, estimate_minutes, parse
from app.rules.questionnaire.writing import question_to_json
from app.services.questionnaires import fingerprint
from app.services.questionnaires.operations import find_question


@dataclass(frozen=True)
class OutlineLine:
    """One question in the outline."""

    id: str
    number: int | None
    text: str
    kind: str
    condition: str
    warned: bool


@dataclass(frozen=True)
class OutlinePage:
    """One page in the outline beside the editor. `number` counts from 1."""

    id: str
    number: int
    title: str
    lines: tuple[OutlineLine, ...]


@dataclass(frozen=True)
class IndicatorChoice:
    """A leaf that a question can measure, named with the way to it."""

    code: str
    name: str


class Builder:
    """The draft as the builder shows it; `item_id` is the chosen question or page."""

    def __init__(self, row: Row, version: QuestionnaireVersion, item_id: str | None, lang: str) -> None:
        self.row = row
        self.version = version
        self.lang = lang
        self.questionnaire: Questionnaire = parse(version.content)
        self.page, self.chosen = self._choose(item_id)
        self.typed: Content | None = None
        self.errors: dict[str, str] = {}

    def _choose(self, item_id: str | None) -> tuple[Page | None, Question | None]:
        pages = self.questionnaire.pages
        for page in pages:
            if page.id == item_id:
                return page, None
            for question in page.questions:
                if question.id == item_id:
                    return page, question
        if item_id is not None:
            return None, None
        first = next((page for page in pages if page.questions), pages[0] if pages else None)
        return first, first.questions[0] if first and first.questions else None

    @property
    def found(self) -> bool:
        """Whether there is something to show in the middle."""
        return self.page is not None or not self.questionnaire.pages

    @cached_property
    def numbers(self) -> dict[str, int]:
        return question_numbers(self.questionnaire)

    @cached_property
    def outline(self) -> list[OutlinePage]:
        return [
            OutlinePage(
                page.id,
                number,
                self.questionnaire.say(page.title, self.lang),
                tuple(self._line(question) for question in page.questions),
            )
            for number, page in enumerate(self.questionnaire.pages, start=1)
        ]

    def _line(self, question: Question) -> OutlineLine:
        return OutlineLine(
            id=question.id,
            number=self.numbers.get(question.id),
            text=self.questionnaire.say(question.text, self.lang),
            kind=kind_of(question),
            condition=sentences.condition(self.questionnaire, question.show_if, self.lang),
            warned=any(one.place == question.id and one.severity != "hint" for one in self.findings),
        )

    @cached_property
    def question(self) -> Content | None:
        """The chosen question as JSON: as typed after a refused save, otherwise as stored."""
        if self.chosen is None:
            return None
        return {**question_to_json(self.chosen), **(self.typed or {})}

    @property
    def number(self) -> int | None:
        return self.numbers.get(self.chosen.id) if self.chosen else None

    @property
    def seen(self) -> str:
        """Fingerprint of the question as it is now."""
        if self.chosen is None:
            return ""
        return fingerprint(find_question(self.version.content, self.chosen.id))

    @cached_property
    def tree(self) -> tuple[indicators.Indicator, ...]:
        return queries.tree_of(self.row)

    @cached_property
    def findings(self) -> list[Finding]:
        names = {
            node.code: self.questionnaire.say(node.name, self.lang) for node in indicators.walk(self.tree)
        }
        return findings(queries.problems_of(self.version), self.questionnaire, names)

    @property
    def own_findings(self) -> list[Finding]:
        """What was found about the chosen question or page."""
        chosen = self.chosen.id if self.chosen else self.page.id if self.page else ""
        return [one for one in self.findings if one.place == chosen]

    @property
    def open_points(self) -> int:
        return sum(1 for one in self.findings if one.severity != "hint")

    @property
    def error_count(self) -> int:
        return sum(1 for one in self.findings if one.severity == "error")

    @cached_property
    def steps(self) -> queries.Steps:
        return queries.steps(self.version)

    @property
    def minutes(self) -> int:
        return estimate_minutes(self.questionnaire)

    @property
    def languages(self) -> list[str]:
        """Languages whose texts are shown, the main one first."""
        main = self.questionnaire.default_language
        return sorted(self.questionnaire.languages, key=lambda lang: (lang != main, lang))

    @cached_property
    def indicator_choices(self) -> list[IndicatorChoice]:
        names = {
            node.code: self.questionnaire.say(node.name, self.lang) or node.code
            for node in indicators.walk(self.tree)
        }
        return [
            IndicatorChoice(leaf.code, " › ".join(names[code] for code in (*leaf.parents, leaf.code)))
            for leaf in indicators.leaves(self.tree)
        ]

    @cached_property
    def condition(self) -> str:
        show_if = self.chosen.show_if if self.chosen else None
        return sentences.condition(self.questionnaire, show_if, self.lang)

    @cached_property
    def decides(self) -> list[tuple[str, str]]:
        """Questions that this one decides about: (id, sentence)."""
        if self.chosen is None:
            return []
        codes = set(self.chosen.codes)
        return [
            (one.id, sentences.condition(self.questionnaire, one.show_if, self.lang))
            for one in self.questionnaire.questions
            if one.show_if and codes & {check.question for check in one.show_if.checks}
        ]

    @cached_property
    def earlier(self) -> list[tuple[str, str]]:
        """What a condition can ask for: (code, words), in reading order."""
        if self.chosen is None:
            return []
        place = self.questionnaire.positions[self.chosen.id]
        return [
            (code, f"{sentences.asked_name(self.questionnaire, code, self.lang)} · {self._words(one)}")
            for one in self.questionnaire.questions[:place]
            for code in one.codes
        ]

    def _words(self, question: Question) -> str:
        return self.questionnaire.say(question.text, self.lang)[:40]

    @cached_property
    def checks(self) -> list[dict[str, Any]]:
        """The comparisons of the condition form, each with the values it can have."""
        if self.question is None or not self.question["show_if"]:
            return []
        return [self._check(one) for one in next(iter(self.question["show_if"].values()))]

    def _check(self, one: Content) -> dict[str, Any]:
        asked = self.questionnaire.by_code.get(one["question"])
        value = one["value"]
        op = "unanswered" if one["op"] == "answered" and not value else one["op"]
        many = one["op"] in ("in", "not_in")
        return {
            "question": one["question"],
            "op": op,
            "ops": [*(asked.kind.ops if asked else (one["op"],)), "unanswered"],
            "chosen": [str(item) for item in value] if many else [str(value)],
            "values": sentences.possible_values(self.questionnaire, asked, self.lang) if asked else [],
            "known": asked is not None,
        }

    @property
    def join(self) -> str:
        show_if = self.question["show_if"] if self.question else None
        return next(iter(show_if)) if show_if else "all"

    def preview_url(self, lang: str) -> str | None:
        """The answering page of the chosen page, where that part of the product is on."""
        if "answers.preview" not in current_app.view_functions or self.page is None:
            return None
        return url_for("answers.preview", version_id=self.version.id, place=self.page.id, lang=lang)


def kind_of(question: Question) -> str:
    """The type in a few words: “Rating scale · 5 points”."""
    name = str(TYPE_NAMES[question.type])
    if question.options:
        return f"{name} · " + ngettext("%(num)s option", "%(num)s options", len(question.options))
    if question.rows:
        return f"{name} · " + ngettext("%(num)s row", "%(num)s rows", len(question.rows))
    if question.type in ("scale", "stars"):
        return f"{name} · " + _("%(number)s points", number=question.points)
    return name
