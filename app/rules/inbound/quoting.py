"""What somebody has written now, apart from the earlier mail that his program put below it."""

import re

# Mail programs in the order of how often customers here use them: QQ, NetEase, Foxmail, Outlook, Apple, Gmail, Thunderbird.
_RULE = re.compile(
    r"^\s*[-－—_]{2,}\s*(?:原始邮件|原邮件|原始信息|回复的原邮件|转发的邮件|original(?:\s+message)?|forwarded message"
    r"|reply message|回复的邮件)\s*[-－—_]{2,}\s*:?\s*$",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"^\s*>?\s*(?:"
    r"(?:在|于)\s?.{4,160}?(?:写道|写到|寫道)\s*[:：]?"
    r"|.{0,100}?\d{4}\s?[年/.-].{2,120}?(?:写道|写到|寫道)\s*[:：]?"
    r"|on\s.{4,200}?\swrote\s*:"
    r"|at\s\d{4}-\d\d-\d\d.{4,160}?\swrote\s*:"
    r")\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:发件人|寄件者|寄件人|from)\*?\s*[:：]\s*\S", re.IGNORECASE)
_SENT = re.compile(
    r"^\s*\*?(?:发送时间|发送日期|时间|日期|寄件日期|收件人|sent|date|to)\*?\s*[:：]", re.IGNORECASE
)
# Outlook draws one above the header of the earlier mail.
_LINE = re.compile(r"^\s*_{10,}\s*$")
LONGEST_LINE = 400
# The words of some programs run over two or three lines.
JOINED = 3


def split(text: str) -> tuple[str, str]:
    """What is new, and what is earlier. Where nothing new would be left, or new words stand between quoted ones, all is new."""
    lines = text.splitlines()
    place = next((place for place in range(len(lines)) if _begins_earlier(lines, place)), None)
    if place is None:
        place = _quoted_end(lines)
    if place and _LINE.match(lines[place - 1] if place < len(lines) else ""):
        place -= 1
    new, earlier = "\n".join(lines[:place]).strip(), "\n".join(lines[place:]).strip()
    if not new or not earlier or _answers_between(lines[place:]):
        return text.strip(), ""
    return new, earlier


def _begins_earlier(lines: list[str], place: int) -> bool:
    line = lines[place][:LONGEST_LINE]
    if _RULE.match(line) or _SAID.match(line):
        return True
    if _FROM.match(line):
        return any(_SENT.match(one[:LONGEST_LINE]) for one in lines[place + 1 : place + 4])
    if not line.strip().lower().startswith(("on ", "在", "于", "at ")):
        return False
    joined = " ".join(one.strip() for one in lines[place : place + JOINED])[:LONGEST_LINE]
    return any(_SAID.match(joined[: found.end()]) for found in re.finditer(r"wrote\s*:|写道\s*[:：]", joined))


def _quoted_end(lines: list[str]) -> int:
    """Where the quoted lines at the end begin."""
    place = len(lines)
    while place and (lines[place - 1].lstrip().startswith(">") or not lines[place - 1].strip()):
        place -= 1
    return place


def _answers_between(earlier: list[str]) -> bool:
    """Whether somebody has written his answers between the quoted lines."""
    quoted = [number for number, line in enumerate(earlier) if line.lstrip().startswith(">")]
    if not quoted:
        return False
    return any(line.strip() for line in earlier[quoted[0] + 1 :] if not line.lstrip().startswith(">"))
