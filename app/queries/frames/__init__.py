"""The complete responses of one survey as arrays, and the disposable columnar copy of them on disk.

Loads numpy: belongs into the process that computes statistics, never into the web process.
"""

from app.queries.frames.frame import Choices, Frame, Labels, Tally
from app.queries.frames.invited import Invited, read_invited
from app.queries.frames.plan import Plan, read_plan
from app.queries.frames.store import current_frame

__all__ = [
    "Choices",
    "Frame",
    "Invited",
    "Labels",
    "Plan",
    "Tally",
    "current_frame",
    "read_invited",
    "read_plan",
]
