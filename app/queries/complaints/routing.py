"""Assignment rules: in the order in which they are tried, what is doubtful about them, and where a complaint would go."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.errors import Missing
from app.extensions import db
from app.models import AssignmentRule, Unit, User
from app.queries.complaints import cases
from app.queries.complaints.trees import Tree
from app.queries.users import LARGEST_ID
from app.rules import complaints as rules


@dataclass(frozen=True)
class Line:
    """One rule with what it names. `doubts`: `unit_inactive`, `nobody_there`, `handler_elsewhere`."""

    row: AssignmentRule
    to: Unit
    handler: User | None
    doubts: Sequence[str]


@dataclass(frozen=True)
class Destination:
    """Where a complaint would go; `line` None: no rule fits, customer service shares it out."""

    line: Line | None


def stored() -> Sequence[AssignmentRule]:
    """All rules as they were entered."""
    return db.session.scalars(
        select(AssignmentRule).order_by(AssignmentRule.position, AssignmentRule.id)
    ).all()


def get(rule_id: int) -> AssignmentRule:
    """One rule. Raises `Missing`."""
    row = db.session.get(AssignmentRule, rule_id) if rule_id <= LARGEST_ID else None
    if row is None:
        raise Missing("assignment_rule")
    return row


def chosen(chain: Sequence[int], unit_id: int | None, severity: str) -> AssignmentRule | None:
    """The rule for a complaint; `chain` is its category and those above, nearest first."""
    rows = {_as_ruled(row): row for row in stored()}
    rule = rules.choose(rows, categories=chain, unit_id=unit_id, severity=severity)
    return None if rule is None else rows[rule]


def _as_ruled(row: AssignmentRule) -> rules.Rule:
    return rules.Rule(
        row.category_id, row.unit_id, row.severity, row.to_unit_id, row.handler_id, row.position
    )


def lines(tree: Tree) -> list[Line]:
    """Every rule, the narrowest first: a category counts more than a unit, a unit more than a severity."""
    workers = _workers()
    ordered = sorted(stored(), key=lambda row: (*_width(row, tree), row.position, row.id))
    return [_line(row, workers) for row in ordered]


def _width(row: AssignmentRule, tree: Tree) -> tuple[int, bool, bool]:
    depth = len(tree.chain(row.category_id)) if row.category_id else 0
    return -depth, row.unit_id is None, row.severity is None


def destination(tree: Tree, category_id: int, unit_id: int | None, severity: str) -> Destination:
    """What the rules would do with a complaint."""
    row = chosen(tree.chain(category_id), unit_id, severity)
    return Destination(None if row is None else _line(row, _workers()))


def _workers() -> set[tuple[int, int]]:
    """Everybody who can take cases, with each of his units."""
    return {(user.id, unit_id) for user, unit_id in cases.handlers()}


def _line(row: AssignmentRule, workers: set[tuple[int, int]]) -> Line:
    unit = db.session.get_one(Unit, row.to_unit_id)
    handler = db.session.get(User, row.handler_id) if row.handler_id else None
    doubts = []
    if not unit.active:
        doubts.append("unit_inactive")
    if all(unit_id != unit.id for _user, unit_id in workers):
        doubts.append("nobody_there")
    if handler is not None and (handler.id, unit.id) not in workers:
        doubts.append("handler_elsewhere")
    return Line(row, unit, handler, doubts)
