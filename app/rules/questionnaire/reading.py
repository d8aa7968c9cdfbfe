"""Reading a content document: JSON in, frozen `Questionnaire` out.

Refuses what has the wrong shape. Whether a well-shaped questionnaire is fit to be sent is
`lint`'s business, so a draft with missing words still reads.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.rules.questionnaire.document import (
    Check,
    Condition,
    Option,
    Page,
    Question,
    Questionnaire,
    Row,
    Text,
)
from app.rules.questionnaire.types import SCALE_POINTS, STAR_POINTS, TYPES

CODE_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_TEXT_LENGTH = 10_000
MAX_QUESTIONS = 200


class ContentError(ValueError):
    """The document has the wrong shape: `code` says how, `path` where."""

    def __init__(self, code: str, path: str) -> None:
        super().__init__(f"{code} at {path or '/'}")
        self.code = code
        self.path = path


def parse(content: Any) -> Questionnaire:
    """Read a content document; raises `ContentError` when its shape is wrong."""
    top = _object(content, "")
    languages = tuple(
        _string(lang, f"languages/{at}") for at, lang in enumerate(_list(top.get("languages"), "languages"))
    )
    pages = tuple(_page(page, f"pages/{at}") for at, page in enumerate(_list(top.get("pages"), "pages")))
    if sum(len(page.questions) for page in pages) > MAX_QUESTIONS:
        raise ContentError("too_many_questions", "pages")
    return Questionnaire(
        languages=languages,
        default_language=_string(top.get("default_language"), "default_language"),
        title=_text(top.get("title"), "title"),
        intro=_text(top.get("intro"), "intro"),
        thanks=_text(top.get("thanks"), "thanks"),
        minutes=_integer(top.get("minutes"), "minutes", optional=True),
        pages=pages,
    )


def _page(raw: Any, path: str) -> Page:
    page = _object(raw, path)
    return Page(
        id=_string(page.get("id"), f"{path}/id"),
        title=_text(page.get("title"), f"{path}/title"),
        questions=tuple(
            _question(question, f"{path}/questions/{at}")
            for at, question in enumerate(_list(page.get("questions", []), f"{path}/questions"))
        ),
    )


def _question(raw: Any, path: str) -> Question:
    data = _object(raw, path)
    type_name = _string(data.get("type"), f"{path}/type")
    if type_name not in TYPES:
        raise ContentError("unknown_type", f"{path}/type")
    own = {
        key: _OWN_READERS[key](data.get(key, default), f"{path}/{key}")
        for key, default in TYPES[type_name].defaults.items()
    }
    allowed = STAR_POINTS if type_name == "stars" else SCALE_POINTS
    if "points" in own and own["points"] not in allowed:
        raise ContentError("bad_points", f"{path}/points")
    return Question(
        id=_string(data.get("id"), f"{path}/id"),
        code=_code(data.get("code"), f"{path}/code"),
        type=type_name,
        text=_text(data.get("text"), f"{path}/text"),
        hint=_text(data.get("hint"), f"{path}/hint"),
        required=_boolean(data.get("required", False), f"{path}/required"),
        indicator=_optional_string(data.get("indicator"), f"{path}/indicator"),
        show_if=_condition(data.get("show_if"), f"{path}/show_if"),
        **own,
    )


def _condition(raw: Any, path: str) -> Condition | None:
    if raw is None:
        return None
    data = _object(raw, path)
    if len(data) != 1 or next(iter(data)) not in ("all", "any"):
        raise ContentError("bad_condition", path)
    mode, tests = next(iter(data.items()))
    read = tuple(_test(test, f"{path}/{mode}/{at}") for at, test in enumerate(_list(tests, path)))
    if not read:
        raise ContentError("bad_condition", path)
    return Condition(mode == "all", read)


def _test(raw: Any, path: str) -> Check:
    data = _object(raw, path)
    op = data.get("op")
    value = data.get("value")
    if op in ("in", "not_in"):
        values = _list(value, f"{path}/value")
        if not all(type(one) in (str, int) for one in values):
            raise ContentError("bad_condition", f"{path}/value")
        value = tuple(values)
    elif op in (">=", "<="):
        value = _integer(value, f"{path}/value")
    elif op == "answered":
        value = value is not False
    else:
        raise ContentError("bad_condition", f"{path}/op")
    return Check(_string(data.get("question"), f"{path}/question"), op, value)


def _options(raw: Any, path: str) -> tuple[Option, ...]:
    return tuple(_option(one, f"{path}/{at}") for at, one in enumerate(_list(raw, path)))


def _option(raw: Any, path: str) -> Option:
    data = _object(raw, path)
    return Option(
        _string(data.get("id"), f"{path}/id"),
        _text(data.get("text"), f"{path}/text"),
        _boolean(data.get("other", False), f"{path}/other"),
        _boolean(data.get("exclusive", False), f"{path}/exclusive"),
    )


def _rows(raw: Any, path: str) -> tuple[Row, ...]:
    return tuple(_row(one, f"{path}/{at}") for at, one in enumerate(_list(raw, path)))


def _row(raw: Any, path: str) -> Row:
    data = _object(raw, path)
    return Row(
        _string(data.get("id"), f"{path}/id"),
        _code(data.get("code"), f"{path}/code"),
        _text(data.get("text"), f"{path}/text"),
        _optional_string(data.get("indicator"), f"{path}/indicator"),
    )


def _labels(raw: Any, path: str) -> tuple[Text, ...] | None:
    if raw is None:
        return None
    return tuple(_text(one, f"{path}/{at}") for at, one in enumerate(_list(raw, path)))


def _object(raw: Any, path: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ContentError("not_an_object", path)
    return raw


def _list(raw: Any, path: str) -> list[Any]:
    if not isinstance(raw, list):
        raise ContentError("not_a_list", path)
    return raw


def _string(raw: Any, path: str) -> str:
    if not isinstance(raw, str) or not raw:
        raise ContentError("not_a_string", path)
    return raw


def _optional_string(raw: Any, path: str) -> str | None:
    return None if raw is None or raw == "" else _string(raw, path)


def _code(raw: Any, path: str) -> str:
    if not CODE_PATTERN.fullmatch(_string(raw, path)):
        raise ContentError("bad_code", path)
    return str(raw)


def _boolean(raw: Any, path: str) -> bool:
    if not isinstance(raw, bool):
        raise ContentError("not_a_boolean", path)
    return raw


def _integer(raw: Any, path: str, *, optional: bool = False) -> Any:
    if raw is None and optional:
        return None
    if type(raw) is not int or abs(raw) > 1_000_000:
        raise ContentError("not_an_integer", path)
    return raw


def _choices_limit(raw: Any, path: str) -> int | None:
    limit = _integer(raw, path, optional=True)
    if limit is not None and limit < 1:
        raise ContentError("bad_limit", path)
    return None if limit is None else int(limit)


def _length_limit(raw: Any, path: str) -> int:
    limit = int(_integer(raw, path))
    if not 1 <= limit <= MAX_TEXT_LENGTH:
        raise ContentError("bad_limit", path)
    return limit


def _text(raw: Any, path: str) -> Text:
    if raw is None:
        return {}
    data = _object(raw, path)
    if not all(isinstance(one, str) for pair in data.items() for one in pair):
        raise ContentError("not_a_string", path)
    return dict(data)


_OWN_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "options": _options,
    "dropdown": _boolean,
    "max_choices": _choices_limit,
    "points": _integer,
    "low": _text,
    "high": _text,
    "labels": _labels,
    "allow_na": _boolean,
    "na_text": _text,
    "reverse": _boolean,
    "rows": _rows,
    "max_length": _length_limit,
}
