"""The check before publishing: everything that is wrong with a questionnaire, worst things first.

Reports codes with parameters; the pages put them into words.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from app.rules import indicators
from app.rules.questionnaire.document import (
    Page,
    Question,
    Questionnaire,
    Text,
    codes_of,
)
from app.rules.questionnaire.editing import SETTINGS
from app.rules.questionnaire.problems import Problem, Severity
from app.rules.questionnaire.reachability import check_conditions
from app.rules.questionnaire.reading import ContentError, parse
from app.rules.questionnaire.scored import scored_items
from app.rules.questionnaire.types import TYPES
from app.rules.questionnaire.wording import asks_two_things, is_long, sides

MANY_ITEMS = 25
LONG_MATRIX = 7
OPTIONS_WANTING_OTHER = 4
_ORDER = list(Severity)
_TOP_KEYS = {*SETTINGS, "pages"}


def validate(
    content: Any,
    indicator_codes: Collection[str],
    *,
    tree: Sequence[indicators.Indicator] = (),
) -> list[Problem]:
    """All problems of a content document, errors first.

    `indicator_codes` are the leaves that questions may point at; with `tree` its weights are
    checked too. A document that does not parse has the one problem `malformed` (params: reason).
    """
    try:
        questionnaire = parse(content)
    except ContentError as error:
        return [_error("malformed", error.path, reason=error.code)]
    problems = [
        *_languages(questionnaire),
        *_names(questionnaire),
        *_unknown_keys(content),
        *_pages(questionnaire),
        *check_conditions(questionnaire),
        *_indicators(questionnaire, indicator_codes, tree),
        *_whole(questionnaire),
    ]
    for question in questionnaire.questions:
        problems += _question(question, questionnaire.languages)
    return sorted(problems, key=lambda problem: _ORDER.index(problem.severity))


def publishable(problems: Sequence[Problem]) -> bool:
    """Whether none of the problems forbids publishing."""
    return all(problem.severity is not Severity.ERROR for problem in problems)


def _error(code: str, path: str, /, **params: Any) -> Problem:
    return Problem(Severity.ERROR, code, path, params)


def _warning(code: str, path: str, /, **params: Any) -> Problem:
    return Problem(Severity.WARNING, code, path, params)


def _hint(code: str, path: str, /, **params: Any) -> Problem:
    return Problem(Severity.HINT, code, path, params)


def _languages(questionnaire: Questionnaire) -> Iterator[Problem]:
    languages = questionnaire.languages
    if not languages:
        yield _error("no_languages", "languages")
    if len(set(languages)) < len(languages):
        yield _error("duplicate_language", "languages")
    if questionnaire.default_language not in languages:
        yield _error("default_language_missing", "default_language")
    yield from _spoken(questionnaire.title, "title", languages)
    yield from _spoken(questionnaire.intro, "intro", languages, optional=True)
    yield from _spoken(questionnaire.thanks, "thanks", languages, optional=True)


def _spoken(
    text: Text | None, path: str, languages: Sequence[str], *, optional: bool = False, **place: int
) -> Iterator[Problem]:
    """Missing languages; an optional text may be missing in all of them.

    A text that nobody has written yet is said once. `place` tells which of several it is (`at`, from 1).
    """
    given = {lang for lang, words in (text or {}).items() if words.strip()}
    if not given:
        if not optional:
            yield _error("empty_text", path, **place)
        return
    for lang in languages:
        if lang not in given:
            yield _error("missing_text", path, lang=lang, **place)


def _names(questionnaire: Questionnaire) -> Iterator[Problem]:
    seen: set[str] = set()
    for code in codes_of(questionnaire):
        if code in seen:
            question = questionnaire.by_code[code]
            yield _error("duplicate_code", f"questions/{question.id}/code", code=code)
        seen.add(code)
    ids: set[str] = set()
    for page in questionnaire.pages:
        for path, id_ in _ids(page):
            if id_ in ids:
                yield _error("duplicate_id", path, id=id_)
            ids.add(id_)


def _ids(page: Page) -> Iterator[tuple[str, str]]:
    """Ids with where they stand; option and row ids need be unique in their question only."""
    yield f"pages/{page.id}", page.id
    for question in page.questions:
        yield f"questions/{question.id}", question.id
        for key, parts in (("options", question.options), ("rows", question.rows)):
            for part in parts:
                yield f"questions/{question.id}/{key}", f"{question.id}/{key}/{part.id}"


def _unknown_keys(content: dict[str, Any]) -> Iterator[Problem]:
    for key in content.keys() - _TOP_KEYS:
        yield _error("unknown_key", key, key=key)
    for page in content["pages"]:
        for question in page.get("questions", []):
            for key in question.keys() - TYPES[question["type"]].allowed_keys:
                yield _error("unknown_key", f"questions/{question['id']}", key=key)


def _pages(questionnaire: Questionnaire) -> Iterator[Problem]:
    if not questionnaire.questions:
        yield _error("no_questions", "pages")
    for page in questionnaire.pages:
        path = f"pages/{page.id}"
        if not page.questions:
            yield _warning("empty_page", path)
        yield from _spoken(page.title, f"{path}/title", questionnaire.languages, optional=True)


def _indicators(
    questionnaire: Questionnaire,
    known: Collection[str],
    tree: Sequence[indicators.Indicator],
) -> Iterator[Problem]:
    used: set[str] = set()
    for question in questionnaire.questions:
        parts = (
            ("", question.indicator),
            *((f"/rows/{r.id}", r.indicator) for r in question.rows),
        )
        for place, indicator in parts:
            path = f"questions/{question.id}{place}/indicator"
            if indicator is None:
                continue
            used.add(indicator)
            if not question.kind.scored:
                yield _error("indicator_on_unscored", path, indicator=indicator)
            elif indicator not in known:
                yield _error("unknown_indicator", path, indicator=indicator)
    for indicator in known:
        if indicator not in used:
            yield _hint("indicator_unmeasured", "pages", indicator=indicator)
    for fault in indicators.check(tree):
        yield _error(
            f"indicator_{fault.code}",
            "indicators",
            indicator=fault.indicator,
            **fault.params,
        )


def _whole(questionnaire: Questionnaire) -> Iterator[Problem]:
    count = len(scored_items(questionnaire))
    if count > MANY_ITEMS:
        yield _warning("too_many_items", "pages", count=count, limit=MANY_ITEMS)
    if not any(words.strip() for words in questionnaire.intro.values()):
        yield _warning("no_intro", "intro")


def _question(question: Question, languages: Sequence[str]) -> Iterator[Problem]:
    path = f"questions/{question.id}"
    yield from _spoken(question.text, f"{path}/text", languages)
    yield from _spoken(question.hint, f"{path}/hint", languages, optional=True)
    if question.type == "info" and question.required:
        yield _error("required_info", f"{path}/required")
    yield from _wording(question.text, f"{path}/text", languages, question.kind.scored)
    if "options" in question.kind.own_keys:
        yield from _options(question, path, languages)
    if "low" in question.kind.own_keys:
        yield from _labels(question, path, languages)
    if "rows" in question.kind.own_keys:
        yield from _rows(question, path, languages)


def _wording(text: Text, path: str, languages: Sequence[str], scored: bool) -> Iterator[Problem]:
    for lang in languages:
        words = text.get(lang, "")
        joint = asks_two_things(words, lang) if scored else None
        if joint:
            yield _warning("double_barrelled", path, lang=lang, word=joint)
        if is_long(words, lang):
            yield _hint("long_text", path, lang=lang, length=len(words))


def _options(question: Question, path: str, languages: Sequence[str]) -> Iterator[Problem]:
    options = question.options
    if len(options) < 2:
        yield _error("too_few_options", f"{path}/options", count=len(options))
    for at, option in enumerate(options, start=1):
        yield from _spoken(option.text, f"{path}/options/{option.id}", languages, at=at)
    yield from _repeated([option.text for option in options], f"{path}/options", languages)
    if len([option for option in options if option.other]) > 1:
        yield _error("several_others", f"{path}/options")
    limit = question.max_choices
    if limit is not None and limit >= len(options):
        yield _hint("max_choices_idle", f"{path}/max_choices", limit=limit)
    real = [option for option in options if not option.exclusive]
    if len(real) >= OPTIONS_WANTING_OTHER and question.other_id is None:
        yield _hint("no_other", f"{path}/options")


def _repeated(texts: Sequence[Text], path: str, languages: Sequence[str]) -> Iterator[Problem]:
    for lang in languages:
        words = [text.get(lang, "").strip() for text in texts]
        for one in sorted({word for word in words if word and words.count(word) > 1}):
            yield _warning("repeated_text", path, lang=lang, text=one)


def _labels(question: Question, path: str, languages: Sequence[str]) -> Iterator[Problem]:
    ends = [any((end or {}).values()) for end in (question.low, question.high)]
    if ends[0] != ends[1]:
        yield _warning("one_end_unlabelled", f"{path}/low")
    yield from _spoken(question.low, f"{path}/low", languages, optional=True)
    yield from _spoken(question.high, f"{path}/high", languages, optional=True)
    if question.allow_na:
        yield from _spoken(question.na_text, f"{path}/na_text", languages, optional=True)
    if question.labels is None:
        if not any(ends):
            yield _warning("scale_unlabelled", path)
        return
    if len(question.labels) != question.points:
        count = len(question.labels)
        yield _error("labels_count", f"{path}/labels", count=count, points=question.points)
    for at, label in enumerate(question.labels):
        yield from _spoken(label, f"{path}/labels/{at}", languages, at=at + 1)
    yield from _repeated(question.labels, f"{path}/labels", languages)
    for lang in languages:
        counts = sides([label.get(lang, "") for label in question.labels], lang)
        if counts and counts[0] != counts[1]:
            yield _warning(
                "unbalanced_labels",
                f"{path}/labels",
                lang=lang,
                negative=counts[0],
                positive=counts[1],
            )


def _rows(question: Question, path: str, languages: Sequence[str]) -> Iterator[Problem]:
    if not question.rows:
        yield _error("no_rows", f"{path}/rows")
    if len(question.rows) > LONG_MATRIX:
        yield _warning("long_matrix", f"{path}/rows", count=len(question.rows))
    for at, row in enumerate(question.rows, start=1):
        row_path = f"{path}/rows/{row.id}"
        yield from _spoken(row.text, row_path, languages, at=at)
        yield from _wording(row.text, row_path, languages, True)
    yield from _repeated([row.text for row in question.rows], f"{path}/rows", languages)
