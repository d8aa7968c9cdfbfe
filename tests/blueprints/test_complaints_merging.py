"""Merging and linking cases through their pages."""

from typing import Any

from app.rules.complaints import State
from tests.blueprints.cases import case_page, stored, take
from tests.blueprints.forms import fields_of, send
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to


def test_merging_and_linking_through_the_page(make: Factory, staff: Staff, browse: Any) -> None:
    customer = make.customer(name="青禾餐饮")
    first = made.case(make, content="空调又漏水", customer_id=customer.id).id
    second = made.case(make, content="空调还在漏", customer_id=customer.id).id
    numbers = stored(first).number, stored(second).number
    browser = browse(staff.service)
    refused = take(browser, first, "merge", number="26-00000-1")
    assert refused.status_code == 422
    assert "There is no case with this number" in refused.get_data(as_text=True)
    assert numbers[1] in case_page(browser, first, "link"), "a case of the same customer is offered"
    assert take(browser, first, "link", other=numbers[1]).status_code == 302
    assert "Belongs together with" in case_page(browser, second)
    unlinked = send(browser, f"/complaints/{first}/unlink/{second}", page=f"/complaints/{first}")
    assert unlinked.status_code == 302
    assert "Belongs together with" not in case_page(browser, second)
    assert take(browser, first, "merge", number=numbers[1].replace("-", "")).status_code == 302
    page = case_page(browser, first)
    assert f"Goes on in case {numbers[1]}" in page
    assert f"Case {numbers[0]} goes on here" in case_page(browser, second)
    refused = take(browser, second, "merge", number=numbers[0])
    assert refused.status_code == 422
    assert "That case is closed" in refused.get_data(as_text=True)


def test_two_who_merge_into_each_other(make: Factory, staff: Staff, browse: Any) -> None:
    """Case 8 through the pages: the second has the first one's page before him still."""
    first, second = made.case(make).id, made.case(make).id
    numbers = stored(first).number, stored(second).number
    one, other = browse(staff.service), browse(staff.colleague)
    late = fields_of(case_page(other, second, "merge"), "merge-form") | {
        "number": [numbers[0]],
        "sure": ["y"],
    }
    refused = take(one, first, "merge", number=numbers[1])
    assert refused.status_code == 422
    assert "Different people seem to have complained" in refused.get_data(as_text=True)
    assert take(one, first, "merge", number=numbers[1], sure="y").status_code == 302
    answer = other.post(f"/complaints/{second}/merge", data=late)
    assert answer.status_code == 409
    assert numbers[0] in answer.get_data(as_text=True), "what was typed stays"
    assert (stored(first).state, stored(second).state) == ("closed", "received")


def test_a_case_that_one_may_not_see_is_neither_offered_nor_taken(
    make: Factory, staff: Staff, browse: Any
) -> None:
    customer = make.customer(name="青禾餐饮")
    case = brought_to(make, staff, State.IN_PROGRESS, customer_id=customer.id).id
    hidden = made.case(make, content="绝密", customer_id=customer.id)
    number = hidden.number
    browser = browse(staff.handler)
    page = case_page(browser, case, "link")
    assert "绝密" not in page
    assert number not in page
    refused = take(browser, case, "link", number=number)
    assert refused.status_code == 422
    assert "There is no case with this number" in refused.get_data(as_text=True)
    unlinked = send(browser, f"/complaints/{case}/unlink/{hidden.id}", page=f"/complaints/{case}")
    assert unlinked.status_code == 404
