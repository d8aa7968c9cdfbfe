"""Secret links: purpose and row are bound in, and the nonce alone proves nothing."""

from itertools import product

from app.rules.links import Purpose, derived_key, new_nonce, nonce_of, proves, token

KEY = derived_key("a secret of the installation", "links")


def test_token_proves_only_its_own_purpose_and_row() -> None:
    nonce = new_nonce()
    for made, asked in product(Purpose, Purpose):
        text = token(KEY, made, 7, nonce)
        assert proves(text, KEY, asked, 7, nonce) is (made is asked)
    text = token(KEY, Purpose.ANSWER, 7, nonce)
    assert not proves(text, KEY, Purpose.ANSWER, 8, nonce)
    assert not proves(text, derived_key("another", "links"), Purpose.ANSWER, 7, nonce)


def test_token_carries_enough_unguessable_bits() -> None:
    text = token(KEY, Purpose.ANSWER, 7, b"\x00" * 9)
    assert len(text) == 36
    # Only what follows the public nonce counts: 24 base64 characters of 6 bits.
    assert len(text[12:]) * 6 >= 128


def test_nonce_is_read_back_and_rubbish_is_not() -> None:
    nonce = new_nonce()
    assert nonce_of(token(KEY, Purpose.OPEN, 1, nonce)) == nonce
    for rubbish in ("", "x" * 35, "é" * 36, "*" * 36, "a" * 37):
        assert nonce_of(rubbish) is None
