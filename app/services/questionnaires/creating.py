"""New questionnaires: from a library template, from a document, or blank."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.extensions import db
from app.models import Indicator, IndicatorSystem, Questionnaire, QuestionnaireVersion, User
from app.rules import library
from app.rules.indicators import Indicator as Node
from app.rules.questionnaire import Content, parse
from app.services import audit


def create_from_template(
    key: str, *, system: IndicatorSystem | None = None, by: User | None, now: datetime
) -> Questionnaire:
    """Make a questionnaire from a library template, as a draft.

    With its own copy of the template's indicator system, unless an existing one is given.
    Raises `KeyError` for a template that does not exist.
    """
    template = library.template(key)
    if system is None:
        system = new_system(template.name, template.indicators, now=now)
    return _create(template.new_content(), system, template_key=key, by=by, now=now)


def create_from_content(
    content: Content, *, system: IndicatorSystem | None = None, by: User | None, now: datetime
) -> Questionnaire:
    """Make a draft of a content document (pasted or imported).

    Raises `ContentError` when its shape is wrong. Without a system an empty one is made.
    """
    title = parse(content).title
    return _create(content, system or new_system(title, (), now=now), template_key=None, by=by, now=now)


def create_blank(
    title: Mapping[str, str],
    *,
    default_language: str,
    system: IndicatorSystem | None = None,
    by: User | None,
    now: datetime,
) -> Questionnaire:
    """Make a draft with one empty page, in both languages."""
    content: Content = {
        "languages": ["zh", "en"],
        "default_language": default_language,
        "title": dict(title),
        "intro": {},
        "thanks": {},
        "minutes": None,
        "pages": [{"id": "p1", "title": {}, "questions": []}],
    }
    return create_from_content(content, system=system, by=by, now=now)


def new_system(name: Mapping[str, str], nodes: Sequence[Node], *, now: datetime) -> IndicatorSystem:
    """An indicator system with this tree."""
    system = IndicatorSystem(name=dict(name), created_at=now)
    db.session.add(system)
    db.session.flush()
    _add_indicators(system, nodes, parent=None)
    return system


def _create(
    content: Content,
    system: IndicatorSystem,
    *,
    template_key: str | None,
    by: User | None,
    now: datetime,
) -> Questionnaire:
    questionnaire = Questionnaire(
        title=dict(content["title"]),
        system=system,
        template_key=template_key,
        created_by_id=by.id if by else None,
        created_at=now,
    )
    questionnaire.versions.append(
        QuestionnaireVersion(number=1, content=content, created_at=now, edited_at=now)
    )
    db.session.add(questionnaire)
    db.session.flush()
    audit.record(
        "questionnaire.created",
        kind="questionnaire",
        object_id=questionnaire.id,
        by=by,
        now=now,
        template=template_key,
    )
    return questionnaire


def _add_indicators(system: IndicatorSystem, nodes: Sequence[Node], *, parent: Indicator | None) -> None:
    for position, node in enumerate(nodes):
        row = Indicator(
            system_id=system.id,
            parent_id=parent.id if parent else None,
            code=node.code,
            name=dict(node.name),
            weight=node.weight,
            position=position,
        )
        db.session.add(row)
        db.session.flush()
        _add_indicators(system, node.children, parent=row)
