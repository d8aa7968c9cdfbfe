"""Adding and changing the groups that are told. Address and secret are never in the audit log: only that they changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Messenger, MessengerPost, Unit, User
from app.rules import messengers as rules
from app.rules.messengers import Kind, Weight
from app.services import audit
from app.services.messengers.posting import TEST

SECRETS = frozenset({"address", "secret"})


@dataclass(frozen=True)
class Wishes:
    """What somebody has entered. An empty `address` or None for `secret` keeps what is stored; "" forgets the secret."""

    kind: str
    name: str
    address: str
    secret: str | None
    unit_id: int | None
    least: str
    language: str
    active: bool


def add(wishes: Wishes, *, by: User, now: datetime) -> Messenger:
    """Raises `Refused`: `no_such_kind`, `address_missing`, `no_unit`, and as `rules.messengers.place_of`."""
    if not wishes.address:
        raise Refused("address_missing")
    messenger = Messenger(kind="", name="", address="", secret="", created_at=now)
    _apply(messenger, wishes)
    db.session.add(messenger)
    db.session.flush()
    audit.record(
        "messenger.added", kind="messenger", object_id=messenger.id, by=by, now=now,
        name=messenger.name, messenger=messenger.kind,
    )  # fmt: skip
    return messenger


def change(messenger: Messenger, wishes: Wishes, *, seen: int, by: User, now: datetime) -> None:
    """Raises `Stale`, and `Refused` as `add`; another messenger needs its own address."""
    if messenger.version != seen:
        raise Stale("messenger")
    if wishes.kind != messenger.kind and not wishes.address:
        raise Refused("address_missing")
    before = {name: getattr(messenger, name) for name in _FIELDS}
    _apply(messenger, wishes)
    changed = {name: [old, getattr(messenger, name)] for name, old in before.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if not changed:
        return
    db.session.flush()
    audit.record(
        "messenger.changed", kind="messenger", object_id=messenger.id, by=by, now=now,
        name=messenger.name,
        changed={name: pair for name, pair in changed.items() if name not in SECRETS},
        fields=sorted(SECRETS & set(changed)),
    )  # fmt: skip


def send_test(messenger: Messenger, *, by: User, now: datetime) -> MessengerPost:
    """Queue a test message, one at a time. Raises `Refused`: `switched_off`."""
    if not messenger.active:
        raise Refused("switched_off")
    pending = select(MessengerPost).where(
        MessengerPost.messenger_id == messenger.id,
        MessengerPost.kind == TEST,
        MessengerPost.state.in_((rules.State.QUEUED, rules.State.CLAIMED, rules.State.BEGUN)),
    )
    waiting = db.session.scalar(pending.limit(1))
    if waiting is not None:
        return waiting
    post = MessengerPost(messenger_id=messenger.id, kind=TEST, due_at=now, created_at=now)
    db.session.add(post)
    db.session.flush()
    audit.record(
        "messenger.tested", kind="messenger", object_id=messenger.id, by=by, now=now, name=messenger.name
    )
    return post


_FIELDS = ("kind", "name", "address", "secret", "unit_id", "least", "language", "active")


def _apply(messenger: Messenger, wishes: Wishes) -> None:
    if wishes.kind not in frozenset(Kind) or wishes.least not in frozenset(Weight):
        raise Refused("no_such_kind")
    if wishes.unit_id is not None and db.session.get(Unit, wishes.unit_id) is None:
        raise Refused("no_unit")
    kind = Kind(wishes.kind)
    if wishes.address:
        rules.place_of(kind, wishes.address)
        messenger.address = wishes.address
    if kind not in rules.SIGNED:
        messenger.secret = ""
    elif wishes.secret is not None:
        messenger.secret = wishes.secret
    messenger.kind, messenger.name, messenger.unit_id = kind.value, wishes.name, wishes.unit_id
    messenger.least, messenger.language, messenger.active = wishes.least, wishes.language, wishes.active
