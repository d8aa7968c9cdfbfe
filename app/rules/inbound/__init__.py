"""Mail that comes in: what it is, and whether it says that one of our own mails came back.

Everything here works on bytes that anybody may have sent: each step is bounded in size, depth and number, and
nothing in a mail can make it raise or take long.
"""

from app.rules.inbound.bounces import SOFT_LIMIT, Bounce, Grade, counts_as_hard, grade_of
from app.rules.inbound.contents import Contents, contents_of, sender_of
from app.rules.inbound.judging import Judged, Kind, judge
from app.rules.inbound.letters import Letter
from app.rules.inbound.threads import Thread, numbers_in, own_threads, proof, proves, threads_in

__all__ = [
    "SOFT_LIMIT",
    "Bounce",
    "Contents",
    "Grade",
    "Judged",
    "Kind",
    "Letter",
    "Thread",
    "contents_of",
    "counts_as_hard",
    "grade_of",
    "judge",
    "numbers_in",
    "own_threads",
    "proof",
    "proves",
    "sender_of",
    "threads_in",
]
