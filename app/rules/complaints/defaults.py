"""The trees every firm begins with: what feedback is about, and what caused it. Every name in both languages.

They fit a firm that sells and serves; what does not fit is switched off or renamed.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Branch:
    """One entry of a tree; `parent` is a code, "" at the top. `kind` is category or cause."""

    code: str
    parent: str
    kind: str
    name: str
    name_en: str


_CATEGORIES = (
    ("product", "产品质量", "Product quality", (
        ("defect", "质量缺陷", "Defect"),
        ("mismatch", "与描述不符", "Not as described"),
        ("incomplete", "缺件少件", "Missing parts"),
    )),
    ("service", "服务过程", "Service", (
        ("attitude", "服务态度", "Attitude"),
        ("skill", "专业能力", "Skill"),
        ("slow", "响应太慢", "Slow response"),
        ("promise", "承诺未兑现", "Broken promise"),
    )),
    ("visit", "上门与交付", "Visits and delivery", (
        ("late", "迟到或延误", "Late"),
        ("missed", "爽约", "Missed appointment"),
        ("damage", "损坏财物", "Damage"),
    )),
    ("repair", "维修与售后", "Repair and support", (
        ("repeat", "重复故障", "Repeat fault"),
        ("unsolved", "没有修好", "Not fixed"),
        ("parts", "等待配件", "Spare parts"),
    )),
    ("billing", "收费与账务", "Prices and bills", (
        ("price", "收费争议", "Price"),
        ("invoice", "发票", "Invoice"),
        ("refund", "退款", "Refund"),
    )),
    ("information", "信息与沟通", "Information", (
        ("wrong", "信息有误", "Wrong information"),
        ("silence", "没有告知进度", "Not kept informed"),
        ("privacy", "个人信息", "Personal data"),
    )),
    ("safety", "安全", "Safety", ()),
    ("other", "其他", "Other", ()),
)  # fmt: skip
_CAUSES = (
    ("people", "人员", "People", (
        ("training", "培训不足", "Too little training"),
        ("staffing", "人手不足", "Too few people"),
        ("care", "责任心不足", "Lack of care"),
    )),
    ("process", "流程", "Process", (
        ("unclear", "流程不清", "Unclear process"),
        ("handover", "交接失误", "Handover failed"),
        ("check", "缺少检查", "No check"),
    )),
    ("material", "产品与物料", "Product and material", (
        ("design", "设计问题", "Design"),
        ("supplier", "供应商问题", "Supplier"),
        ("wear", "老化磨损", "Wear"),
    )),
    ("systems", "设备与系统", "Equipment and systems", (
        ("failure", "设备故障", "Equipment failure"),
        ("software", "系统缺陷", "Software fault"),
    )),
    ("communication", "沟通", "Communication", (
        ("expectation", "预期没有说清", "Expectations not set"),
        ("record", "记录有误", "Wrong record"),
    )),
    ("outside", "外部原因", "Outside causes", ()),
    ("unknown", "原因不明", "Unknown", ()),
)  # fmt: skip


def branches() -> Iterator[Branch]:
    """All entries, each after the one above it."""
    for kind, tree in (("category", _CATEGORIES), ("cause", _CAUSES)):
        for code, name, name_en, leaves in tree:
            above = f"{kind}.{code}"
            yield Branch(above, "", kind, name, name_en)
            for leaf, leaf_name, leaf_en in leaves:
                yield Branch(f"{above}.{leaf}", above, kind, leaf_name, leaf_en)
