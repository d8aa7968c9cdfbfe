"""What a row changes at a stored customer."""

import datetime as dt
from typing import Any

import pytest

from app.rules.customers.import_merge import Known, compare, matching_contact

VALUES = {
    "name": "青禾", "kind": "enterprise", "region": "华东", "size": "", "customer_since": dt.date(2020, 1, 1),
    "key_account": True, "unit_id": 3, "attributes": {"行业": "餐饮", "a": "b"}, "do_not_contact": True,
}  # fmt: skip
CONTACT = {"id": 7, "name": "王", "email": "w@a.example", "phone": "13800138000", "language": ""}
KNOWN = Known(1, 4, VALUES, ("培训",), (CONTACT,), frozenset({(dt.date(2026, 1, 2), "x")}))
ROW = {"number": 2, "code": "A", "name": "青禾"}


def test_blank_cells_change_nothing() -> None:
    assert compare(ROW, KNOWN).is_empty


def test_blank_cells_clear_what_was_chosen() -> None:
    clear = frozenset({"region", "branch", "lines", "customer_since", "key_account"})
    change = compare(ROW, KNOWN, clear=clear, clear_attributes=("行业",))
    assert change.values == {
        "region": "", "unit_id": None, "customer_since": None, "key_account": False, "attributes": {"a": "b"},
    }  # fmt: skip
    assert change.lines == ()


@pytest.mark.parametrize(
    ("more", "values"),
    [
        ({"name": "新"}, {"name": "新"}),
        ({"branch": 4}, {"unit_id": 4}),
        ({"customer_since": "2021-02-03"}, {"customer_since": dt.date(2021, 2, 3)}),
        ({"attributes": {"行业": "物流"}}, {"attributes": {"行业": "物流", "a": "b"}}),
        ({"do_not_contact": False}, {}),
        ({"key_account": False}, {"key_account": False}),
    ],
)
def test_filled_cells_change_their_field(more: dict[str, Any], values: dict[str, Any]) -> None:
    assert compare(ROW | more, KNOWN).values == values


def test_lines_and_services_are_added_once() -> None:
    same = compare(ROW | {"lines": ["培训"], "service_date": "2026-01-02", "service_what": "x"}, KNOWN)
    assert same.is_empty
    more = compare(ROW | {"lines": ["培训", "咨询"], "service_date": "2026-01-03"}, KNOWN)
    assert more.lines == ("培训", "咨询")
    assert more.service == (dt.date(2026, 1, 3), "")


def test_a_contact_is_found_by_address_then_name_then_phone() -> None:
    blank = {"name": "", "email": "", "phone": "", "language": ""}
    for one in ({"email": "W@A.example"}, {"name": "王", "email": "new@a.example"}, {"phone": "13800138000"}):
        assert matching_contact(blank | one, [CONTACT]) is CONTACT
    assert matching_contact(blank | {"name": "李", "email": "l@a.example"}, [CONTACT]) is None


def test_contacts_are_changed_or_added() -> None:
    changed = compare(ROW | {"contact_name": "王", "contact_email": "new@a.example"}, KNOWN)
    assert changed.contact_changed == (7, {"email": "new@a.example"})
    added = compare(ROW | {"contact_name": "李", "contact_email": "l@a.example"}, KNOWN)
    assert added.contact_added == {"name": "李", "email": "l@a.example", "phone": "", "language": ""}
    assert compare(ROW | {"contact_email": "W@A.EXAMPLE"}, KNOWN).is_empty
