"""The number of a case: two digits of the year, a running number, a check digit, as in 26-00042-8.

People read it out over the phone. The check digit (Damm's algorithm) finds every single wrong digit and every
exchange of two neighbours. The number is not a secret and opens nothing.
"""

import re

from app.rules.check_digit import check_digit

_SHAPE = re.compile(r"([0-9]{2})-?([0-9]{5,9})-?([0-9])")


def number_of(year: int, running: int) -> str:
    """The number of the `running`-th case (from 1), received in `year`."""
    digits = f"{year % 100:02d}", f"{running:05d}"
    return f"{digits[0]}-{digits[1]}-{check_digit(''.join(digits))}"


def read_number(text: str) -> str | None:
    """The number as stored when the text is one, hyphens or not; None when a digit must be wrong."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None or check_digit("".join(found.groups())) != "0":
        return None
    return "-".join(found.groups())
