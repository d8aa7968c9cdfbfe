"""The address of a unit's public form: what comes after /complain/ in the address people type or scan."""

import re
import secrets

LONGEST = 40
SHAPE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def address_of(text: str) -> str:
    """The address as it is kept: lower case, without spaces at its edges."""
    return text.strip().strip("/").lower()


def is_address(text: str) -> bool:
    """Small Latin letters, digits and hyphens: every telephone can type it and every poster print it."""
    return SHAPE.fullmatch(text) is not None


def proposal(code: str) -> str:
    """An address for a unit, from its code; by chance where nothing of the code can be typed."""
    plain = re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-")[:LONGEST].strip("-")
    return plain or secrets.token_hex(3)
