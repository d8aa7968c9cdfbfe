"""The number of a case: two digits of the year, a running number, a check digit, as in 26-00042-8.

People read it out over the phone. The check digit (Damm's algorithm) finds every single wrong digit and every
exchange of two neighbours. The number is not a secret and opens nothing.
"""

import re

_TABLE = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_SHAPE = re.compile(r"([0-9]{2})-?([0-9]{5,9})-?([0-9])")


def number_of(year: int, running: int) -> str:
    """The number of the `running`-th case (from 1), received in `year`."""
    digits = f"{year % 100:02d}", f"{running:05d}"
    return f"{digits[0]}-{digits[1]}-{_check_digit(''.join(digits))}"


def read_number(text: str) -> str | None:
    """The number as stored when the text is one, hyphens or not; None when a digit must be wrong."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None or _check_digit("".join(found.groups())) != "0":
        return None
    return "-".join(found.groups())


def _check_digit(digits: str) -> str:
    state = 0
    for digit in digits:
        state = int(_TABLE[state][int(digit)])
    return str(state)
