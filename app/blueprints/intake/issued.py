"""The signed stamp of a form: for which page it was made, when, and the key by which sending it twice is noticed."""

import secrets
from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from app import clock
from app.rules.links import derived_key

YOUNGEST_FORM = 1  # seconds; a person reads, a script does not
OLDEST_FORM = 24 * 3600
FIELD = "issued"
TRAP = "website"


@dataclass(frozen=True)
class Issued:
    """What a form that came back says of itself. `doubt`: "" for a person's, else trap, forged, old or fast.

    The key of a forged one is new, so that nothing can be attached to what others have sent.
    """

    key: str
    doubt: str


class _Signer(TimestampSigner):
    """Reads the one clock of the application instead of its own."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def _signer() -> TimestampSigner:
    return _Signer(derived_key(current_app.config["SECRET_KEY"], "intake"), salt="form")


def new_key() -> str:
    """A key for a form that is shown for the first time: 128 bits, short enough to stand behind the id of a case."""
    return secrets.token_urlsafe(16)


def stamp(page: str, key: str) -> str:
    """The stamp for a form of a page; made anew each time the form is shown, with the same key."""
    return _signer().sign(f"{page}|{key}".encode()).decode()


def read(page: str) -> Issued:
    """What the form of the present request says of itself."""
    try:
        text, made = _signer().unsign(request.form.get(FIELD, ""), max_age=OLDEST_FORM, return_timestamp=True)
        doubt = "fast" if (clock.now() - made).total_seconds() < YOUNGEST_FORM else ""
    except SignatureExpired as expired:
        text, doubt = expired.payload or b"", "old"
    except (BadSignature, ValueError):
        text, doubt = b"", "forged"
    made_for, _, key = text.decode("utf-8", "replace").rpartition("|")
    if made_for != page or not key:
        return Issued(new_key(), "forged")
    return Issued(key, "trap" if request.form.get(TRAP) else doubt)
