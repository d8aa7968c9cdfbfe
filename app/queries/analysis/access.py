"""Which surveys a user's analysis holds, and whether he may read single answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, false, or_, select

from app.errors import Missing
from app.extensions import db
from app.models import Series, Survey, Unit, User
from app.rules.permissions import Role

SEES_ALL = frozenset({Role.MANAGEMENT, Role.MARKETING, Role.CUSTOMER_SERVICE})
READS_ANSWERS = frozenset({Role.MANAGEMENT, Role.MARKETING})
STARTED = ("live", "paused", "closed")
# The firm may ask for larger groups, never for smaller ones.
LEAST_GROUP = 5


def sees_all(user: User) -> bool:
    """Whether the user sees surveys before their release; others see groups of released ones only."""
    return bool(user.role_names & SEES_ALL)


def visible_to(user: User) -> Select[Survey]:
    """Surveys whose figures the user may see."""
    surveys = select(Survey).where(Survey.state.in_(STARTED))
    if sees_all(user):
        return surveys
    if user.role_names & {Role.DEPARTMENT, Role.VIEWER}:
        return surveys.where(Survey.state == "closed", Survey.released_at.is_not(None))
    return surveys.where(false())


def get_visible(user: User, survey_id: int) -> Survey:
    """The survey. Raises `Missing` when there is none that the user may see."""
    survey = db.session.scalar(visible_to(user).where(Survey.id == survey_id))
    if survey is None:
        raise Missing("survey")
    return survey


def is_visible(user: User, survey: Survey) -> bool:
    """Whether the user sees the figures of this survey."""
    return db.session.scalar(visible_to(user).where(Survey.id == survey.id)) is not None


def sees_any(user: User) -> bool:
    """Whether there are figures that the user sees."""
    return db.session.scalar(visible_to(user).with_only_columns(Survey.id).limit(1)) is not None


def earlier_waves(user: User, survey: Survey) -> Sequence[Survey]:
    """Visible surveys of the same series that were opened before, the latest first."""
    same = visible_to(user).where(Survey.series_id == survey.series_id, Survey.id != survey.id)
    earlier = or_(
        Survey.opens_at < survey.opens_at,
        (Survey.opens_at == survey.opens_at) & (Survey.id < survey.id),
    )
    return db.session.scalars(same.where(earlier).order_by(Survey.opens_at.desc(), Survey.id.desc())).all()


def by_series(user: User) -> list[tuple[Series, list[Survey]]]:
    """Visible surveys in their series, the latest first in both."""
    found: dict[int, tuple[Series, list[Survey]]] = {}
    newest = visible_to(user).order_by(Survey.opens_at.desc(), Survey.id.desc())
    for survey in db.session.scalars(newest):
        found.setdefault(survey.series_id, (survey.series, []))[1].append(survey)
    return list(found.values())


@dataclass(frozen=True)
class AnswerScope:
    """Whose single answers a user may read: all but those about these units."""

    without_units: frozenset[int]


def answer_scope(user: User, survey: Survey) -> AnswerScope | None:
    """What the user may read of single answers; None: nothing.

    Whoever is measured reads nothing about his own unit, or one below it, before the release.
    """
    roles = user.role_names
    if not roles & READS_ANSWERS:
        return None
    if Role.MANAGEMENT in roles or survey.released_at is not None:
        return AnswerScope(frozenset())
    return AnswerScope(with_units_below(user.unit_ids))


def with_units_below(unit_ids: frozenset[int]) -> frozenset[int]:
    """These units and all that stand below them."""
    parents = {row.id: row.parent_id for row in db.session.execute(select(Unit.id, Unit.parent_id))}
    found = set(unit_ids)
    while more := {unit for unit, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)
