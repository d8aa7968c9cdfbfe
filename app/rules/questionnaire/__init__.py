"""Questionnaires: the content document, its types, its checks and the builder's operations.

How answers are cleaned and routed is in `app.rules.answers`; the indicator tree in
`app.rules.indicators`.
"""

from app.rules.questionnaire.comparing import Change, Difference, diff
from app.rules.questionnaire.document import (
    NA,
    Check,
    Condition,
    Content,
    Option,
    Page,
    Question,
    Questionnaire,
    Row,
    Text,
)
from app.rules.questionnaire.duration import estimate_minutes, estimate_seconds
from app.rules.questionnaire.editing import (
    Added,
    EditError,
    Removed,
    add_page,
    add_question,
    delete_page,
    delete_question,
    duplicate_question,
    move_page,
    move_question,
    restore_question,
    update_page,
    update_question,
    update_settings,
)
from app.rules.questionnaire.lint import publishable, validate
from app.rules.questionnaire.problems import Problem, Severity
from app.rules.questionnaire.reading import ContentError, parse
from app.rules.questionnaire.scored import Reason, ScoredItem, comparable, scored_items
from app.rules.questionnaire.types import TYPES, Answer, QuestionType, Status
from app.rules.questionnaire.writing import to_json

__all__ = [
    "NA",
    "TYPES",
    "Added",
    "Answer",
    "Change",
    "Check",
    "Condition",
    "Content",
    "ContentError",
    "Difference",
    "EditError",
    "Option",
    "Page",
    "Problem",
    "Question",
    "QuestionType",
    "Questionnaire",
    "Reason",
    "Removed",
    "Row",
    "ScoredItem",
    "Severity",
    "Status",
    "Text",
    "add_page",
    "add_question",
    "comparable",
    "delete_page",
    "delete_question",
    "diff",
    "duplicate_question",
    "estimate_minutes",
    "estimate_seconds",
    "move_page",
    "move_question",
    "parse",
    "publishable",
    "restore_question",
    "scored_items",
    "to_json",
    "update_page",
    "update_question",
    "update_settings",
    "validate",
]
