"""A field for a new password: what is too weak, in words. Set-up and account pages ask for one."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from app.rules import passwords

WEAKNESSES = {
    "too_short": _l("Use at least %(number)s characters.", number=passwords.MIN_LENGTH),
    "too_long": _l("Use at most %(number)s characters.", number=passwords.MAX_LENGTH),
    "unreadable": _l("Remove the invisible characters."),
    "too_plain": _l("Use more different characters; a short sentence is easy to remember."),
    "personal": _l("Leave your name and your address out of the password."),
}
NEW_PASSWORD = {"autocomplete": "new-password", "maxlength": passwords.MAX_LENGTH}


def refuse_weak(password: str, *, email: str = "", name: str = "") -> None:
    """Raise `ValidationError` with the sentence for the first weakness."""
    code = passwords.weakness(password, email=email, name=name)
    if code:
        raise ValidationError(WEAKNESSES[code])
