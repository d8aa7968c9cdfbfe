"""What a reply answers: Message-IDs that only this installation can have made, and numbers of cases in a subject.

The local part of a Message-ID of a complaint mail is the delivery's random mark and, behind a point, a keyed proof that binds it to
its purpose, to that delivery and to one feedback. The database holds only the mark; see docs/decisions/0015.
"""

import hmac
import re
from collections.abc import Sequence

from app.rules.complaints import read_number
from app.rules.inbound.letters import Headers

PROOF_DIGITS = 24  # 96 bits
MOST_THREADS = 20
MOST_NUMBERS = 3
LONGEST_SUBJECT = 300

_THREAD = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})\.([0-9a-f]{24})@")
_NUMBER = re.compile(r"(?<![\w-])[0-9]{2}-[0-9]{5,9}-[0-9](?![\w-])", re.ASCII)

Thread = tuple[str, str]


def proof(key: bytes, mark: str, feedback_id: int) -> str:
    """The keyed part of a Message-ID."""
    message = b"|".join((b"thread", mark.encode(), str(feedback_id).encode()))
    return hmac.digest(key, message, "sha256").hex()[:PROOF_DIGITS]


def proves(key: bytes, thread: Thread, feedback_id: int) -> bool:
    """Whether a mark and its proof belong to this feedback. Takes the same time either way."""
    mark, given = thread
    return hmac.compare_digest(given, proof(key, mark, feedback_id))


def threads_in(headers: Headers) -> tuple[Thread, ...]:
    """What a mail says it answers: In-Reply-To first, then References from the latest back; at most a few."""
    found: dict[Thread, None] = {}
    for name in ("in-reply-to", "references"):
        texts = headers.all(name)
        listed = [thread for text in texts for thread in _THREAD.findall(text)]
        for mark, given in reversed(listed[-MOST_THREADS:]):
            found[(mark, given)] = None
    return tuple(found)[:MOST_THREADS]


def own_threads(headers: Headers) -> tuple[Thread, ...]:
    """What the mail calls itself: one of ours that comes back."""
    return tuple(thread for text in headers.all("message-id")[:1] for thread in _THREAD.findall(text)[:1])


def numbers_in(subject: str) -> Sequence[str]:
    """Numbers of cases whose check digit is right."""
    found = (read_number(one) for one in _NUMBER.findall(subject[:LONGEST_SUBJECT]))
    return list(dict.fromkeys(one for one in found if one is not None))[:MOST_NUMBERS]
