"""Customers as rows of a spreadsheet, under the same headers as the import template, so that an
exported list can be brought in again unchanged."""

from collections.abc import Sequence
from datetime import date

from app.models import Contact, Customer
from app.rules.customers.import_mapping import template_columns

Cell = str | date | None
WORDS = {
    "zh": {"enterprise": "企业", "individual": "个人", "zh": "中文", "en": "英文", True: "是", False: "否"},
    "en": {"enterprise": "Enterprise", "individual": "Individual", "zh": "Chinese", "en": "English", True: "yes", False: "no"},
}  # fmt: skip
SEPARATORS = {"zh": "、", "en": "; "}


def headers(language: str, attributes: Sequence[str]) -> list[str]:
    """The headers in "zh" or "en", free attributes last."""
    return [column.header for column in template_columns(language)] + list(attributes)


def primary_contact(customer: Customer) -> Contact | None:
    """The contact that stands in the customer's row."""
    return next((one for one in customer.contacts if one.is_primary), next(iter(customer.contacts), None))


def customer_row(customer: Customer, language: str, attributes: Sequence[str]) -> list[Cell]:
    """One customer, with the primary contact and the last service."""
    words = WORDS[language]
    contact = primary_contact(customer)
    service = customer.service_events[0] if customer.service_events else None
    cells: dict[str, Cell] = {
        "code": customer.code,
        "name": customer.name,
        "kind": words[customer.kind],
        "region": customer.region,
        "size": customer.size,
        "lines": SEPARATORS[language].join(line.line for line in customer.lines),
        "customer_since": customer.customer_since,
        "key_account": words[customer.key_account],
        "branch": customer.unit.name_in(language) if customer.unit else "",
        "contact_name": contact.name if contact else "",
        "contact_email": contact.email if contact else "",
        "contact_phone": contact.phone if contact else "",
        "contact_language": words.get(contact.language, "") if contact else "",
        "service_date": service.on if service else None,
        "service_what": service.what if service else "",
        "do_not_contact": words[customer.do_not_contact],
    }
    fixed = [cells[column.field] for column in template_columns(language)]
    return fixed + [customer.attributes.get(name, "") for name in attributes]
