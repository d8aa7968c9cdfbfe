"""Every code of the rules has a sentence, in both languages."""

import re
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from app.blueprints.questionnaires import wording
from app.blueprints.questionnaires.differences import FIELDS
from app.rules.questionnaire import TYPES, Problem, Severity, validate
from app.rules.questionnaire.document import Question
from app.rules.questionnaire.types import COMMON_KEYS
from tests.rules.test_questionnaire_document import document
from tests.rules.test_questionnaire_lint import single

RULES = Path(__file__).parents[2] / "app" / "rules" / "questionnaire"


def codes_in(name: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (RULES / name).read_text(encoding="utf-8")))


def test_every_problem_has_a_sentence() -> None:
    found = codes_in("lint.py", r'_(?:error|warning|hint)\(\s*"(\w+)"')
    found |= codes_in("reachability.py", r'"(condition_\w+)"')
    found |= {
        f"indicator_{code}" for code in ("weights_sum", "negative_weight", "duplicate_code", "missing_name")
    }
    assert found == set(wording.PROBLEMS)


def test_every_remark_has_a_sentence() -> None:
    found = codes_in("pasting.py", r'remark\([\w.]+, "(\w+)"')
    assert found == set(wording.REMARKS)


def test_every_type_and_every_key_has_a_name() -> None:
    assert set(TYPES) == set(wording.TYPE_NAMES) == set(wording.TYPE_HINTS) == set(wording.TYPE_ICONS)
    keys = COMMON_KEYS.union(*(kind.own_keys for kind in TYPES.values())) - {"id"}
    assert keys <= set(FIELDS)
    assert set(Question.__dataclass_fields__) - {"id"} <= set(FIELDS)


def test_sentences_take_their_parameters_in_both_languages(app: Flask) -> None:
    params = {
        "reason": "not_a_list", "lang": "en", "code": "x", "id": "x", "key": "x", "indicator": "speed", "sum": 0.9,
        "count": 3, "limit": 2, "word": "and", "length": 80, "text": "x", "points": 5, "negative": 1, "positive": 2,
    }  # fmt: skip
    for locale in ("en", "zh_Hans_CN"):
        with app.test_request_context(), force_locale(locale):
            for code in wording.PROBLEMS:
                problem = Problem(Severity.ERROR, code, "questions/q1/text", params)
                words = wording.problem_text(problem, {})
                assert "%(" not in words
                assert words != code
                assert locale == "en" or re.search("[\u4e00-\u9fff]", words), code


def test_a_text_that_nobody_wrote_is_empty_and_not_untranslated(app: Flask) -> None:
    options = [{"id": "a", "text": {}}, {"id": "b", "text": {"zh": "乙"}}]
    found = validate(document(single(text={}, options=options)), ())
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        said = [wording.problem_text(one, {}) for one in found if one.code.endswith("_text")]
    assert said == [
        "The question is still empty",
        "Option 1 is still empty",
        "Option 2 is not translated yet: English",
    ]
