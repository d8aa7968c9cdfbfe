"""Which column of a customer list is which field: the fields, their names in both languages, a guess
from the header, and the columns of the template people can download."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

ATTRIBUTE = "attribute"  # kept under its header as a free attribute of the customer
IGNORE = "ignore"
REQUIRED = ("code", "name")

SYNONYMS: dict[str, tuple[str, ...]] = {
    "code": (
        "客户编号", "客户代码", "客户编码", "客户号", "编号", "代码", "编码", "会员号", "会员编号",
        "customer code", "customer no", "customer number", "customer id", "code", "id", "no",
        "client code", "client id", "account number", "account no",
    ),
    "name": (
        "客户名称", "客户姓名", "客户", "名称", "姓名", "公司名称", "企业名称", "单位名称", "公司",
        "customer name", "customer", "name", "company", "company name", "client", "client name",
        "full name", "account name",
    ),
    "kind": (
        "客户类型", "客户类别", "客户性质", "类型", "类别", "性质",
        "kind", "type", "customer type", "customer kind", "client type",
    ),
    "region": (
        "地区", "区域", "所在地区", "所属地区", "所属区域", "省份", "省", "城市", "所在城市",
        "region", "area", "province", "city", "territory", "state",
    ),
    "size": (
        "规模", "客户规模", "企业规模", "公司规模", "人员规模",
        "size", "company size", "customer size", "scale",
    ),
    "lines": (
        "业务线", "业务类型", "业务", "产品线", "产品", "所购产品", "使用产品", "业务板块",
        "lines", "line", "business line", "business lines", "product line", "product lines",
        "products", "line of business",
    ),
    "customer_since": (
        "客户起始日期", "成为客户日期", "合作开始日期", "合作起始时间", "建档日期", "开户日期", "注册日期",
        "入会日期", "首次合作日期", "首次购买日期",
        "customer since", "since", "client since", "start date", "registration date",
        "first purchase date",
    ),
    "key_account": (
        "重点客户", "是否重点客户", "大客户", "是否大客户", "是否重点", "vip", "是否vip", "vip客户",
        "key account", "is key account", "key customer", "key client",
    ),
    "branch": (
        "所属门店", "门店", "所属分支", "分支", "分支机构", "所属机构", "分公司", "所属部门", "网点", "营业部",
        "branch", "store", "shop", "office", "branch office", "owning branch", "unit",
    ),
    "contact_name": (
        "联系人", "联系人姓名", "主要联系人",
        "contact", "contact name", "contact person", "primary contact",
    ),
    "contact_email": (
        "邮箱", "电子邮箱", "邮箱地址", "电子邮件", "邮件", "联系人邮箱", "联系邮箱", "邮件地址",
        "e-mail", "email", "mail", "email address", "contact email", "contact e-mail",
    ),
    "contact_phone": (
        "电话", "手机", "手机号", "手机号码", "联系电话", "电话号码", "联系人电话", "联系人手机", "联系方式",
        "phone", "mobile", "telephone", "tel", "phone number", "mobile phone", "contact phone",
        "cell", "cell phone",
    ),
    "contact_language": (
        "语言", "联系人语言", "沟通语言", "首选语言",
        "language", "contact language", "preferred language",
    ),
    "service_date": (
        "服务日期", "购买日期", "消费日期", "服务时间", "购买时间", "最近购买日期", "最近服务日期", "交易日期",
        "下单日期",
        "service date", "purchase date", "last service date", "last purchase date", "order date",
    ),
    "service_what": (
        "服务内容", "服务项目", "购买内容", "购买产品", "服务事项", "购买商品",
        "service", "service what", "what was bought", "purchase", "service item", "item",
    ),
    "do_not_contact": (
        "请勿联系", "勿扰", "拒访", "禁止联系", "不接受调查", "是否拒访", "不再联系",
        "do not contact", "do-not-contact", "dnc", "opt out", "opted out", "unsubscribed",
    ),
}  # fmt: skip
FIELDS = tuple(SYNONYMS)
NOISE = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|[\s_\-*:：./·#]+")
PREFIXES = ("客户", "customer", "client")


@dataclass(frozen=True)
class ImportMapping:
    """A header and, column by column, its target: one of `FIELDS`, `ATTRIBUTE` or `IGNORE`."""

    headers: tuple[str, ...]
    targets: tuple[str, ...]

    def column_of(self, field: str) -> int | None:
        """Place of the column (from 0) that fills a field."""
        return self.targets.index(field) if field in self.targets else None

    @property
    def fields(self) -> frozenset[str]:
        """The fields that this list speaks about; all others stay as they are at an update."""
        return frozenset(self.targets) & frozenset(FIELDS)


@dataclass(frozen=True)
class MappingProblem:
    """Why a mapping cannot be used: target_unknown, target_missing, target_twice, header_blank,
    length_differs."""

    code: str
    target: str = ""
    header: str = ""


@dataclass(frozen=True)
class TemplateColumn:
    """A column of the import template: field, header in the wanted language, two example cells."""

    field: str
    header: str
    examples: tuple[str, str]
    required: bool


def _key(header: str) -> str:
    return NOISE.sub("", unicodedata.normalize("NFKC", header).casefold())


FIELD_BY_NAME = {_key(name): field for field, names in SYNONYMS.items() for name in (*names, field)}


def guess(headers: Sequence[str]) -> ImportMapping:
    """Guess the target of each column by its header. The first column that names a field gets it;
    unknown names become attributes, columns without a name are ignored."""
    taken: set[str] = set()
    targets = []
    for header in headers:
        field = _field_of(_key(header))
        if field and field not in taken:
            taken.add(field)
            targets.append(field)
        else:
            targets.append(ATTRIBUTE if header.strip() else IGNORE)
    return ImportMapping(tuple(headers), tuple(targets))


def _field_of(key: str) -> str | None:
    if key in FIELD_BY_NAME:
        return FIELD_BY_NAME[key]
    rest = next((key.removeprefix(one) for one in PREFIXES if key.startswith(one)), "")
    return FIELD_BY_NAME.get(rest)


def check_mapping(mapping: ImportMapping) -> list[MappingProblem]:
    """What keeps a mapping from being used; empty if nothing does."""
    if len(mapping.headers) != len(mapping.targets):
        return [MappingProblem("length_differs")]
    problems = [
        MappingProblem("target_missing", target=field) for field in REQUIRED if field not in mapping.targets
    ]
    seen: set[str] = set()
    for header, target in zip(mapping.headers, mapping.targets, strict=True):
        if target not in FIELDS and target not in (ATTRIBUTE, IGNORE):
            problems.append(MappingProblem("target_unknown", target, header))
        elif target == ATTRIBUTE and not header.strip():
            problems.append(MappingProblem("header_blank", target, header))
        elif target in FIELDS and target in seen:
            problems.append(MappingProblem("target_twice", target, header))
        seen.add(target)
    return problems


TEMPLATES: dict[str, dict[str, tuple[str, str, str]]] = {
    "zh": {
        "code": ("客户编号", "C0001", "C0002"),
        "name": ("客户名称", "杭州云帆科技有限公司", "王丽"),
        "kind": ("客户类型", "企业", "个人"),
        "region": ("地区", "华东", "华南"),
        "size": ("规模", "中型", ""),
        "lines": ("业务线", "软件、运维", "零售"),
        "customer_since": ("成为客户日期", "2021-03-15", "2024-06-01"),
        "key_account": ("重点客户", "是", "否"),
        "branch": ("所属门店", "", ""),
        "contact_name": ("联系人", "李明", "王丽"),
        "contact_email": ("电子邮箱", "liming@example.com", "wangli@example.com"),
        "contact_phone": ("联系电话", "13800138000", "020-12345678"),
        "contact_language": ("沟通语言", "中文", "英文"),
        "service_date": ("服务日期", "2024-05-20", "2024-06-01"),
        "service_what": ("服务内容", "系统升级", "门店购物"),
        "do_not_contact": ("请勿联系", "否", "否"),
    },
    "en": {
        "code": ("Customer code", "C0001", "C0002"),
        "name": ("Customer name", "Harbour Freight Ltd", "Anna Berg"),
        "kind": ("Customer type", "Enterprise", "Individual"),
        "region": ("Region", "East", "South"),
        "size": ("Company size", "Medium", ""),
        "lines": ("Business lines", "Software; Support", "Retail"),
        "customer_since": ("Customer since", "2021-03-15", "2024-06-01"),
        "key_account": ("Key account", "yes", "no"),
        "branch": ("Branch", "", ""),
        "contact_name": ("Contact person", "Tom Fisher", "Anna Berg"),
        "contact_email": ("E-mail", "tom@example.com", "anna@example.com"),
        "contact_phone": ("Phone", "+44 20 7946 0000", "+1 202 555 0100"),
        "contact_language": ("Language", "English", "Chinese"),
        "service_date": ("Service date", "2024-05-20", "2024-06-01"),
        "service_what": ("Service item", "System upgrade", "Shop purchase"),
        "do_not_contact": ("Do not contact", "no", "no"),
    },
}


def template_columns(language: str) -> list[TemplateColumn]:
    """The columns of the import template in "zh" or "en", with two example rows. Headers are among
    the names that `guess` knows."""
    texts = TEMPLATES[language]
    return [TemplateColumn(field, texts[field][0], texts[field][1:], field in REQUIRED) for field in FIELDS]
