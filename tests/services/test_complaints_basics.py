"""What complaints need before the first one: made once, kept as it is, and brought up to date with new holidays."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from app.adapters import holidays
from app.adapters.holidays import OfficialYear
from app.extensions import db
from app.models import ClockPolicy, FeedbackCategory, WorkingCalendar
from app.queries.complaints.clocks import calendars, policies
from app.rules.clocks import DEFAULT_POLICIES
from app.services.complaints import basics
from tests.conftest import NOW


def counts() -> tuple[Any, ...]:
    tables = (FeedbackCategory, ClockPolicy, WorkingCalendar)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


def test_twice_makes_it_once(ctx: None) -> None:
    basics.ensure(now=NOW)
    first = counts()
    assert min(first) > 0
    basics.ensure(now=NOW)
    assert counts() == first


def test_what_was_changed_stays(ctx: None) -> None:
    basics.ensure(now=NOW)
    renamed = db.session.scalars(select(FeedbackCategory).limit(1)).one()
    renamed.name, renamed.active = "我们的叫法", False
    basics.ensure(now=NOW)
    assert (renamed.name, renamed.active) == ("我们的叫法", False)


def test_the_first_versions_are_the_proposed_ones(ctx: None) -> None:
    basics.ensure(now=NOW)
    assert dict(policies(1).by_class) == dict(DEFAULT_POLICIES)
    calendar = calendars(1).firm
    make_up = calendar.day(datetime(2026, 10, 10, tzinfo=UTC).date())
    assert (make_up.kind, make_up.name) == ("make_up", "国庆节")
    assert 2026 not in calendar.provisional
    assert {2028, 2030} <= calendar.provisional, "years nothing is said of are not known"


def test_new_official_holidays_make_a_next_version(ctx: None, monkeypatch: Any) -> None:
    def guessed(year: int) -> OfficialYear:
        known = holidays.chinese_year(year)
        return OfficialYear(year, known.days, provisional=year >= 2026)

    monkeypatch.setattr(basics, "chinese_year", guessed)
    basics.ensure(now=datetime(2025, 9, 1, tzinfo=UTC))
    assert 2026 in calendars(1).firm.provisional
    monkeypatch.setattr(basics, "chinese_year", holidays.chinese_year)
    basics.ensure(now=datetime(2025, 11, 20, tzinfo=UTC))
    assert 2026 not in calendars(2).firm.provisional
    assert 2026 in calendars(1).firm.provisional, "a case keeps the calendar it was taken in with"
    assert calendars(2).firm.week == calendars(1).firm.week
