"""What a returned mail says about the address: its state code, its words, and how much they weigh."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

WORDS_LIMIT = 300
# So many mails in a row that came back for a passing reason mean that the address is of no use.
SOFT_LIMIT = 3

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# A line that quotes a server: 550 5.1.1 no such user.
_QUOTED = re.compile(
    r"(?<![\w.:-])(4(?:21|22|31|32|41|42|46|47|49|5\d|71)|5(?:0[0-4]|1[01]|21|23|30|41|42|46|5\d|71))(?![\w.:])"
    r"[ -]*(?:#?([45]\.\d{1,3}\.\d{1,3})\b)?([^\r\n]{0,200})"
)
MOST_QUOTES = 10
# Without a further code these mean that there is nobody; the others are about the mail.
_NOBODY_CODES = ("550", "551", "553", "559")
_STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w.]*\d)")

_FULL = re.compile(
    r"mailbox (?:is )?full|over ?quota|quota (?:is )?exceeded|exceeded (?:its |the )?(?:storage|quota|mailbox)"
    r"|insufficient (?:system )?storage|out of storage|邮箱(?:空间)?已?满|空间(?:已满|不足)|容量(?:已满|不足)|超过?配额",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:user|recipient|mailbox|address(?:ee)?|account|rcptto|alias)\b[^.;\r\n]{0,60}?"
    r"(?:unknown|not found|not exist|no(?:t| longer) (?:available|valid|active|listed)|unavailable|disabled|invalid|inactive|suspended)"
    r"|(?:unknown|no such|invalid|bad|non-?existent|inactive|disabled) "
    r"(?:local )?(?:user|recipient|mailbox|address|account|rcptto|domain|person)"
    r"|(?:does|do|is|did) ?n[o']t exist|recipient address rejected: (?:access denied|undeliverable|user)"
    r"|recipnotfound|host (?:or domain name )?not found|(?:domain|host)(?: name)? (?:not found|does not exist)"
    r"|(?:收件人|用户|邮箱|帐号|账号|账户|地址|域名)[^。；;\r\n]{0,40}?(?:不存在|无效|错误|已停用|被禁用|已注销|已冻结)"
    r"|(?:不存在|无此|没有|找不到)(?:该|这个|此)?(?:收件人|用户|邮箱|帐号|账号|账户|地址)",
    re.IGNORECASE,
)
_NOT_TAKEN = re.compile(
    r"spam|junk|blacklist|block(?:ed|list)|blocklist|denylist|policy|polic(?:y|ies)|reputation|content (?:denied|rejected)"
    r"|suspected|virus|malware|frequency|too many|rate limit|not authori[sz]ed|access denied|not permitted|\bspf\b|\bdkim\b"
    r"|\bdmarc\b|rdns|reverse dns|message (?:size|too large)|too large"
    r"|垃圾邮件|黑名单|拒收|拒绝接收|被拒|频率|频繁|内容(?:被|违规|不当)|病毒|反垃圾|超过.{0,6}大小|邮件过大",
    re.IGNORECASE,
)


class Grade(StrEnum):
    """How much a returned mail says about the address."""

    HARD = "hard"  # there is nobody at this address
    SOFT = "soft"  # it did not work this time; counts when it happens again and again
    REFUSED = "refused"  # the mail was not wanted, whoever it was for: says nothing about the address


@dataclass(frozen=True)
class Bounce:
    """Why a mail came back. `words` are those of the server, on one line, for people to read."""

    grade: Grade
    reason: str
    status: str = ""
    words: str = ""


# By reason; the words for people are in `blueprints.mail.words`.
GRADES = {
    "no_mailbox": Grade.HARD,
    "box_full": Grade.SOFT,
    "gave_up_there": Grade.SOFT,
    "came_back": Grade.SOFT,
    "not_accepted": Grade.REFUSED,
}


def from_status(status: str, diagnostic: str) -> Bounce:
    """Judge the fields of a delivery status. `status` may be missing or too general; then the words count."""
    own, within = _STATUS.search(status), _STATUS.search(diagnostic)
    codes = [found[1] for found in (own, within) if found]
    code = next((one for one in codes if not one.endswith(".0.0")), codes[0] if codes else "")
    temporary = code[:1] == "4"
    reason = _by_code(code, diagnostic) or (None if temporary else _by_words(diagnostic))
    if reason is None:
        quoted = _QUOTED.search(diagnostic)
        reason = _by_number(quoted[1]) if quoted else ("gave_up_there" if temporary else "no_mailbox")
    return Bounce(GRADES[reason], reason, code, one_line(diagnostic or status))


def from_text(text: str) -> Bounce:
    """Judge a report that keeps to no standard: by the line that quotes the server, else by all of it."""
    quotes = list(islice(_QUOTED.finditer(text), MOST_QUOTES))
    if not quotes:
        code = _STATUS.search(text)
        reason = _by_code(code[1] if code and code[1][0] != "2" else "", "") or _by_words(text) or "came_back"
        return Bounce(GRADES[reason], reason, "", one_line(_telling(text)))
    quoted = next((one for one in quotes if _by_quote(one)), quotes[0])
    reason = _by_quote(quoted) or _by_number(quoted[1])
    return Bounce(GRADES[reason], reason, quoted[2] or "", one_line(quoted.group()))


def grade_of(reason: str) -> Grade:
    """How much a mail that came back for this reason says about the address."""
    return GRADES[reason]


def counts_as_hard(latest: Sequence[str]) -> bool:
    """Whether so many mails have come back softly one after the other that the address is of no use.

    `latest` is what became of the last mails to the address, the newest first: "soft", "refused" or "sent". A
    refusal of the mail itself says nothing about the address and is passed over.
    """
    counted = [one for one in latest if one != Grade.REFUSED][:SOFT_LIMIT]
    return len(counted) == SOFT_LIMIT and set(counted) == {Grade.SOFT.value}


def one_line(text: str) -> str:
    """Words of a stranger as one short line that every database takes."""
    return " ".join(_CONTROL.sub(" ", text).split())[:WORDS_LIMIT]


def _by_quote(quoted: re.Match[str]) -> str | None:
    """The reason in a line that quotes a server; None when it is too general to say."""
    words = quoted.group()
    if quoted[1][0] == "4":
        return "box_full" if _FULL.search(words) else None
    return _by_code(quoted[2] or "", words) or _by_words(words)


def _by_number(number: str) -> str:
    """The reason that a bare reply code stands for."""
    if number[0] == "4":
        return "gave_up_there"
    return "no_mailbox" if number in _NOBODY_CODES else "not_accepted"


def _by_code(code: str, words: str) -> str | None:
    """The reason that an enhanced state code (RFC 3463) names; None when it is too general to say."""
    if not code or code.endswith(".0.0"):
        return None
    grade, subject, detail = code.split(".")
    if (subject, detail) == ("2", "2") or _FULL.search(words):
        return "box_full"
    if grade == "4":
        return "gave_up_there"
    if subject == "1":
        # 5.1.7 and 5.1.8 speak of the sender's address.
        return "not_accepted" if detail in ("7", "8") else "no_mailbox"
    nobody = _NOBODY.search(words) is not None
    if (subject, detail) in (("2", "1"), ("4", "4")) or (subject == "4" and nobody):
        return "no_mailbox"
    if subject == "4":
        return "gave_up_there"
    # Some say "refused by policy" where they mean that there is nobody.
    return "no_mailbox" if nobody and not _NOT_TAKEN.search(words) else "not_accepted"


def _by_words(words: str) -> str | None:
    """The reason that the words name, or None."""
    patterns = (("box_full", _FULL), ("no_mailbox", _NOBODY), ("not_accepted", _NOT_TAKEN))
    return next((reason for reason, pattern in patterns if pattern.search(words)), None)


def _telling(text: str) -> str:
    """The line that says why, for people to read."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if _by_words(line)), "")
