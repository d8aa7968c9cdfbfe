"""A survey that can be answered, with its links: `Asking(make).survey()`."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import Contact, Invitation, OpenLink, Questionnaire, QuestionnaireVersion, Series, Survey
from app.queries.links import answer_url, open_url, unsubscribe_url
from app.rules.links import new_nonce
from tests.factories import Factory

ENDS = {
    "low": {"zh": "很不满意", "en": "Very dissatisfied"},
    "high": {"zh": "很满意", "en": "Very satisfied"},
}
STEPS = [
    {"zh": zh, "en": en}
    for zh, en in [
        ("很不满意", "Very dissatisfied"),
        ("不满意", "Dissatisfied"),
        ("一般", "Neither"),
        ("满意", "Satisfied"),
        ("很满意", "Very satisfied"),
    ]
]


def question(code: str, kind: str, zh: str, en: str, **own: Any) -> dict[str, Any]:
    """One question of a content document."""
    return {
        "id": f"q_{code}",
        "code": code,
        "type": kind,
        "text": {"zh": zh, "en": en},
        "hint": {},
        "required": True,
        "indicator": None,
        "show_if": None,
    } | own


def option(id_: str, zh: str, en: str, **own: bool) -> dict[str, Any]:
    """One option."""
    return {"id": id_, "text": {"zh": zh, "en": en}, "other": False, "exclusive": False} | own


def scale(code: str, zh: str, en: str, **own: Any) -> dict[str, Any]:
    """A five-point scale with a word for each step."""
    return question(
        code, "scale", zh, en, **({**ENDS, "points": 5, "labels": STEPS, "allow_na": True, "na_text": {}, "reverse": False} | own)
    )  # fmt: skip


def content(*pages: list[dict[str, Any]]) -> dict[str, Any]:
    """A content document whose pages are p1, p2, …"""
    return {
        "languages": ["zh", "en"],
        "default_language": "zh",
        "title": {"zh": "三分钟说说我们的服务", "en": "Three minutes about our service"},
        "intro": {"zh": "做得好不好，您最清楚。", "en": "You know best how we did."},
        "thanks": {"zh": "谢谢您抽出时间。", "en": "Thank you for your time."},
        "minutes": 3,
        "pages": [{"id": f"p{n}", "title": {}, "questions": page} for n, page in enumerate(pages, 1)],
    }


def routed() -> dict[str, Any]:
    """Three pages; a low score on the first brings up the second."""
    why = question("why", "long_text", "哪里没做好？", "What went wrong?", max_length=500)
    why["show_if"] = {"all": [{"question": "wait", "op": "<=", "value": 2}]}
    return content(
        [scale("wait", "您对等待的时间满意吗？", "How satisfied were you with the wait?")],
        [why],
        [question("nps", "nps", "您愿意推荐我们吗？", "Would you recommend us?", low={}, high={})],
    )


def every_type() -> dict[str, Any]:
    """One page for each question type."""
    rows = [
        {"id": "r1", "code": "found", "text": {"zh": "把毛病找准了", "en": "Found the fault"}, "indicator": None},
        {"id": "r2", "code": "told", "text": {"zh": "讲清楚了怎么修", "en": "Explained the repair"}, "indicator": None},
        {"id": "r3", "code": "priced", "text": {"zh": "开工前报清了价格", "en": "Named the price first"}, "indicator": None},
    ]  # fmt: skip
    options = [
        option("app", "手机应用", "The app"),
        option("phone", "电话", "By telephone"),
        option("else", "其他", "Something else", other=True),
    ]
    none = option("none", "都没有", "None of these", exclusive=True)
    bare = {"points": 5, "labels": None, "allow_na": True, "na_text": {}, "reverse": False, **ENDS}
    ten = {**bare, "points": 10, "allow_na": False}
    return content(
        [scale("wait", "从您报修到师傅上门，您对等待的时间满意吗？", "How satisfied were you with the time you waited?")],
        [question("visit", "matrix", "您对上门师傅满意吗？", "How satisfied were you with the technician?", rows=rows, **bare)],
        [
            question("nps", "nps", "您有多愿意把我们推荐给朋友？", "How likely are you to recommend us to a friend?", low={}, high={}),
            question("reason", "long_text", "主要原因是什么？", "What is the main reason?", required=False, max_length=500,
                     hint={"zh": "请不要写姓名和电话。", "en": "Please leave out names and phone numbers."}),
        ],
        [question("way", "single", "您是怎么联系我们的？", "How did you reach us?", options=options, dropdown=False)],
        [question("used", "multiple", "您用过哪些服务？", "Which services have you used?", options=[*options, none], max_choices=2)],
        [question("mood", "emoji", "修好以后您心情怎么样？", "How did you feel after the repair?", allow_na=False)],
        [question("stars", "stars", "给这次服务打几颗星？", "How many stars for this visit?", points=5, allow_na=True)],
        [question("city", "single", "您在哪个城市？", "Which city are you in?", options=options[:2], dropdown=True, required=False)],
        [question("product", "short_text", "修的是什么？", "What was repaired?", max_length=60)],
        [question("ease", "scale", "联系我们有多容易？", "How easy was it to reach us?", **ten)],
        [question("note", "info", "最后一页", "Last page", required=False)],
    )  # fmt: skip


class Asking:
    """Makes surveys and links with the factory's clock."""

    def __init__(self, make: Factory) -> None:
        self.make = make

    def version(self, document: dict[str, Any], *, state: str = "published") -> QuestionnaireVersion:
        """A version of a new questionnaire."""
        now, make = self.make.now, self.make
        whole = make.save(Questionnaire(title=document["title"], created_at=now))
        digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
        return make.save(
            QuestionnaireVersion(
                questionnaire_id=whole.id,
                number=1,
                state=state,
                content=document,
                content_hash=digest if state == "published" else None,
                created_at=now,
                edited_at=now,
            )
        )

    def survey(self, document: dict[str, Any] | None = None, **fields: Any) -> Survey:
        """A live survey, open since yesterday and for ten more days."""
        make = self.make
        make.firm()
        version = self.version(document or routed())
        series = make.save(Series(name={"zh": "年度", "en": "Yearly"}, created_at=make.now))
        values = {
            "series_id": series.id,
            "name": {"zh": "2026 年度调查", "en": "Survey 2026"},
            "version_id": version.id,
            "state": "live",
            "opens_at": make.now - timedelta(days=1),
            "closes_at": make.now + timedelta(days=10),
            "created_at": make.now,
        } | fields
        return make.save(Survey(**values))

    def invitation(self, survey: Survey, **fields: Any) -> Invitation:
        """An invitation of a new customer."""
        customer = self.make.customer()
        contact: Contact = customer.contacts[0]
        values = {
            "survey_id": survey.id,
            "contact_id": contact.id,
            "customer_id": customer.id,
            "nonce": new_nonce(),
            "language": "zh",
            "profile": {"kind": "enterprise", "region": "杭州"},
            "stratum": "杭州",
            "created_at": self.make.now,
        } | fields
        return self.make.save(Invitation(**values))

    def open_link(self, survey: Survey, **fields: Any) -> OpenLink:
        """An open link on a poster."""
        values = {
            "survey_id": survey.id,
            "nonce": new_nonce(),
            "label": "门店海报",
            "channel": "poster",
            "created_at": self.make.now,
        } | fields
        return self.make.save(OpenLink(**values))


def path_of(row: Invitation | OpenLink, *, unsubscribe: bool = False) -> str:
    """The path of a row's secret link."""
    if isinstance(row, OpenLink):
        address = open_url(row)
    else:
        address = unsubscribe_url(row) if unsubscribe else answer_url(row)
    db.session.rollback()
    return "/" + address.split("/", 3)[3]
