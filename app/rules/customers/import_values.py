"""One cell of a customer list to one clean value. Each function returns the value or raises
`ValueProblem` with a code; blank cells never get here."""

import datetime as dt
import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

SPACES = re.compile(r"\s+")
CONTROLS = re.compile("[\x01-\x1f\x7f-\x9f]+")
# Zero-width and direction marks: invisible, and two names that look alike would differ by them.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]+")
LINE_SEPARATORS = re.compile("[;；、,，/|\n]+")

PLAIN_EMAIL = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_%+\-]+(?:\.[A-Za-z0-9_%+\-]+)*"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z]{2,24}))"
)
RESERVED_ENDINGS = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})
MAX_EMAIL = 254

PHONE_PUNCTUATION = re.compile(r"[\s\-()./·]+")
PHONE_EXTENSION = re.compile(r"(?:转|分机|ext|x|#)(\d{1,6})$")
PHONE_DIGITS = re.compile(r"\+?\d{5,20}")
SEVERAL_PHONES = re.compile(r"\d{5,}\s*[/,;、|]\s*\+?\d{5,}|\d{7,}\s+\d{7,}")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)
DECIMAL_NOISE = re.compile(r"(\d{5,})\.0+")

YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
YEAR_ONLY = re.compile(r"(\d{4})\s*年?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
DAY_NAMED_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s\-.]+([a-z]{3,9})\.?[\s\-,]+(\d{4})")
NAMED_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
CLOCK = re.compile(
    r"[t\s]+\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[分秒]?\s*(?:am|pm|z|[+-]\d\d:?\d\d)?$"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SERIAL_BASE = dt.date(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 1900, 2199

YES = frozenset(["是", "有", "对", "真", "√", "✓", "✔", "☑", "yes", "y", "true", "t", "1", "on"])
NO = frozenset(
    ["否", "无", "不", "不是", "没有", "假", "×", "✗", "✘", "☐", "-", "no", "n", "false", "f", "0", "off"]
)
YES_FOR = {
    "key_account": frozenset({"重点", "重点客户", "大客户", "vip", "key", "key account"}),
    "do_not_contact": frozenset(
        {"勿扰", "请勿联系", "拒访", "退订", "已退订", "opt out", "opted out", "unsubscribed"}
    ),
}
NO_FOR = {
    "key_account": frozenset({"普通", "一般", "普通客户", "非重点", "normal", "standard"}),
    "do_not_contact": frozenset({"可联系", "可以联系", "ok"}),
}
KINDS = {
    "individual": frozenset(
        [
            "个人",
            "个人客户",
            "自然人",
            "散客",
            "私人",
            "individual",
            "person",
            "private",
            "consumer",
            "b2c",
            "personal",
        ]
    ),
    "enterprise": frozenset(
        [
            "企业",
            "企业客户",
            "公司",
            "公司客户",
            "单位",
            "机构",
            "法人",
            "团体",
            "enterprise",
            "company",
            "organisation",
            "organization",
            "business",
            "corporate",
            "firm",
            "b2b",
        ]
    ),
}
LANGUAGES = {
    "zh": frozenset(
        [
            "中文",
            "汉语",
            "简体中文",
            "简体",
            "普通话",
            "国语",
            "zh",
            "zh-cn",
            "zh_cn",
            "zh-hans",
            "zh_hans",
            "zh_hans_cn",
            "cn",
            "chinese",
        ]
    ),
    "en": frozenset(["英文", "英语", "en", "en-us", "en_us", "en-gb", "en_gb", "english", "eng"]),
}


class ValueProblem(Exception):
    """A cell that cannot be taken: a code and the values its sentence needs."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def clean_text(cell: str) -> str:
    """One line of text: line breaks and control characters become a space, invisible marks go,
    spaces are joined, letters composed (NFC). Raises nul_character: such a file is damaged."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split()) if "  " in cell else cell.strip()
    if "\x00" in cell:
        raise ValueProblem("nul_character")
    text = CONTROLS.sub(" ", INVISIBLE.sub("", cell))
    return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def folded(cell: str) -> str:
    """A cell as it is compared with known words: half width, lower case, spaces joined."""
    return SPACES.sub(" ", unicodedata.normalize("NFKC", cell)).strip().casefold()


def parse_lines(cell: str) -> tuple[str, ...]:
    """Business lines, split at ; 、 , / | (half or full width), each once, in their order."""
    return tuple(dict.fromkeys(part.strip() for part in LINE_SEPARATORS.split(cell) if part.strip()))


def parse_kind(cell: str) -> str:
    """ "individual" or "enterprise". Raises kind_unknown."""
    return _named(cell, KINDS, "kind_unknown")


def parse_language(cell: str) -> str:
    """ "zh" or "en". Raises language_unknown."""
    return _named(cell, LANGUAGES, "language_unknown")


def _named(cell: str, names: dict[str, frozenset[str]], code: str) -> str:
    word = folded(cell)
    for name, words in names.items():
        if word in words:
            return name
    raise ValueProblem(code, value=cell)


def parse_boolean(cell: str, field: str = "") -> bool:
    """是/否, yes/no, √/×, 1/0 and the field's own words. Raises not_yes_no; so does a Latin x, which
    means yes to some and no to others."""
    word = folded(cell)
    if word in YES or word in YES_FOR.get(field, ()):
        return True
    if word in NO or word in NO_FOR.get(field, ()):
        return False
    raise ValueProblem("not_yes_no", value=cell)


def parse_email(cell: str) -> str:
    """A checked address with its domain in lower case (no name server is asked). Raises
    email_several, email_invalid."""
    plain = PLAIN_EMAIL.fullmatch(cell)
    if plain and len(cell) <= MAX_EMAIL and plain[2].lower() not in RESERVED_ENDINGS:
        domain = plain[1]
        # Labels such as xn--… need a real check; hyphens at place 3 and 4 mark them.
        if "--" not in domain:
            return cell[: -len(domain)] + domain.lower()
    address = unicodedata.normalize("NFKC", cell).strip().removeprefix("mailto:")
    if address.count("@") > 1:
        raise ValueProblem("email_several", value=cell)
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=True, strict=True)
    except EmailNotValidError as error:
        raise ValueProblem("email_invalid", value=cell) from error
    return checked.normalized


def parse_phone(cell: str) -> str:
    """Digits with an optional leading +; an extension follows as ";ext=801". Raises
    phone_scientific (a spreadsheet has destroyed digits), phone_several, phone_invalid."""
    if cell.isascii() and cell.isdigit() and 5 <= len(cell) <= 20:
        return cell
    text = unicodedata.normalize("NFKC", cell).strip().lstrip("'").casefold()
    text = text.replace("—", "-").replace("–", "-").replace("−", "-").replace("‐", "-")
    text = DECIMAL_NOISE.sub(r"\1", text) if DECIMAL_NOISE.fullmatch(text) else text
    if SCIENTIFIC.fullmatch(text):
        raise ValueProblem("phone_scientific", value=cell)
    if SEVERAL_PHONES.search(text):
        raise ValueProblem("phone_several", value=cell)
    compact = PHONE_PUNCTUATION.sub("", text).replace("+(", "+")
    extension = PHONE_EXTENSION.search(compact)
    number = compact[: extension.start()] if extension else compact
    if not PHONE_DIGITS.fullmatch(number):
        raise ValueProblem("phone_invalid", value=cell)
    return f"{number};ext={extension[1]}" if extension else number


def parse_date(cell: str, *, whole_day: bool = True, day_first: bool | None = None) -> dt.date:
    """A date in any usual writing: 2024-03-05, 2024/3/5, 2024年3月5日, 20240305, 5.3.2024, 5 Mar 2024,
    Mar 5, 2024, spreadsheet serials (45356); a time of day is dropped.

    `whole_day` False also takes a month (its first day) or a year (1 January). 03/04/2024 needs
    `day_first`. Raises date_ambiguous, date_invalid.
    """
    if len(cell) == 10 and cell[4] == "-":
        try:
            return _checked(dt.date.fromisoformat(cell), cell)
        except ValueError:
            pass  # told below, with the code
    text = CLOCK.sub("", folded(cell)).strip()
    if match := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
        return _date(match[1], match[2], match[3], cell)
    if match := YEAR_LAST.fullmatch(text):
        return _year_last(match, cell, day_first)
    if match := DAY_NAMED_MONTH.fullmatch(text):
        return _date(match[3], _month(match[2], cell), match[1], cell)
    if match := NAMED_MONTH_DAY.fullmatch(text):
        return _date(match[3], _month(match[1], cell), match[2], cell)
    if match := SERIAL.fullmatch(text):
        return _checked(SERIAL_BASE + dt.timedelta(days=int(match[1])), cell)
    if not whole_day and (match := YEAR_MONTH.fullmatch(text)):
        return _date(match[1], match[2], 1, cell)
    if not whole_day and (match := YEAR_ONLY.fullmatch(text)):
        return _date(match[1], 1, 1, cell)
    raise ValueProblem("date_invalid", value=cell)


def _year_last(match: re.Match[str], cell: str, day_first: bool | None) -> dt.date:
    first, second = int(match[1]), int(match[3])
    if match[2] == "." or first > 12 or first == second:
        return _date(match[4], second, first, cell)  # points are only used day first
    if second > 12:
        return _date(match[4], first, second, cell)
    if day_first is None:
        raise ValueProblem("date_ambiguous", value=cell)
    month, day = (second, first) if day_first else (first, second)
    return _date(match[4], month, day, cell)


def _month(name: str, cell: str) -> int:
    if name[:3] not in MONTHS:
        raise ValueProblem("date_invalid", value=cell)
    return MONTHS.index(name[:3]) + 1


def _date(year: str | int, month: str | int, day: str | int, cell: str) -> dt.date:
    try:
        return _checked(dt.date(int(year), int(month), int(day)), cell)
    except ValueError as error:
        raise ValueProblem("date_invalid", value=cell) from error


def _checked(day: dt.date, cell: str) -> dt.date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueProblem("date_invalid", value=cell)
    return day
