"""Receipt numbers that people read out over the telephone.

The number is no secret and opens nothing. Its last digit is a Damm check digit, which finds
every single wrong digit and every swap of two neighbours.
"""

import unicodedata

from app.rules.check_digit import check_digit

_DIGITS = 6


def receipt_number(id_: int) -> str:
    """The receipt number of a response, e.g. `001234-1`; `id_` must not be negative."""
    if id_ < 0:
        raise ValueError("id must not be negative")
    digits = f"{id_:0{_DIGITS}d}"
    return f"{digits}-{check_digit(digits)}"


def receipt_id(text: str) -> int | None:
    """The id behind a receipt number as people type it, or None when it can't be right."""
    plain = unicodedata.normalize("NFKC", text[:40])
    digits = "".join(one for one in plain if not one.isspace() and one not in "-‐–—")
    if not (digits.isascii() and digits.isdigit() and len(digits) > _DIGITS):
        return None
    return int(digits[:-1]) if check_digit(digits) == "0" else None
