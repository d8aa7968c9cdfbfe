"""The words a new question starts with, in both languages, worst to best."""

import copy
from typing import Any

LABELS: dict[str, dict[int, list[tuple[str, str]]]] = {
    "satisfaction": {
        3: [("不满意", "Dissatisfied"), ("一般", "Neither"), ("满意", "Satisfied")],
        5: [
            ("很不满意", "Very dissatisfied"),
            ("不满意", "Dissatisfied"),
            ("一般", "Neither satisfied nor dissatisfied"),
            ("满意", "Satisfied"),
            ("很满意", "Very satisfied"),
        ],
        7: [
            ("非常不满意", "Completely dissatisfied"),
            ("很不满意", "Very dissatisfied"),
            ("不太满意", "Rather dissatisfied"),
            ("一般", "Neither satisfied nor dissatisfied"),
            ("比较满意", "Rather satisfied"),
            ("很满意", "Very satisfied"),
            ("非常满意", "Completely satisfied"),
        ],
    },
    "agreement": {
        3: [("不同意", "Disagree"), ("一般", "Neither"), ("同意", "Agree")],
        5: [
            ("很不同意", "Strongly disagree"),
            ("不同意", "Disagree"),
            ("一般", "Neither agree nor disagree"),
            ("同意", "Agree"),
            ("很同意", "Strongly agree"),
        ],
        7: [
            ("非常不同意", "Strongly disagree"),
            ("不同意", "Disagree"),
            ("不太同意", "Rather disagree"),
            ("一般", "Neither agree nor disagree"),
            ("比较同意", "Rather agree"),
            ("同意", "Agree"),
            ("非常同意", "Strongly agree"),
        ],
    },
}
ENDS = {
    "satisfaction": (("很不满意", "Very dissatisfied"), ("很满意", "Very satisfied")),
    "agreement": (("很不同意", "Strongly disagree"), ("很同意", "Strongly agree")),
}
_NPS_ENDS = (("完全不可能", "Not at all likely"), ("非常可能", "Extremely likely"))
_NOT_APPLICABLE = ("不适用", "Not applicable")


def scale_words(kind: str, points: int) -> dict[str, Any]:
    """`labels`, `low` and `high` of a scale; more than 7 points have words at the ends only."""
    named = LABELS[kind].get(points)
    low, high = ENDS[kind]
    if named:
        low, high = named[0], named[-1]
    return {
        "labels": [_text(one) for one in named] if named else None,
        "low": _text(low),
        "high": _text(high),
    }


def first_words(type_name: str) -> dict[str, Any]:
    """What a new question of this type is changed to at once."""
    if type_name in ("scale", "matrix"):
        return copy.deepcopy(scale_words("satisfaction", 5)) | {"na_text": _text(_NOT_APPLICABLE)}
    if type_name == "nps":
        return {"low": _text(_NPS_ENDS[0]), "high": _text(_NPS_ENDS[1])}
    return {}


def _text(words: tuple[str, str]) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}
