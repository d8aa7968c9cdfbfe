"""Two people at the same draft: what both wrote, in words."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from app.blueprints.questionnaires.differences import field_name, value_text
from app.blueprints.questionnaires.screens import Builder
from app.blueprints.questionnaires.site import LANGUAGES
from app.blueprints.questionnaires.wording import language_name
from app.queries.changes import last_draft_change
from app.rules.questionnaire import Content
from app.web.conflicts import Conflict, Difference


def question_conflict(builder: Builder, mine: Mapping[str, Any]) -> Conflict:
    """The chosen question as typed and as stored."""
    chosen = builder.chosen.id if builder.chosen else ""

    def question(content: Content) -> Any:
        questions = (one for page in content["pages"] for one in page["questions"])
        return next((one for one in questions if one["id"] == chosen), None)

    stored = question(builder.version.content) or {}
    return Conflict(list(_differences(mine, stored, builder)), last_draft_change(builder.version, question))


def settings_conflict(builder: Builder, mine: Mapping[str, Any]) -> Conflict:
    """Texts and languages of the questionnaire as typed and as stored."""
    change = last_draft_change(builder.version, lambda content: [content.get(key) for key in mine])
    return Conflict(list(_differences(mine, builder.version.content, builder)), change)


def _differences(
    mine: Mapping[str, Any], stored: Mapping[str, Any], builder: Builder
) -> Iterator[Difference]:
    for key, value in mine.items():
        other = stored.get(key)
        if value == other:
            continue
        name = field_name(key)
        if _is_text(value) and _is_text(other):
            for lang in LANGUAGES:
                if value.get(lang) != other.get(lang):
                    title = f"{name} · {language_name(lang)}"
                    yield Difference(title, value.get(lang, ""), other.get(lang, ""))
        else:
            words = (value_text(key, one, builder.questionnaire, builder.lang) for one in (value, other))
            yield Difference(name, *words)


def _is_text(value: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and set(value) <= set(LANGUAGES)
