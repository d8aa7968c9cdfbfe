"""Surveys, invitations and deliveries for tests."""

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import (
    Contact,
    Customer,
    Delivery,
    Invitation,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    Series,
    Survey,
)
from app.rules import mail_defaults
from app.rules.links import new_nonce
from app.services import outbox
from tests.factories import Factory

CONTENT: dict[str, Any] = {
    "languages": ["zh", "en"],
    "default_language": "zh",
    "title": {"zh": "年度满意度调查", "en": "Yearly survey"},
    "intro": {"zh": "", "en": ""},
    "thanks": {"zh": "谢谢", "en": "Thank you"},
    "minutes": 3,
    "pages": [
        {
            "id": "p1",
            "title": {"zh": "", "en": ""},
            "questions": [
                {
                    "id": "q1",
                    "code": "recommend",
                    "type": "nps",
                    "text": {"zh": "您有多大可能推荐我们？", "en": "How likely are you to recommend us?"},
                    "hint": {},
                    "required": True,
                    "indicator": None,
                    "show_if": None,
                    "low": {},
                    "high": {},
                }
            ],
        }
    ],
}


def version(make: Factory, **fields: Any) -> QuestionnaireVersion:
    """A published questionnaire version with one question."""
    questionnaire = Questionnaire(title=CONTENT["title"], created_at=make.now)
    row = QuestionnaireVersion(
        questionnaire=questionnaire,
        **(
            {
                "number": 1,
                "state": "published",
                "content": CONTENT,
                "indicators": [],
                "content_hash": "0" * 64,
                "created_at": make.now,
                "edited_at": make.now,
                "published_at": make.now,
            }
            | fields
        ),
    )
    return make.save(row)


def survey(make: Factory, **fields: Any) -> Survey:
    """A live survey that opened yesterday and runs for ten days, without quiet hours."""
    values = {
        "name": {"zh": "2026 满意度调查", "en": "Satisfaction survey 2026"},
        "state": "live",
        "opens_at": make.now - timedelta(days=1),
        "closes_at": make.now + timedelta(days=10),
        "mail_texts": mail_defaults.INVITATION,
        "reminder_texts": mail_defaults.REMINDER,
        "pace_per_minute": 60,
        "quiet_from": 0,
        "quiet_until": 0,
        "created_at": make.now - timedelta(days=2),
    } | fields
    if "version_id" not in values:
        values["version_id"] = version(make).id
    if "series_id" not in values:
        values["series_id"] = make.save(
            Series(name={"zh": "年度调查", "en": "Yearly survey"}, created_at=make.now)
        ).id
    return make.save(Survey(**values))


def invitation(
    make: Factory, of: Survey, *, email: str | None = None, customer: Customer | None = None, **fields: Any
) -> Invitation:
    """An invitation of a new customer (or the given one)."""
    owner = customer or make.customer(email=email)
    contact: Contact = owner.contacts[0]
    values = {
        "survey_id": of.id,
        "contact_id": contact.id,
        "customer_id": owner.id,
        "nonce": new_nonce(),
        "language": "zh",
        "profile": {"kind": owner.kind, "region": owner.region},
        "stratum": f"{owner.region}|{owner.kind}",
        "created_at": make.now,
    } | fields
    return make.save(Invitation(**values))


def queued(make: Factory, of: Survey, to: Invitation, **fields: Any) -> Delivery:
    """The queued mail of an invitation."""
    row = outbox.enqueue(
        fields.pop("kind", "invitation"),
        to=to.contact.email,
        language=to.language,
        template=fields.pop("template", "invitation"),
        due_at=fields.pop("due_at", make.now),
        now=make.now,
        invitation_id=to.id,
        survey_id=of.id,
        occurrence=fields.pop("occurrence", 0),
    )
    for name, value in fields.items():
        setattr(row, name, value)
    db.session.commit()
    return row


def response(make: Factory, of: Survey, to: Invitation | None = None, **fields: Any) -> Response:
    """A complete answer."""
    n = make.number()
    values = {
        "survey_id": of.id,
        "version_id": of.version_id,
        "invitation_id": to.id if to else None,
        "key": f"key-{n}",
        "state": "complete",
        "language": "zh",
        "answers": {"recommend": 9},
        "profile": to.profile if to else {},
        "started_at": make.now,
        "saved_at": make.now,
        "submitted_at": make.now,
    } | fields
    return make.save(Response(**values))
