"""What a survey asks: its questionnaire, its scored items and choice questions, its indicators."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, text

from app.rules.questionnaire import Answer, Question, Questionnaire, ScoredItem, parse, scored_items

_SQL = text(
    "SELECT v.id, v.content_hash, CAST(v.content AS TEXT), CAST(v.indicators AS TEXT), s.state"
    " FROM survey s JOIN questionnaire_version v ON v.id = s.version_id WHERE s.id = :survey"
)
# One bit of a signed 64-bit number each.
MOST_OPTIONS = 62


@dataclass(frozen=True)
class Plan:
    """The frozen questionnaire of a survey; `indicators` is the tree as stored, possibly empty."""

    survey_id: int
    signature: str
    questionnaire: Questionnaire
    indicators: Sequence[Mapping[str, Any]]
    live: bool

    @cached_property
    def items(self) -> Mapping[str, ScoredItem]:
        """Scored items by code, in reading order."""
        return {item.code: item for item in scored_items(self.questionnaire)}

    @cached_property
    def choices(self) -> Mapping[str, Question]:
        """Choice questions by code, in reading order."""
        kinds = (Answer.CHOICE, Answer.CHOICES)
        return {
            question.code: question
            for question in self.questionnaire.questions
            if question.kind.answer in kinds and len(question.options) <= MOST_OPTIONS
        }

    @cached_property
    def measured_by(self) -> Mapping[str, Sequence[str]]:
        """Codes of the scored items of each indicator."""
        found: dict[str, list[str]] = {}
        for item in self.items.values():
            if item.indicator:
                found.setdefault(item.indicator, []).append(item.code)
        return found


def read_plan(connection: Connection, survey_id: int) -> Plan:
    """The plan of a survey. Raises `LookupError` when there is no such survey."""
    row = connection.execute(_SQL, {"survey": survey_id}).one_or_none()
    if row is None:
        raise LookupError(survey_id)
    version_id, content_hash, content, indicators, state = row
    return Plan(
        survey_id,
        f"{version_id}:{content_hash or ''}",
        parse(json.loads(content)),
        json.loads(indicators) if indicators else [],
        state != "closed",
    )
