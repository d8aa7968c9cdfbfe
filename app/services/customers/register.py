"""Creating and changing one customer by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Customer, CustomerLine, ServiceEvent, User
from app.queries import customers as queries
from app.services import audit


@dataclass(frozen=True)
class CustomerFacts:
    """What staff can say about a customer. `unit_id` None: no branch."""

    code: str
    name: str
    kind: str = "enterprise"
    region: str = ""
    size: str = ""
    customer_since: date | None = None
    key_account: bool = False
    unit_id: int | None = None
    do_not_contact: bool = False
    lines: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)


def create_customer(facts: CustomerFacts, *, by: User, now: datetime) -> Customer:
    """Add a customer. Refused: code_taken."""
    _check_code(facts.code, None)
    customer = Customer(created_at=now)
    with _code_is_free():
        _apply(customer, facts)
        customer.updated_at = now
        db.session.add(customer)
    audit.record("customer.created", kind="customer", object_id=customer.id, by=by, now=now)
    return customer


def edit_customer(
    customer: Customer, facts: CustomerFacts, *, version: int, by: User, now: datetime
) -> Customer:
    """Change the facts that the form of row version `version` showed. Stale, Refused: code_taken."""
    if customer.version != version:
        raise Stale("customer_changed")
    _check_code(facts.code, customer)
    changed = _changed_facts(customer, facts)
    if changed:
        with _code_is_free():
            _apply(customer, facts)
            customer.updated_at = now
        audit.record(
            "customer.changed", kind="customer", object_id=customer.id, by=by, now=now, fields=changed
        )
    return customer


def touch(customer: Customer, *, now: datetime) -> None:
    """Count the row version up; also when only a contact or a service date has changed."""
    customer.updated_at = now
    db.session.flush()


def add_service(customer: Customer, *, on: date, what: str, by: User, now: datetime) -> None:
    """Add a purchase or service. Refused: service_known."""
    if any(one.on == on and one.what == what for one in customer.service_events):
        raise Refused("service_known")
    customer.service_events.append(ServiceEvent(on=on, what=what))
    touch(customer, now=now)
    audit.record("customer.service_added", kind="customer", object_id=customer.id, by=by, now=now)


def remove_service(customer: Customer, event: ServiceEvent, *, by: User, now: datetime) -> None:
    """Remove a purchase or service that was entered wrongly."""
    customer.service_events.remove(event)
    touch(customer, now=now)
    audit.record("customer.service_removed", kind="customer", object_id=customer.id, by=by, now=now)


def _facts_of(customer: Customer) -> CustomerFacts:
    return CustomerFacts(
        code=customer.code,
        name=customer.name,
        kind=customer.kind,
        region=customer.region,
        size=customer.size,
        customer_since=customer.customer_since,
        key_account=customer.key_account,
        unit_id=customer.unit_id,
        do_not_contact=customer.do_not_contact,
        lines=tuple(line.line for line in customer.lines),
        attributes=dict(customer.attributes),
    )


def _changed_facts(customer: Customer, facts: CustomerFacts) -> list[str]:
    stored = asdict(_facts_of(customer))
    return [name for name, value in asdict(facts).items() if _comparable(value) != _comparable(stored[name])]


def _comparable(value: Any) -> Any:
    return sorted(value) if isinstance(value, tuple | list) else value


def _check_code(code: str, own: Customer | None) -> None:
    present = queries.by_code(code)
    if present is not None and present is not own:
        raise Refused("code_taken")


@contextmanager
def _code_is_free() -> Iterator[None]:
    """On PostgreSQL two may take the same code at once: the later one is told as if he had come after the other."""
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        raise Refused("code_taken") from error


def _apply(customer: Customer, facts: CustomerFacts) -> None:
    for name, value in asdict(facts).items():
        if name == "lines":
            kept = {line.line: line for line in customer.lines}
            customer.lines = [kept.get(one) or CustomerLine(line=one) for one in value]
        else:
            setattr(customer, name, value)
