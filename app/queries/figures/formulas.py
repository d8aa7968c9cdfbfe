"""Which version of the formulas a result comes from."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

APP = Path(__file__).resolve().parents[2]


def fingerprint(folders: Iterable[str]) -> str:
    """Fingerprint of the code in these folders of `app`."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((APP / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
