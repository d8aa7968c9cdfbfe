"""Reading questionnaires, versions and indicator trees."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.errors import Missing, Refused
from app.extensions import db
from app.models import DraftEdit, IndicatorSystem, Questionnaire, QuestionnaireVersion, Survey
from app.models import Indicator as IndicatorRow
from app.rules import indicators
from app.rules.indicators import Indicator
from app.rules.questionnaire import ContentError, Problem, estimate_minutes, parse, validate


@dataclass(frozen=True)
class Line:
    """One questionnaire in the list. `published` and `draft` are version numbers."""

    id: int
    title: Mapping[str, str]
    archived: bool
    published: int | None
    draft: int | None
    questions: int
    minutes: int
    surveys: int
    edited_at: datetime


@dataclass(frozen=True)
class Steps:
    """Whether a draft can be taken back or forth."""

    undo: bool
    redo: bool


def listing(*, archived: bool = False) -> list[Line]:
    """Questionnaires, the one edited last first."""
    rows = db.session.scalars(
        select(Questionnaire)
        .where(Questionnaire.archived.is_(archived))
        .options(selectinload(Questionnaire.versions))
    ).all()
    used = _surveys_using()
    return sorted((_line(row, used) for row in rows), key=lambda line: line.edited_at, reverse=True)


def _surveys_using() -> dict[int, int]:
    counted = db.session.execute(
        select(QuestionnaireVersion.questionnaire_id, func.count(Survey.id))
        .join(Survey, Survey.version_id == QuestionnaireVersion.id)
        .group_by(QuestionnaireVersion.questionnaire_id)
    )
    return {row[0]: row[1] for row in counted}


def _line(row: Questionnaire, used: Mapping[int, int]) -> Line:
    newest = row.versions[-1]
    published = [one.number for one in row.versions if one.state == "published"]
    questions, minutes = _size(newest)
    return Line(
        id=row.id,
        title=row.title,
        archived=row.archived,
        published=published[-1] if published else None,
        draft=newest.number if newest.state == "draft" else None,
        questions=questions,
        minutes=minutes,
        surveys=used.get(row.id, 0),
        edited_at=newest.edited_at,
    )


def _size(version: QuestionnaireVersion) -> tuple[int, int]:
    try:
        questionnaire = parse(version.content)
    except ContentError:
        return 0, 0
    count = sum(1 for question in questionnaire.questions if question.type != "info")
    return count, estimate_minutes(questionnaire)


def count_archived() -> int:
    """How many questionnaires are put away."""
    query = select(func.count()).select_from(Questionnaire).where(Questionnaire.archived.is_(True))
    return db.session.scalar(query) or 0


def get(questionnaire_id: int) -> Questionnaire:
    """One questionnaire; raises `Missing`. Everybody who may read questionnaires sees all of them."""
    found = db.session.get(Questionnaire, questionnaire_id)
    if found is None:
        raise Missing("questionnaire")
    return found


def draft_of(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    """The version that is being edited, if any."""
    return next((one for one in questionnaire.versions if one.state == "draft"), None)


def open_draft(questionnaire: Questionnaire) -> QuestionnaireVersion:
    """The draft; raises `Refused("not_a_draft")` when everything is published."""
    draft = draft_of(questionnaire)
    if draft is None:
        raise Refused("not_a_draft")
    return draft


def get_version(questionnaire: Questionnaire, number: int) -> QuestionnaireVersion:
    """The version with this number; raises `Missing`."""
    found = next((one for one in questionnaire.versions if one.number == number), None)
    if found is None:
        raise Missing("questionnaire_version")
    return found


def steps(version: QuestionnaireVersion) -> Steps:
    """What undo and redo would find."""
    states = set(
        db.session.scalars(select(DraftEdit.undone).where(DraftEdit.version_id == version.id).distinct())
    )
    return Steps(undo=False in states, redo=True in states)


def reserved_codes(version: QuestionnaireVersion, *, but_of: Collection[str] = ()) -> frozenset[str]:
    """Codes of earlier versions, under which answers are stored.

    Those that belonged to one of the ids `but_of` (of questions or rows) are left out: a
    question may take its own former code back.
    """
    owners: dict[str, str] = {}
    for earlier in version.questionnaire.versions:
        if earlier.number >= version.number:
            continue
        for page in earlier.content["pages"]:
            for question in page["questions"]:
                for part in (question, *question.get("rows", ())):
                    owners[part["code"]] = part["id"]
    return frozenset(code for code, owner in owners.items() if owner not in but_of)


def problems_of(version: QuestionnaireVersion) -> list[Problem]:
    """The check before publishing, with the indicator tree as it stands now."""
    tree = tree_of(version.questionnaire)
    return validate(version.content, [leaf.code for leaf in indicators.leaves(tree)], tree=tree)


def systems() -> Sequence[IndicatorSystem]:
    """All indicator systems, the newest first."""
    return db.session.scalars(select(IndicatorSystem).order_by(IndicatorSystem.id.desc())).all()


def get_system(system_id: int) -> IndicatorSystem | None:
    """The indicator system with this id."""
    return db.session.get(IndicatorSystem, system_id)


def sharing(system: IndicatorSystem, *, but: Questionnaire) -> Sequence[Questionnaire]:
    """Other questionnaires that measure the same system."""
    return db.session.scalars(
        select(Questionnaire)
        .where(Questionnaire.system_id == system.id, Questionnaire.id != but.id)
        .order_by(Questionnaire.id)
    ).all()


def tree_of(questionnaire: Questionnaire) -> tuple[Indicator, ...]:
    """The indicator tree of a questionnaire, empty when it has none."""
    return indicator_tree(questionnaire.system) if questionnaire.system else ()


def indicator_tree(system: IndicatorSystem) -> tuple[Indicator, ...]:
    """The tree of a system, siblings in their order."""
    children: dict[int | None, list[IndicatorRow]] = {}
    for row in system.indicators:
        children.setdefault(row.parent_id, []).append(row)

    def build(parent_id: int | None) -> tuple[Indicator, ...]:
        rows = sorted(children.get(parent_id, []), key=lambda row: row.position)
        return tuple(Indicator(row.code, row.name, row.weight, build(row.id)) for row in rows)

    return build(None)


def surveys_by_version(questionnaire: Questionnaire) -> dict[int, int]:
    """How many surveys use each version, by version id."""
    counted = db.session.execute(
        select(Survey.version_id, func.count(Survey.id))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Survey.version_id)
        .where(QuestionnaireVersion.questionnaire_id == questionnaire.id)
        .group_by(Survey.version_id)
    )
    return {row[0]: row[1] for row in counted}
