"""Three yearly surveys of the demonstration: two closed, one live."""

import hashlib
import json
import random
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.extensions import db
from app.models import (
    Customer,
    Delivery,
    Invitation,
    OpenLink,
    QuestionnaireVersion,
    Response,
    Series,
    Survey,
    User,
)
from app.rules import mail_defaults
from app.rules.answers import finalise, page_path
from app.rules.links import new_nonce
from app.rules.questionnaire import Questionnaire, parse
from app.services.demo import opinions
from app.services.outbox import new_message_id
from app.services.questionnaires import create_from_template, publish

WAVES = 3
DAYS_OPEN = 18
# Share of the invited who have answered: two closed waves, and the live one after a week.
RESPONSE = (0.44, 0.46, 0.24)
LIVE_SINCE_DAYS = 6


@dataclass(frozen=True)
class Period:
    """When a wave is held; `seen_until` is how far its field work has come."""

    opens: datetime
    closes: datetime
    seen_until: datetime
    live: bool


def add_waves(rng: random.Random, people: list[Customer], *, by: User, now: datetime) -> dict[str, int]:
    """Add questionnaire, series, surveys, invitations, deliveries and responses."""
    version = _questionnaire(by, now)
    questionnaire = parse(version.content)
    series = Series(
        name={"zh": "年度客户满意度调查", "en": "Yearly customer satisfaction survey"}, created_at=now
    )
    db.session.add(series)
    db.session.flush()
    leanings = {person.id: opinions.disposition(rng) for person in people}
    total = 0
    for number in range(WAVES):
        period = _period(number, now)
        survey = _survey(series, version, period, by)
        invitations = _invite(rng, survey, people, period)
        total += _answer(rng, survey, questionnaire, invitations, leanings, period, number)
        _deliver(rng, survey, invitations, period)
        if not period.live:
            _seal(survey, period)
    _open_links(survey, people, now)
    return {"surveys": WAVES, "responses": total}


def _questionnaire(by: User, now: datetime) -> QuestionnaireVersion:
    questionnaire = create_from_template("touchpoints", by=by, now=now)
    return publish(questionnaire.versions[0], by=by, now=now)


def _period(number: int, now: datetime) -> Period:
    if number == WAVES - 1:
        opens = (now - timedelta(days=LIVE_SINCE_DAYS)).replace(hour=1, minute=0, second=0, microsecond=0)
        return Period(opens, opens + timedelta(days=DAYS_OPEN), now, live=True)
    year = now.year - (WAVES - 1 - number)
    opens = datetime(year, 9, 1, 1, 0, tzinfo=UTC)
    closes = opens + timedelta(days=DAYS_OPEN)
    return Period(opens, closes, closes, live=False)


def _survey(series: Series, version: QuestionnaireVersion, period: Period, by: User) -> Survey:
    year = period.opens.year
    survey = Survey(
        series_id=series.id,
        name={"zh": f"{year} 年度客户满意度调查", "en": f"Customer satisfaction survey {year}"},
        version_id=version.id,
        mail_texts=mail_defaults.INVITATION,
        reminder_texts=mail_defaults.REMINDER,
        # Everybody has been reminded: nothing leaves by itself when a mail server is set.
        reminder_limit=1,
        state="live" if period.live else "closed",
        opens_at=period.opens,
        closes_at=period.closes,
        created_by_id=by.id,
        created_at=period.opens - timedelta(days=10),
        launched_at=period.opens,
        closed_at=None if period.live else period.closes,
        released_at=None if period.live else period.closes + timedelta(days=20),
    )
    db.session.add(survey)
    db.session.flush()
    return survey


def _may_be_invited(person: Customer, when: datetime) -> bool:
    contact = person.contacts[0]
    known = person.customer_since is None or person.customer_since <= when.date()
    wanted = contact.opted_out_at is None and not person.do_not_contact
    return bool(known and wanted and contact.email)


def _invite(rng: random.Random, survey: Survey, people: list[Customer], period: Period) -> list[Invitation]:
    rows = [_invitation(survey, p, period) for p in people if _may_be_invited(p, period.opens)]
    db.session.add_all(rows)
    db.session.flush()
    if period.live:
        for row in rows:
            row.contact.last_invited_at = period.opens
    return rows


def _invitation(survey: Survey, person: Customer, period: Period) -> Invitation:
    since = person.customer_since
    new = since is not None and (period.opens.date() - since).days <= 365
    return Invitation(
        survey_id=survey.id,
        contact=person.contacts[0],
        customer=person,
        unit_id=person.unit_id,
        nonce=new_nonce(),
        language=person.contacts[0].language or "zh",
        profile={
            "kind": person.kind,
            "region": person.region,
            "size": person.size,
            "lines": [line.line for line in person.lines],
            "unit_id": person.unit_id,
            "key_account": person.key_account,
            "tenure": "new" if new else "old",
        },
        stratum=f"{person.region}|{person.kind}",
        created_at=period.opens,
    )


def _answer(
    rng: random.Random,
    survey: Survey,
    questionnaire: Questionnaire,
    invitations: list[Invitation],
    leanings: dict[int, float],
    period: Period,
    number: int,
) -> int:
    reachable = [i for i in invitations if i.contact.address_state == "ok"]
    answering = rng.sample(reachable, round(len(reachable) * RESPONSE[number]))
    started = {i.id for i in answering[-12:]}
    rows = []
    for invitation in answering:
        draft = invitation.id in started
        given = opinions.answers(
            rng,
            leaning=leanings[invitation.customer_id],
            branch=invitation.customer.unit.code if invitation.customer.unit else "CX",
            wave=number,
        )
        rows.append(_response(rng, survey, questionnaire, invitation, given, period, draft=draft))
        invitation.started, invitation.finished = True, not draft
    db.session.execute(insert(Response), rows)
    return len(rows) - len(started)


def _response(
    rng: random.Random,
    survey: Survey,
    questionnaire: Questionnaire,
    invitation: Invitation,
    given: dict[str, Any],
    period: Period,
    *,
    draft: bool,
) -> dict[str, Any]:
    pages = [page.id for page in page_path(questionnaire, given)]
    if draft:
        pages = pages[: rng.randint(1, 4)]
    span = (period.seen_until - period.opens).total_seconds()
    at = period.opens + timedelta(seconds=span * min(0.98, rng.betavariate(1.1, 2.6)))
    log = [(page, rng.randint(5, 28)) for page in pages]
    end = min(at + timedelta(seconds=sum(seconds for _, seconds in log)), period.seen_until)
    return {
        "survey_id": survey.id,
        "version_id": survey.version_id,
        "invitation_id": invitation.id,
        "key": secrets.token_urlsafe(32),
        "state": "draft" if draft else "complete",
        "channel": "mail",
        "language": invitation.language,
        "customer_id": invitation.customer_id,
        "unit_id": invitation.unit_id,
        "profile": invitation.profile,
        "answers": finalise(questionnaire, given, pages),
        "page_log": log,
        "revision": len(pages),
        "started_at": at,
        "saved_at": end,
        "submitted_at": None if draft else end,
    }


def _deliver(rng: random.Random, survey: Survey, invitations: list[Invitation], period: Period) -> None:
    rows = []
    for position, invitation in enumerate(invitations):
        bad = invitation.contact.address_state == "bad"
        sent = period.opens + timedelta(seconds=position)
        rows.append(_delivery(survey, invitation, "invitation", 0, sent, failed=bad))
        first = period.opens + timedelta(days=3, seconds=position)
        if not bad and first < period.seen_until and not (invitation.finished and rng.random() < 0.6):
            rows.append(_delivery(survey, invitation, "reminder", 1, first, failed=False))
    db.session.execute(insert(Delivery), rows)


def _delivery(
    survey: Survey, invitation: Invitation, kind: str, occurrence: int, at: datetime, *, failed: bool
) -> dict[str, Any]:
    return {
        "kind": kind,
        "occurrence": occurrence,
        "invitation_id": invitation.id,
        "survey_id": survey.id,
        "to_address": invitation.contact.email,
        "language": invitation.language,
        "template": kind,
        "params": {},
        "message_id": new_message_id(),
        "state": "failed" if failed else "sent",
        "attempts": 1,
        "due_at": at,
        "reason": "unknown_user" if failed else "",
        "reply": "550 5.1.1 no such user" if failed else "250 2.0.0 queued",
        "created_at": at,
        "finished_at": at,
    }


def _seal(survey: Survey, period: Period) -> None:
    digest, count = hashlib.sha256(), 0
    complete = select(Response).filter_by(survey_id=survey.id, state="complete").order_by(Response.id)
    for response in db.session.scalars(complete):
        content = [response.id, response.submitted_at and response.submitted_at.isoformat(), response.answers]
        digest.update(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
        count += 1
    survey.sealed_count, survey.sealed_hash = count, digest.hexdigest()


def _open_links(survey: Survey, people: list[Customer], now: datetime) -> None:
    for label, channel, unit_id in (
        ("官网首页", "web", None),
        ("客户微信群", "wechat", None),
        ("滨江店收银台海报", "poster", next(p.unit_id for p in people if p.region == "滨江区")),
    ):
        db.session.add(
            OpenLink(
                survey_id=survey.id,
                nonce=new_nonce(),
                label=label,
                channel=channel,
                unit_id=unit_id,
                created_at=now,
            )
        )
    db.session.flush()
