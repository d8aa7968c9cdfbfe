"""Answers: cleaning a posted page, finding the way, and what is kept at the end.

Everything works on a parsed `Questionnaire` and plain mappings and runs on every page a
customer submits, so it must stay fast.
"""

from app.rules.answers.cleaning import (
    OTHER_FIELD,
    OTHER_KEY,
    CleanResult,
    ErrorCode,
    FieldError,
    clean_page,
)
from app.rules.answers.completion import answer_status, finalise
from app.rules.answers.receipts import receipt_id, receipt_number
from app.rules.answers.routing import (
    Progress,
    next_page,
    page_path,
    previous_page,
    progress,
    visible_questions,
)

__all__ = [
    "OTHER_FIELD",
    "OTHER_KEY",
    "CleanResult",
    "ErrorCode",
    "FieldError",
    "Progress",
    "answer_status",
    "clean_page",
    "finalise",
    "next_page",
    "page_path",
    "previous_page",
    "progress",
    "receipt_id",
    "receipt_number",
    "visible_questions",
]
