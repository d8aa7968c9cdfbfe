"""Heuristics on wording, for Chinese and English. They may err, so they never forbid anything."""

import re
from collections.abc import Sequence

# Where the joining word joins no two ideas: 温和, "compared with", "between this and that".
_HARMLESS = {
    "zh": re.compile(
        r"和气|和谐|和善|和蔼|和解|温和|平和|柔和|缓和|饱和|总和|随和|共和"
        r"|和[^，。？]*?(?:相比|比起来|相符|一致|一样|不同)"
    ),
    "en": re.compile(r"\bbetween\b[^,.?]*?\band\b", re.IGNORECASE),
}
_DOUBLE = {
    "zh": re.compile(r"并且|而且|以及|及其|和"),
    "en": re.compile(r"\band\b", re.IGNORECASE),
}
_JUDGING = {
    "zh": re.compile(r"满意|同意|赞成|很好|很差|愿意"),
    "en": re.compile(r"satisf|good|agree|poor|bad|excellent|likely|happy", re.IGNORECASE),
}
_NEGATIVE = {
    "zh": re.compile(r"不|差|糟|失望"),
    "en": re.compile(r"\b(dis|un)\w+|\bnot\b|poor|bad|terrible|awful", re.IGNORECASE),
}
_NEUTRAL = {
    "zh": re.compile(r"一般|中立|中等|普通|尚可|说不清|差不多|不好不坏|无所谓"),
    "en": re.compile(r"neither|neutral|average|fair|okay|\bok\b|mixed", re.IGNORECASE),
}
_LONGEST = {"zh": 60, "en": 180}


def asks_two_things(text: str, lang: str) -> str | None:
    """The word that joins two ideas in a question, or None."""
    pattern = _DOUBLE.get(lang)
    if pattern is None:
        return None
    found = pattern.search(_HARMLESS[lang].sub("", text))
    return found.group() if found else None


def sides(labels: Sequence[str], lang: str) -> tuple[int, int] | None:
    """(negative, positive) labels of a judging scale; None where that can't be told."""
    judging = _JUDGING.get(lang)
    if judging is None or not any(judging.search(label) for label in labels):
        return None
    negative = positive = 0
    for label in labels:
        if _NEUTRAL[lang].search(label):
            continue
        if _NEGATIVE[lang].search(label.replace("不错", "")):
            negative += 1
        else:
            positive += 1
    return negative, positive


def is_long(text: str, lang: str) -> bool:
    """Whether a question is longer than people read; Chinese says more in fewer characters."""
    return len(text) > _LONGEST.get(lang, 180)
