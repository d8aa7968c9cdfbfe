"""600 customers in strata: branch × kind × size, with the gaps that real registers have."""

import random
from datetime import date, datetime, timedelta

from app.extensions import db
from app.models import Contact, Customer, CustomerLine, Segment, ServiceEvent, Unit, User

COUNT = 600
REGIONS = {"CX": "西湖区", "CD": "上城区", "BJ": "滨江区", "XS": "萧山区"}
BRANCH_WEIGHTS = {"CX": 34, "CD": 28, "BJ": 22, "XS": 16}
LINES = ("咨询", "培训", "项目实施", "运维支持")
SERVICES = {"咨询": "咨询服务", "培训": "培训课程", "项目实施": "项目实施", "运维支持": "上门维护"}
SIZES = (("小型", 55), ("中型", 32), ("大型", 13))
PLACES = [
    "青禾",
    "云启",
    "明远",
    "雁南",
    "钱江",
    "湖畔",
    "良渚",
    "拱宸",
    "之江",
    "瑞丰",
    "东篱",
    "长河",
    "临安",
    "富阳",
    "南屏",
    "龙井",
    "西溪",
    "江晖",
    "天目",
    "望江",
]
TRADES = ["餐饮", "科技", "建材", "贸易", "教育", "物流", "医疗", "设计", "食品", "纺织", "电气", "文化"]
FORMS = ("有限公司", "有限公司", "有限公司", "集团", "商行", "事务所")
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹"
GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀兰",
    "霞",
    "平",
    "建国",
    "桂英",
    "晓彤",
    "子轩",
    "雨桐",
    "浩然",
    "思远",
    "佳怡",
]
ENGLISH_NAMES = [
    "Emma Clark",
    "Daniel Weber",
    "Sofia Rossi",
    "James Miller",
    "Laura Martin",
    "Peter Novak",
    "Anna Schmidt",
]


def add_customers(rng: random.Random, units: dict[str, Unit], *, now: datetime) -> list[Customer]:
    """Add the register and return its customers in order of their codes."""
    today = now.date()
    rows = [_customer(rng, number, units, today, now) for number in range(1, COUNT + 1)]
    _spoil(rng, rows, now)
    db.session.add_all(rows)
    db.session.flush()
    return rows


def add_segments(*, by: User, now: datetime) -> dict[str, Segment]:
    """Three saved filters; the surveys of the demonstration ask `everybody`."""
    segments = {
        "everybody": Segment(name="全部客户", filters={}),
        "key": Segment(name="重点客户", filters={"key_account": True}),
        "new": Segment(name="近一年新客户", filters={"tenure": "new"}),
    }
    for segment in segments.values():
        segment.created_by_id, segment.created_at = by.id, now
    db.session.add_all(segments.values())
    db.session.flush()
    return segments


def _customer(
    rng: random.Random, number: int, units: dict[str, Unit], today: date, now: datetime
) -> Customer:
    branch = rng.choices(list(BRANCH_WEIGHTS), weights=list(BRANCH_WEIGHTS.values()))[0]
    enterprise = rng.random() < 0.64
    person = _person(rng)
    size = rng.choices([s for s, _ in SIZES], weights=[w for _, w in SIZES])[0] if enterprise else ""
    since = today - timedelta(days=rng.randint(20, 3600))
    lines = sorted(rng.sample(LINES, k=rng.choice((1, 1, 2)) if enterprise else 1))
    foreign = rng.random() < 0.12
    name = _firm_name(rng) if enterprise else person
    customer = Customer(
        code=f"HX{number:04}",
        name=name,
        kind="enterprise" if enterprise else "individual",
        region=REGIONS[branch],
        size=size,
        customer_since=since,
        key_account=size == "大型" and rng.random() < 0.3,
        unit=units[branch],
        attributes={"行业": rng.choice(TRADES)} if enterprise else {},
        created_at=now - timedelta(days=800),
        updated_at=now - timedelta(days=30),
        lines=[CustomerLine(line=line) for line in lines],
    )
    customer.contacts = [
        Contact(
            name=_english_person(rng, number) if foreign else person,
            email=f"contact{number:04}@customer.example",
            phone=f"1{rng.choice('3578')}{rng.randint(0, 999999999):09}",
            language="en" if foreign else "",
        )
    ]
    if not enterprise:
        customer.name = customer.contacts[0].name
    customer.service_events = [
        ServiceEvent(on=today - timedelta(days=rng.randint(25, 330)), what=SERVICES[lines[0]])
    ]
    return customer


def _person(rng: random.Random) -> str:
    return rng.choice(FAMILY) + rng.choice(GIVEN)


def _english_person(rng: random.Random, number: int) -> str:
    first = rng.choice(ENGLISH_NAMES).partition(" ")[0]
    return f"{first} {ENGLISH_NAMES[number % len(ENGLISH_NAMES)].partition(' ')[2]}"


def _firm_name(rng: random.Random) -> str:
    return rng.choice(PLACES) + rng.choice(TRADES) + rng.choice(FORMS)


def _spoil(rng: random.Random, rows: list[Customer], now: datetime) -> None:
    """Some have no address, some have opted out, some must not be contacted, some bounce."""
    odd = iter(rng.sample(rows, 38))
    for _ in range(14):
        next(odd).contacts[0].email = ""
    for _ in range(13):
        next(odd).contacts[0].opted_out_at = now - timedelta(days=rng.randint(40, 500))
    for _ in range(6):
        next(odd).do_not_contact = True
    for _ in range(5):
        contact = next(odd).contacts[0]
        contact.address_state, contact.address_reason = "bad", "unknown_user"
        contact.address_note = "550 5.1.1 no such user"
