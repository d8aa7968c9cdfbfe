"""Codes of the rules put into words: types, problems, remarks on pasted text, refused edits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.rules.questionnaire import Problem, Questionnaire

TYPE_NAMES: Mapping[str, Any] = {
    "single": _l("Single choice"),
    "multiple": _l("Multiple choice"),
    "scale": _l("Rating scale"),
    "matrix": _l("Matrix"),
    "nps": _l("0–10 recommendation"),
    "emoji": _l("Faces"),
    "stars": _l("Stars"),
    "short_text": _l("Short text"),
    "long_text": _l("Long text"),
    "info": _l("Information"),
}
TYPE_HINTS: Mapping[str, Any] = {
    "single": _l("One of several options"),
    "multiple": _l("Several options may be ticked"),
    "scale": _l("Satisfaction or agreement, 3 to 11 points"),
    "matrix": _l("Several aspects on one scale"),
    "nps": _l("How likely to recommend us (NPS)"),
    "emoji": _l("Five faces, quick and friendly"),
    "stars": _l("3 to 10 stars"),
    "short_text": _l("One line"),
    "long_text": _l("Several lines, in the customer’s own words"),
    "info": _l("Only text, no answer"),
}
TYPE_ICONS = {
    "single": "circle-check", "multiple": "square-check", "scale": "list-check", "matrix": "table",
    "nps": "trending-up", "emoji": "mood-smile", "stars": "star", "short_text": "forms",
    "long_text": "writing", "info": "info-circle",
}  # fmt: skip

_PLACES: Mapping[str, Any] = {
    "text": _l("The question"),
    "hint": _l("The hint"),
    "low": _l("The label of the low end"),
    "high": _l("The label of the high end"),
    "na_text": _l("The text of “not applicable”"),
    "title": _l("The title"),
    "intro": _l("The introduction"),
    "thanks": _l("The thank-you text"),
}

_NUMBERED: Mapping[str, Any] = {
    "options": _l("Option %(number)s"),
    "rows": _l("Row %(number)s"),
    "labels": _l("Label %(number)s of the scale"),
}

# Whoever adds a code to the rules adds its sentence here; a test compares the two.
PROBLEMS: Mapping[str, Any] = {
    "malformed": _l("The questionnaire can’t be read (%(reason)s)"),
    "no_languages": _l("No language is switched on"),
    "duplicate_language": _l("A language is switched on twice"),
    "default_language_missing": _l("The main language is switched off"),
    "empty_text": _l("%(what)s is still empty"),
    "missing_text": _l("%(what)s is not translated yet: %(language)s"),
    "duplicate_code": _l("The code “%(code)s” is used twice"),
    "duplicate_id": _l("A part stands twice in the questionnaire (%(id)s)"),
    "unknown_key": _l("The setting “%(key)s” is not known"),
    "no_questions": _l("There is no question yet"),
    "empty_page": _l("A page has no questions"),
    "indicator_on_unscored": _l("Only rated questions can measure an indicator"),
    "unknown_indicator": _l("The indicator “%(indicator)s” is no longer in the system"),
    "indicator_unmeasured": _l("No question measures “%(indicator)s”"),
    "indicator_weights_sum": _l("Weights under “%(indicator)s” sum to %(percent)s instead of 100%%"),
    "indicator_negative_weight": _l("The weight of “%(indicator)s” is negative"),
    "indicator_duplicate_code": _l("The indicator code “%(indicator)s” is used twice"),
    "indicator_missing_name": _l("The indicator “%(indicator)s” has no name yet: %(language)s"),
    "too_many_items": _l("%(count)s items to rate; beyond %(limit)s people begin to tick without reading"),
    "no_intro": _l("No introduction: say who asks, what for, and how answers are protected"),
    "required_info": _l("A piece of information can’t be required"),
    "double_barrelled": _l("Two questions in one (“%(word)s”): who agrees with only half can’t answer"),
    "long_text": _l("A long question (%(length)s characters); shorter ones are answered better"),
    "too_few_options": _l("At least two options are needed"),
    "repeated_text": _l("“%(text)s” stands there twice"),
    "several_others": _l("Only one option can be “other, please say”"),
    "max_choices_idle": _l("The limit of %(limit)s choices limits nothing"),
    "no_other": _l("“Other, please say” is missing"),
    "one_end_unlabelled": _l("Only one end of the scale has words"),
    "scale_unlabelled": _l("The scale has no words: people won’t know which end is good"),
    "labels_count": _l("%(count)s labels for a scale of %(points)s points"),
    "unbalanced_labels": _l("The scale leans: %(negative)s negative and %(positive)s positive labels"),
    "no_rows": _l("The matrix has no rows"),
    "long_matrix": _l("A matrix of %(count)s rows is hard going on a phone"),
    "condition_unknown": _l("The condition names a question that is no longer there"),
    "condition_on_itself": _l("The condition depends on the question itself"),
    "condition_later": _l("The condition names a question that comes later"),
    "condition_op": _l("The condition does not fit the kind of question it names"),
    "condition_value": _l("The condition names an answer that can’t be given"),
    "condition_unreachable": _l("The condition can never hold, so nobody would see this question"),
    "condition_same_page": _l("The condition names a question on the same page; it is better on the next page"),
}  # fmt: skip

REMARKS: Mapping[str, Any] = {
    "nothing_found": _l("No question was found in the text."),
    "too_long": _l("The text is too long; only the beginning was read."),
    "too_many_questions": _l("A questionnaire holds at most 200 questions; this one was left out."),
    "too_many_parts": _l("A question holds at most 100 options; this one was left out."),
    "line_cut": _l("A very long line was cut."),
    "part_without_question": _l("An option or hint stands before the first question."),
    "unknown_type": _l("This type is not known."),
    "type_guessed": _l("No type was given; it was guessed."),
    "parts_ignored": _l("The options do not fit this type and were left out."),
    "too_few_parts": _l("This question needs more options or rows."),
}

EDIT_ERRORS: Mapping[str, Any] = {
    "code_taken": _l("Another question already has this code. Choose another one."),
    "code_reserved": _l("This code belonged to another question in an earlier version. Choose another one."),
    "bad_code": _l("A code begins with a small letter and holds only a–z, 0–9 and _, at most 40 characters."),
    "id_taken": _l("This part stands in the questionnaire already. Reload the page."),
    "page_not_empty": _l("Move or delete the questions of this page first."),
    "too_many_questions": _l("A questionnaire holds at most 200 questions."),
    "too_many_parts": _l("At most 100 options or rows fit into one question."),
    "too_long": _l("This text is too long. Shorten it to 2,000 characters."),
    "number": _l("Type a whole number within the limits."),
    "nothing_to_undo": _l("There is nothing to undo."),
    "nothing_to_redo": _l("There is nothing to redo."),
}
_ONCE = ("double_barrelled", "long_text", "unbalanced_labels")
_OTHER_ERROR = _l("This could not be stored. Check the fields and try again.")


@dataclass(frozen=True)
class Finding:
    """A problem in words. `place` is the id of the question or page, or `settings`, `indicators`."""

    severity: str
    code: str
    text: str
    place: str
    number: int | None


def edit_error(code: str) -> str:
    """A refused edit in words."""
    return str(EDIT_ERRORS.get(code, _OTHER_ERROR))


def language_name(code: str) -> str:
    """The name of a content language in the page's language."""
    return {"zh": _("Chinese"), "en": _("English")}.get(code, code)


def problem_text(problem: Problem, indicator_names: Mapping[str, str]) -> str:
    """A problem in words."""
    params = dict(problem.params)
    if "lang" in params:
        params["language"] = language_name(params["lang"])
    if "indicator" in params:
        code = params["indicator"]
        params["indicator"] = _("the top level") if code is None else indicator_names.get(code) or code
    if "sum" in params:
        params["percent"] = f"{params['sum'] * 100:.1f}%"
    if problem.code in ("empty_text", "missing_text"):
        params["what"] = _place(problem.path, params.get("at"))
    sentence = PROBLEMS.get(problem.code)
    return problem.code if sentence is None else str(sentence) % params


def _place(path: str, at: int | None) -> str:
    """What a path leads to; `at` is the number among several of a kind."""
    for part in reversed(path.split("/")):
        if part in _NUMBERED and at is not None:
            return str(_NUMBERED[part]) % {"number": at}
        if part in _PLACES:
            return str(_PLACES[part])
    return path


def findings(
    problems: list[Problem], questionnaire: Questionnaire | None, indicator_names: Mapping[str, str]
) -> list[Finding]:
    """Problems in words, in the order given, each with where to put it right.

    What is wrong with the wording in both languages is said once.
    """
    said: set[tuple[str, str]] = set()
    numbers = question_numbers(questionnaire) if questionnaire else {}
    return [
        Finding(
            problem.severity.value,
            problem.code,
            problem_text(problem, indicator_names),
            _where(problem),
            numbers.get(problem.question_id or ""),
        )
        for problem in problems
        if not _said_before(problem, said)
    ]


def _said_before(problem: Problem, said: set[tuple[str, str]]) -> bool:
    if problem.code not in _ONCE:
        return False
    before = (problem.path, problem.code) in said
    said.add((problem.path, problem.code))
    return before


def _where(problem: Problem) -> str:
    parts = problem.path.split("/")
    if parts[0] in ("questions", "pages") and len(parts) > 1:
        return parts[1]
    if problem.code.startswith("indicator_"):
        return "indicators"
    return "settings" if parts[0] in ("title", "intro", "thanks", "languages", "default_language") else ""


def question_numbers(questionnaire: Questionnaire) -> dict[str, int]:
    """The number that a question is called by, by id; information has none."""
    asked = (question.id for question in questionnaire.questions if question.type != "info")
    return {question_id: number for number, question_id in enumerate(asked, start=1)}
