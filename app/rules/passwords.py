"""What a password must be. Length counts, composition rules do not: they only make people write `!1` at the end."""

MIN_LENGTH = 10
MAX_LENGTH = 200
MIN_DISTINCT = 5


def weakness(password: str, *, email: str = "", name: str = "") -> str | None:
    """Return the code of the first thing wrong with a new password, or None.

    Codes: `too_short`, `too_long`, `unreadable` (lone surrogates, control characters), `too_plain`,
    `personal` (holds the account's own name).
    """
    if len(password) < MIN_LENGTH:
        return "too_short"
    if len(password) > MAX_LENGTH:
        return "too_long"
    if any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in password):
        return "unreadable"
    if len(set(password.casefold())) < MIN_DISTINCT:
        return "too_plain"
    if any(part in password.casefold() for part in _personal_parts(email, name)):
        return "personal"
    return None


def _personal_parts(email: str, name: str) -> list[str]:
    parts = [email.partition("@")[0], *name.split()]
    return [part.casefold() for part in parts if len(part) >= 4]
