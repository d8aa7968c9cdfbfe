"""The complaints of a customer on his page."""

from typing import Any

from app.extensions import db
from app.queries.complaints import cases
from tests.factories import Factory, complaints


def test_a_customers_page_shows_his_complaints_to_those_who_may_see_them(sign_in: Any, make: Factory) -> None:
    customer = make.customer()
    case = complaints.case(make, customer_id=customer.id)
    for role in ("customer_service", "marketing"):
        page = sign_in(role).get(f"/customers/{customer.id}").text
        assert case.number in page
    person = make.user(roles=("customer_service",))
    case.about_user_id = person.id
    db.session.commit()
    assert cases.of_customer(person, customer) == []
