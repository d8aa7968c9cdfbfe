"""Secret links: a public part that finds the row, and a keyed part that proves the link.

A token is 9 random bytes (the row's nonce) followed by 18 bytes of HMAC-SHA-256 over purpose, row id
and nonce, in URL-safe base64: 36 characters, 144 unguessable bits. The database holds only the nonce, so
a copy of the database opens nothing; the purpose is bound in, so a link for one thing opens no other.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from enum import StrEnum

NONCE_BYTES = 9
MAC_BYTES = 18
TOKEN_LENGTH = (NONCE_BYTES + MAC_BYTES) * 4 // 3


class Purpose(StrEnum):
    """What a link is for."""

    ANSWER = "answer"
    OPEN = "open"
    UNSUBSCRIBE = "unsubscribe"
    FOLLOW = "follow"  # what a customer has told us, and what becomes of it


def new_nonce() -> bytes:
    """The random, public part of a link."""
    return secrets.token_bytes(NONCE_BYTES)


def token(key: bytes, purpose: Purpose, row_id: int, nonce: bytes) -> str:
    """The text that goes into the address."""
    return base64.urlsafe_b64encode(nonce + _mac(key, purpose, row_id, nonce)).decode()


def nonce_of(text: str) -> bytes | None:
    """The nonce in a token, by which its row is found; None when it can't be a token."""
    if len(text) != TOKEN_LENGTH or not text.isascii():
        return None
    try:
        return base64.b64decode(text, altchars=b"-_", validate=True)[:NONCE_BYTES]
    except (binascii.Error, ValueError):
        return None


def proves(text: str, key: bytes, purpose: Purpose, row_id: int, nonce: bytes) -> bool:
    """Whether the token is the one made for this purpose and row. Takes the same time either way."""
    return hmac.compare_digest(text.encode(), token(key, purpose, row_id, nonce).encode())


def derived_key(secret: str, use: str) -> bytes:
    """A key of its own for each use of the installation's secret."""
    return hmac.new(secret.encode(), b"heed/" + use.encode(), hashlib.sha256).digest()


def _mac(key: bytes, purpose: Purpose, row_id: int, nonce: bytes) -> bytes:
    message = b"|".join((purpose.encode(), str(row_id).encode(), nonce))
    return hmac.digest(key, message, "sha256")[:MAC_BYTES]
