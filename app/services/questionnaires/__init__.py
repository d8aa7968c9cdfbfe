"""Questionnaires: making, editing and publishing them."""

from app.services.questionnaires.archiving import archive, restore_from_archive
from app.services.questionnaires.creating import create_blank, create_from_content, create_from_template
from app.services.questionnaires.drafting import discard_draft, start_draft
from app.services.questionnaires.editing import apply_edit, redo, undo
from app.services.questionnaires.measuring import save_indicators
from app.services.questionnaires.operations import (
    add_page,
    add_question,
    delete_page,
    delete_question,
    duplicate_question,
    fingerprint,
    move_page,
    move_question,
    save_page,
    save_question,
    save_settings,
)
from app.services.questionnaires.publishing import publish

__all__ = [
    "add_page",
    "add_question",
    "apply_edit",
    "archive",
    "create_blank",
    "create_from_content",
    "create_from_template",
    "delete_page",
    "delete_question",
    "discard_draft",
    "duplicate_question",
    "fingerprint",
    "move_page",
    "move_question",
    "publish",
    "redo",
    "restore_from_archive",
    "save_indicators",
    "save_page",
    "save_question",
    "save_settings",
    "start_draft",
    "undo",
]
