"""A questionnaire written as plain text, or copied out of a spreadsheet, into a content document.

One line is one thing:

    # Title of the questionnaire
    == Title of a page
    1. Question text 【单选】 *        (a type in 【】 or []; * or （必填） means required)
    - an option, a scale label (worst first) or a row of a matrix
    > a hint under the question

Numbers in front, bullets of any kind and full-width characters are understood. `中文 | English`
gives both languages; a line without a bar is in the language given. A line of several cells
(tabs) is a question, its type and its options. What is not understood is kept as text and
reported, never dropped.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.rules.questionnaire.document import Content
from app.rules.questionnaire.reading import MAX_QUESTIONS
from app.rules.questionnaire.types import SCALE_POINTS, TYPES

LONGEST_TEXT = 60_000
LONGEST_LINE = 1000
MOST_PARTS = 100

_NAMES = {
    "single": ("单选", "单选题", "single", "single choice", "choice", "radio"),
    "dropdown": ("下拉", "下拉题", "下拉单选", "dropdown", "select"),
    "multiple": ("多选", "多选题", "可多选", "multiple", "multiple choice", "checkbox", "checkboxes"),
    "scale": ("满意度", "满意度题", "量表", "量表题", "打分", "评分", "scale", "satisfaction", "rating"),
    "matrix": ("矩阵", "矩阵题", "矩阵量表", "矩阵满意度", "matrix", "grid"),
    "nps": ("nps", "推荐", "推荐度", "净推荐值", "recommend"),
    "emoji": ("表情", "表情题", "emoji", "smiley", "smileys", "faces"),
    "stars": ("星级", "星级题", "星", "stars", "star"),
    "short_text": ("填空", "填空题", "单行文本", "短文本", "short text", "text", "short"),
    "long_text": ("简答", "简答题", "问答", "问答题", "开放", "开放题", "多行文本", "长文本", "long text", "long", "open"),
    "info": ("说明", "提示", "文字", "info", "note"),
}  # fmt: skip
_TYPE_OF = {name: kind for kind, names in _NAMES.items() for name in names}
_BRACKET = re.compile(r"\s*[【\[]\s*([^】\]\[【]{1,30}?)\s*[】\]]\s*")
_NUMBER = re.compile(
    r"^(?:[QqＱ]?\s*\d{1,3}\s*[.、．)）:：]\s*|[（(]\d{1,3}[)）]\s*|第\s*\d{1,3}\s*题\s*[.、．:：]?\s*)"
)
_PART = re.compile(r"^(?:[-–—•·*□○●◯☐]\s*|[A-Za-z]\s*[.、．)）]\s*|[①-⑳]\s*)(?=\S)")
_PAGE = re.compile(r"^(?:={2,}|#{2,})\s*(.*?)\s*=*$")
_REQUIRED = re.compile(r"\s*(?:[（(]\s*(?:必填|必答|required)\s*[)）]|(?<=\S)\s*[*＊])\s*$", re.IGNORECASE)
_OTHER = re.compile(r"^(?:其他|其它|other|something else)\b|_{2,}|＿{2,}|^其[他它]", re.IGNORECASE)
_EXCLUSIVE = re.compile(r"^(?:以上都不|以上都没有|都没有|none of)", re.IGNORECASE)
_SCALE_ENDS = ({"zh": "很不满意", "en": "Very dissatisfied"}, {"zh": "很满意", "en": "Very satisfied"})
_NPS_ENDS = ({"zh": "完全不可能", "en": "Not at all likely"}, {"zh": "非常可能", "en": "Extremely likely"})


@dataclass(frozen=True, slots=True)
class Remark:
    """What was not clear: `line` counts from 1 (0: the whole text), `text` is the place itself.

    Codes: `nothing_found`, `too_long`, `too_many_questions`, `too_many_parts`, `line_cut`,
    `part_without_question`, `unknown_type`, `type_guessed`, `parts_ignored`, `too_few_parts`.
    """

    line: int
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """The document (always one that parses) and the remarks on how it was understood."""

    content: Content
    remarks: tuple[Remark, ...]

    @property
    def count(self) -> int:
        return sum(len(page["questions"]) for page in self.content["pages"])


@dataclass
class _Draft:
    """One question while its lines are being read."""

    line: int
    text: dict[str, str]
    required: bool
    token: str | None
    hint: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, str]] = field(default_factory=list)


@dataclass
class _Reader:
    language: str
    title: dict[str, str] = field(default_factory=dict)
    pages: list[tuple[dict[str, str], list[_Draft]]] = field(default_factory=lambda: [({}, [])])
    remarks: list[Remark] = field(default_factory=list)

    @property
    def question(self) -> _Draft | None:
        return self.pages[-1][1][-1] if self.pages[-1][1] else None

    def remark(self, line: int, code: str, text: str = "") -> None:
        self.remarks.append(Remark(line, code, text[:80]))


def paste(text: str, *, language: str) -> Pasted:
    """Read a pasted questionnaire; `language` ("zh" or "en") is that of lines without a bar."""
    reader = _Reader(language)
    if len(text) > LONGEST_TEXT:
        reader.remark(0, "too_long")
        text = text[:LONGEST_TEXT]
    for number, raw in enumerate(_clean(text).split("\n"), start=1):
        line = raw.strip(" \u3000\ufeff")
        if len(line) > LONGEST_LINE:
            reader.remark(number, "line_cut", line)
            line = line[:LONGEST_LINE]
        if line.strip():
            _read_line(reader, number, line)
    content = _document(reader)
    return Pasted(content, tuple(sorted(reader.remarks, key=lambda remark: remark.line)))


def _clean(text: str) -> str:
    """Line ends made equal; without characters that no text may hold."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return "".join(
        char for char in plain if char in "\n\t" or (char >= " " and not "\ud800" <= char <= "\udfff")
    )


def _read_line(reader: _Reader, number: int, line: str) -> None:
    if "\t" in line.strip("\t"):
        _read_cells(reader, number, [cell.strip() for cell in line.split("\t")])
    elif page := _PAGE.match(line):
        _start_page(reader, _both(reader, page.group(1)))
    elif line.startswith("#"):
        reader.title = _both(reader, line.lstrip("# "))
    elif line[0] in ">＞":
        _read_hint(reader, number, line[1:].strip())
    elif part := _PART.match(line):
        _read_part(reader, number, line[part.end() :])
    else:
        _read_question(reader, number, line)


def _start_page(reader: _Reader, title: dict[str, str]) -> None:
    if reader.question is None and not reader.pages[-1][0]:
        reader.pages[-1] = (title, [])
    else:
        reader.pages.append((title, []))


def _read_hint(reader: _Reader, number: int, words: str) -> None:
    if reader.question is None:
        reader.remark(number, "part_without_question", words)
    else:
        reader.question.hint = _both(reader, words)


def _read_part(reader: _Reader, number: int, words: str) -> None:
    if reader.question is None:
        reader.remark(number, "part_without_question", words)
    elif len(reader.question.parts) >= MOST_PARTS:
        reader.remark(number, "too_many_parts", words)
    else:
        reader.question.parts.append(_both(reader, words.rstrip("_＿ ") or words))


def _read_question(reader: _Reader, number: int, line: str) -> None:
    words = _NUMBER.sub("", line, count=1) or line
    token, words = _take_type(reader, number, words)
    bare = _REQUIRED.sub("", words)
    required = bare != words and bool(bare.strip())
    _append(reader, _Draft(number, _both(reader, bare if required else words), required, token))


def _read_cells(reader: _Reader, number: int, cells: list[str]) -> None:
    """A row of a spreadsheet: question, type where recognised, options."""
    words, *others = [cell for cell in cells if cell]
    before = reader.question
    _read_question(reader, number, words)
    question = reader.question
    if question is None or question is before:
        return
    if others and question.token is None:
        token, _rest = _type_named(others[0])
        if token:
            question.token = others.pop(0)
    for cell in others[:MOST_PARTS]:
        question.parts.append(_both(reader, cell))


def _append(reader: _Reader, question: _Draft) -> None:
    if sum(len(page[1]) for page in reader.pages) >= MAX_QUESTIONS:
        reader.remark(question.line, "too_many_questions", next(iter(question.text.values()), ""))
    else:
        reader.pages[-1][1].append(question)


def _take_type(reader: _Reader, number: int, words: str) -> tuple[str | None, str]:
    """The type in brackets, and the words without it; unknown words in brackets stay."""
    unknown = None
    for found in _BRACKET.finditer(words):
        if _type_named(found.group(1))[0]:
            rest = (words[: found.start()] + " " + words[found.end() :]).strip()
            return found.group(1), rest or words
        unknown = found.group(1)
    if unknown is not None and _BRACKET.search(words[-34:]):
        reader.remark(number, "unknown_type", unknown)
    return None, words


def _type_named(token: str) -> tuple[str | None, int | None]:
    """Type and number of points in words such as "满意度7", "7 分量表" or "scale 10"."""
    digits = re.search(r"\d{1,2}", token)
    name = re.sub(r"\d{1,2}\s*(?:分制?|级|点|颗|-?\s*point)?", "", token).strip(" -－·题:：").lower()
    kind = _TYPE_OF.get(name) or _TYPE_OF.get(name + "题")
    return kind, int(digits.group()) if digits and kind else None


def _both(reader: _Reader, words: str) -> dict[str, str]:
    """`中文 | English` as two languages."""
    parts = re.split(r"\s*[|｜]\s*", words.strip(), maxsplit=1)
    if len(parts) == 2 and all(parts):
        return {"zh": parts[0], "en": parts[1]}
    return {reader.language: words.strip(" |｜")} if words.strip(" |｜") else {}


def _document(reader: _Reader) -> Content:
    pages = []
    numbers = iter(range(1, MAX_QUESTIONS + 1))
    for at, (title, drafts) in enumerate(reader.pages, start=1):
        questions = [_question(reader, draft, next(numbers)) for draft in drafts]
        if questions or title:
            pages.append({"id": f"p{at}", "title": title, "questions": questions})
    if not any(page["questions"] for page in pages):
        reader.remark(0, "nothing_found")
    return {
        "languages": ["zh", "en"] if _speaks_both(pages) else [reader.language],
        "default_language": reader.language,
        "title": reader.title,
        "intro": {},
        "thanks": {},
        "minutes": None,
        "pages": pages or [{"id": "p1", "title": {}, "questions": []}],
    }


def _speaks_both(pages: list[Content]) -> bool:
    return any(len(question["text"]) > 1 for page in pages for question in page["questions"])


def _question(reader: _Reader, draft: _Draft, number: int) -> Content:
    kind, points = _kind(reader, draft)
    type_name = "single" if kind == "dropdown" else kind
    question: Content = {
        "id": f"q{number}",
        "code": f"{type_name}_{number}",
        "type": type_name,
        "text": draft.text,
        "hint": draft.hint,
        "required": draft.required and type_name != "info",
        "indicator": None,
        "show_if": None,
    }
    own: dict[str, Any] = copy.deepcopy(dict(TYPES[type_name].defaults))
    own |= dict(_own(reader, draft, kind, points, number))
    return question | own


def _kind(reader: _Reader, draft: _Draft) -> tuple[str, int | None]:
    kind, points = _type_named(draft.token) if draft.token else (None, None)
    if kind:
        return kind, points
    words = " ".join(draft.text.values())
    if draft.parts:
        kind = "multiple" if re.search(r"可多选|多选|all that apply", words, re.IGNORECASE) else "single"
    elif re.search(r"0\s*[-–—~到至]\s*10|推荐|recommend", words, re.IGNORECASE):
        kind = "nps"
    elif re.search(r"满意|satisf", words, re.IGNORECASE):
        kind = "scale"
    else:
        kind = "long_text"
    reader.remark(draft.line, "type_guessed", kind)
    return kind, None


def _own(
    reader: _Reader, draft: _Draft, kind: str, points: int | None, number: int
) -> Iterator[tuple[str, Any]]:
    """The keys that the type owns, as far as the lines say something about them."""
    if kind in ("single", "dropdown", "multiple"):
        yield "options", [_option(kind, part, f"q{number}o{at}") for at, part in enumerate(draft.parts, 1)]
        if len(draft.parts) < 2:
            reader.remark(draft.line, "too_few_parts", next(iter(draft.text.values()), ""))
        if kind == "dropdown":
            yield "dropdown", True
    elif kind == "scale":
        yield from _scale(reader, draft, points, draft.parts)
    elif kind == "matrix":
        yield from _scale(reader, draft, points, [])
        yield "rows", [_row(part, number, at) for at, part in enumerate(draft.parts, 1)]
        if not draft.parts:
            reader.remark(draft.line, "too_few_parts", next(iter(draft.text.values()), ""))
    else:
        if kind == "nps":
            yield "low", dict(_NPS_ENDS[0])
            yield "high", dict(_NPS_ENDS[1])
        if kind == "stars" and points in range(3, 11):
            yield "points", points
        if draft.parts:
            reader.remark(draft.line, "parts_ignored", str(len(draft.parts)))


def _scale(
    reader: _Reader, draft: _Draft, points: int | None, labels: list[dict[str, str]]
) -> Iterator[tuple[str, Any]]:
    if len(labels) in SCALE_POINTS and points in (None, len(labels)):
        yield "points", len(labels)
        yield "labels", labels
        yield "low", dict(labels[0])
        yield "high", dict(labels[-1])
        return
    if labels:
        reader.remark(draft.line, "parts_ignored", str(len(labels)))
    yield "points", points if points in SCALE_POINTS else 5
    yield "low", dict(_SCALE_ENDS[0])
    yield "high", dict(_SCALE_ENDS[1])


def _option(kind: str, text: dict[str, str], option_id: str) -> Content:
    words = next(iter(text.values()), "")
    return {
        "id": option_id,
        "text": text,
        "other": bool(_OTHER.search(words)),
        "exclusive": kind == "multiple" and bool(_EXCLUSIVE.search(words)),
    }


def _row(text: dict[str, str], number: int, at: int) -> Content:
    return {"id": f"q{number}r{at}", "code": f"matrix_{number}_{at}", "text": text, "indicator": None}
