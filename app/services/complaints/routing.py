"""Changing to whom new complaints go by themselves. What has been assigned stays where it is."""

from dataclasses import asdict, dataclass
from datetime import datetime

from app.errors import Refused, Stale
from app.extensions import db
from app.models import AssignmentRule, Unit, User
from app.queries.complaints import routing
from app.queries.complaints.cases import handlers
from app.queries.complaints.trees import tree
from app.rules.clocks import Severity
from app.services import audit


@dataclass(frozen=True)
class Rule:
    """Conditions (None: any) and where it leads."""

    category_id: int | None
    unit_id: int | None
    severity: str | None
    to_unit_id: int
    handler_id: int | None


def add(rule: Rule, *, by: User, now: datetime) -> AssignmentRule:
    """One rule more; the very same again is the one that is there.

    Raises `Refused`: `no_category`, `no_unit`, `no_severity`, `unit_inactive`, `handler_elsewhere`, `rule_twice`.
    """
    present = _like(rule, but=None)
    if present is not None and _leads_to(present, rule):
        return present
    _check(rule, None)
    row = AssignmentRule(**asdict(rule), position=0)
    db.session.add(row)
    db.session.flush()
    audit.record(
        "assignment_rule.added", kind="assignment_rule", object_id=row.id, by=by, now=now, **asdict(rule)
    )
    return row


def change(row: AssignmentRule, rule: Rule, *, version: int, by: User, now: datetime) -> None:
    """Change conditions or destination. Raises `Stale`, otherwise as `add`."""
    if row.version != version:
        raise Stale("assignment_rule")
    _check(rule, row.id)
    changed = {
        name: [getattr(row, name), value]
        for name, value in asdict(rule).items()
        if getattr(row, name) != value
    }
    for name, (_old, new) in changed.items():
        setattr(row, name, new)
    db.session.flush()
    if changed:
        audit.record(
            "assignment_rule.changed",
            kind="assignment_rule",
            object_id=row.id,
            by=by,
            now=now,
            changed=changed,
        )


def remove(row: AssignmentRule, *, by: User, now: datetime) -> None:
    """Take a rule away; the audit log keeps what it said."""
    said = {name: getattr(row, name) for name in Rule.__dataclass_fields__}
    audit.record("assignment_rule.removed", kind="assignment_rule", object_id=row.id, by=by, now=now, **said)
    db.session.delete(row)
    db.session.flush()


def _check(rule: Rule, but: int | None) -> None:
    category = tree().by_id.get(rule.category_id) if rule.category_id is not None else None
    if rule.category_id is not None and (category is None or category.kind != "category"):
        raise Refused("no_category")
    if rule.unit_id is not None and db.session.get(Unit, rule.unit_id) is None:
        raise Refused("no_unit")
    if rule.severity is not None and rule.severity not in set(Severity):
        raise Refused("no_severity")
    to = db.session.get(Unit, rule.to_unit_id)
    if to is None or not to.active:
        raise Refused("unit_inactive")
    works_there = {user.id for user, unit_id in handlers() if unit_id == rule.to_unit_id}
    if rule.handler_id is not None and rule.handler_id not in works_there:
        raise Refused("handler_elsewhere")
    if _like(rule, but=but) is not None:
        raise Refused("rule_twice")


def _like(rule: Rule, *, but: int | None) -> AssignmentRule | None:
    """Another rule with the same conditions."""
    wanted = (rule.category_id, rule.unit_id, rule.severity)
    return next(
        (
            row
            for row in routing.stored()
            if row.id != but and (row.category_id, row.unit_id, row.severity) == wanted
        ),
        None,
    )


def _leads_to(row: AssignmentRule, rule: Rule) -> bool:
    return (row.to_unit_id, row.handler_id) == (rule.to_unit_id, rule.handler_id)
