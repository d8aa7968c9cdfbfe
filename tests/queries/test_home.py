"""What waits for whom on the home page, as far as complaints are concerned."""

from sqlalchemy import select

from app.extensions import db
from app.models import ComplaintReport, User
from app.queries import home
from app.rules.complaints import State
from tests.factories import Factory
from tests.factories.complaints import Staff, brought_to


def waits(user: User, make: Factory, code: str) -> int:
    return next((one.count for one in home.waiting_for(user, make.now) if one.code == code), 0)


def test_cases_to_accept_wait_for_those_of_the_unit(make: Factory) -> None:
    staff = Staff(make)
    brought_to(make, staff, State.ASSIGNED)
    brought_to(make, staff, State.IN_PROGRESS)
    found = [
        waits(user, make, "complaints_to_accept") for user in (staff.handler, staff.head, staff.stranger)
    ]
    assert found == [1, 1, 0]


def test_a_submitted_report_waits_for_management_and_a_returned_one_for_its_author(make: Factory) -> None:
    staff = Staff(make)
    make.firm()
    report = ComplaintReport(
        period="2026-10", kind="complaint", language="zh", state="submitted", figures={}, figures_at=make.now,
        created_by_id=staff.service.id, created_at=make.now, updated_at=make.now,
    )  # fmt: skip
    db.session.add(report)
    db.session.flush()
    everybody = (staff.manager, staff.service, staff.colleague, staff.handler)
    assert [waits(user, make, "reports_submitted") for user in everybody] == [1, 0, 0, 0]
    db.session.scalars(select(ComplaintReport)).one().state = "returned"
    db.session.flush()
    assert [waits(user, make, "reports_returned") for user in everybody] == [0, 1, 0, 0]
