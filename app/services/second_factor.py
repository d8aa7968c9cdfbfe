"""The optional second factor: six digits from an app (TOTP), and recovery codes for a lost phone."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from flask import current_app
from passlib.exc import TokenError
from passlib.totp import TOTP

from app.models import User
from app.rules.links import derived_key
from app.services import audit, throttling

RECOVERY_CODES = 10
CLOCK_SKEW_SECONDS = 30


def new_secret() -> str:
    """A fresh secret, encrypted with the installation's key: fit for a cookie and for the database."""
    return str(_totp().new().to_json(encrypt=True))


def address(user: User, secret: str) -> str:
    """The `otpauth:` address that an app reads from the QR picture."""
    return str(_totp().from_source(secret).to_uri(user.email))


def readable_key(secret: str) -> str:
    """The secret for typing, in groups of four."""
    return str(_totp().from_source(secret).pretty_key())


def fits(user: User, secret: str, code: str, *, now: datetime) -> bool:
    """Whether the six digits are right now; each is accepted once."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return False
    try:
        match = _totp().from_source(secret).match(digits, time=now, window=CLOCK_SKEW_SECONDS)
    except TokenError:
        return False
    return throttling.use_once("totp", str(user.id), str(match.counter), now=now)


def switch_on(user: User, *, secret: str, by: User, now: datetime) -> list[str]:
    """Store the secret and return the recovery codes; they are shown once and stored as digests."""
    user.tf_totp_secret, user.tf_primary_method = secret, "authenticator"
    audit.record("user.second_factor_on", kind="user", object_id=user.id, by=by, now=now)
    return _set_recovery_codes(user)


def switch_off(user: User, *, by: User | None, now: datetime) -> None:
    """Remove the second factor, by the user or for one who has lost everything."""
    user.tf_totp_secret = user.tf_primary_method = user.mf_recovery_codes = None
    audit.record("user.second_factor_off", kind="user", object_id=user.id, by=by, now=now)


def renew_recovery_codes(user: User, *, by: User, now: datetime) -> list[str]:
    """Replace the recovery codes and return the new ones."""
    audit.record("user.recovery_codes_renewed", kind="user", object_id=user.id, by=by, now=now)
    return _set_recovery_codes(user)


def spend_recovery_code(user: User, code: str, *, now: datetime) -> bool:
    """Whether the code is one of the user's; it is used up by that."""
    digest = _digest(user, code)
    stored = user.mf_recovery_codes or []
    if not any(hmac.compare_digest(digest, known) for known in stored):
        return False
    user.mf_recovery_codes = [known for known in stored if known != digest]
    audit.record("user.recovery_code_used", kind="user", object_id=user.id, by=user, now=now)
    return True


def _set_recovery_codes(user: User) -> list[str]:
    codes = [_recovery_code() for _number in range(RECOVERY_CODES)]
    user.mf_recovery_codes = [_digest(user, code) for code in codes]
    return codes


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def _digest(user: User, code: str) -> str:
    plain = "".join(c for c in code.lower() if c.isascii() and c.isalnum())
    key = derived_key(current_app.config["SECRET_KEY"], "recovery-codes")
    return hmac.new(key, f"{user.id}|{plain}".encode(), hashlib.sha256).hexdigest()


def _totp() -> type[TOTP]:
    key = derived_key(current_app.config["SECRET_KEY"], "totp").hex()
    factory: type[TOTP] = TOTP.using(issuer="Heed", secrets={"1": key})
    return factory
