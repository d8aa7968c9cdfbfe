"""The import wizard through HTTP, with the real child process: from the upload to the undo."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.errors import Refused
from app.extensions import db
from app.jobs import imports, runner
from app.models import Contact, Customer, CustomerImportRow, Job, ServiceEvent
from app.services.customers import merging
from tests.blueprints.importing import (
    HEADER,
    bring_in,
    check,
    count,
    csv_of,
    guessed,
    latest,
    row,
    upload,
    work_off,
)
from tests.conftest import NOW
from tests.factories import Factory

BAD = {
    7: {"客户编号": ""},
    20: {"客户名称": ""},
    33: {"电子邮箱": "keine"},
    46: {"电子邮箱": "a@b.example;c@d.example"},
    100: {"服务日期": "昨天"},
    101: {"服务日期": "2027-01-01"},
    250: {"客户编号": "C0002"},
    251: {"客户名称": "长" * 201},
    400: {"地区": "x" * 90},
    599: {"服务日期": "03/04/2024"},
}


def test_a_list_of_600_rows_in_gbk_with_ten_bad_ones(browser: FlaskClient, tmp_path: Path) -> None:
    rows = [row(number, **BAD.get(number, {})) for number in range(600)]
    path = upload(browser, csv_of([HEADER, *rows]))
    page = browser.get(path).get_data(as_text=True)
    assert "客户编号" in page
    assert guessed(browser, path)[-1] == "attribute"
    decision = check(browser, path)
    assert "590 rows are good, 10 are not." in decision
    db.session.rollback()
    named = list(db.session.scalars(select(CustomerImportRow.number).filter_by(outcome="bad")))
    assert sorted(named) == sorted(number + 2 for number in BAD)
    for number in BAD:
        assert f"Row {number + 2}<" in decision
    assert "The code “C0002” already stands in row 4." in decision
    assert "Bring in the 590 good rows" in decision
    assert 'name="mode" value="good"' in decision, "everything or nothing could only be nothing"
    refused = browser.post(f"{path}/run", data={"mode": "all"})
    assert refused.status_code == 422
    assert count() == 0
    assert "590 customers are new" in bring_in(browser, path, "good")
    assert count() == 590
    customer = db.session.scalar(select(Customer).filter_by(code="C0005"))
    assert customer.attributes == {"行业": "餐饮"}
    assert customer.contacts[0].email == "w5@a.example"
    assert customer.service_events[0].on.isoformat() == "2026-03-05"
    waiting = browser.post(f"{path}/bad-rows", data={"format": "xlsx"}).headers["Location"]
    work_off()
    target = tmp_path / "bad.xlsx"
    with browser.get(f"{waiting}/file") as fetched:
        target.write_bytes(fetched.data)
    from app.adapters.workbook.reader import read_rows

    assert len({one.cells[0] for one in read_rows(target)}) == 10


def test_the_same_list_again_updates_by_code_and_undo_restores(browser: FlaskClient) -> None:
    first = upload(browser, csv_of([HEADER, row(1), row(2), row(3)]))
    check(browser, first)
    bring_in(browser, first)
    changed = row(
        1,
        客户编号="c0001",
        客户名称="新名字",
        地区="",
        电子邮箱="new@a.example",
        服务日期="2026-04-01",
        行业="",
    )
    second = upload(browser, csv_of([HEADER, changed, row(2), row(9)], "utf-8"))
    page = check(browser, second)
    assert "All 3 good" not in page
    bring_in(browser, second)
    assert latest().result.items() >= {"created": 1, "updated": 1, "same": 1}.items()
    customer = db.session.scalar(select(Customer).filter_by(code="C0001"))
    assert (customer.name, customer.region, customer.attributes) == ("新名字", "华东", {"行业": "餐饮"})
    assert [one.email for one in customer.contacts] == ["new@a.example"]
    assert len(customer.service_events) == 2
    browser.post(f"{second}/undo")
    work_off()
    assert "was taken back" in browser.get(second).get_data(as_text=True)
    assert count() == 3
    customer = db.session.scalar(select(Customer).filter_by(code="C0001"))
    assert (customer.name, customer.contacts[0].email) == ("客户1", "w1@a.example")
    assert len(customer.service_events) == 1
    browser.post(f"{first}/undo")
    work_off()
    assert "can&#39;t be taken back" in browser.get(first).get_data(as_text=True) or count() == 3


def test_undo_is_refused_when_somebody_has_changed_a_customer(browser: FlaskClient) -> None:
    path = upload(browser, csv_of([HEADER, row(1), row(2)]))
    check(browser, path)
    bring_in(browser, path)
    customer = db.session.scalar(select(Customer).filter_by(code="C0002"))
    sent = {"version": "1", "code": "C0002", "name": "Renamed", "kind": "enterprise", "unit_id": "0"}
    assert browser.post(f"/customers/{customer.id}/edit", data=sent).status_code == 302
    browser.post(f"{path}/undo")
    work_off()
    page = browser.get(path).get_data(as_text=True)
    assert "C0002 Renamed: was changed later" in page
    assert count() == 2
    assert latest().state == "done"


def test_blank_cells_clear_only_when_chosen(browser: FlaskClient) -> None:
    path = upload(browser, csv_of([HEADER, row(1)]))
    check(browser, path)
    bring_in(browser, path)
    path = upload(browser, csv_of([HEADER, row(1, 地区="", 行业="")]))
    check(browser, path, clear_blank="y")
    bring_in(browser, path)
    customer = db.session.scalar(select(Customer))
    assert (customer.region, customer.attributes) == ("", {})


def test_an_opt_out_outlives_every_import(browser: FlaskClient, make: Factory) -> None:
    customer = make.customer(code="C0001", email="w1@a.example", do_not_contact=True)
    customer.contacts[0].opted_out_at = NOW
    db.session.commit()
    header = [*HEADER, "请勿联系"]
    rows = [[*row(1), "否"], [*row(2, 电子邮箱="W1@a.example"), "否"]]
    path = upload(browser, csv_of([header, *rows]))
    check(browser, path)
    bring_in(browser, path)
    db.session.rollback()
    assert db.session.get(Customer, customer.id).do_not_contact
    found = db.session.scalars(select(Contact).where(func.lower(Contact.email) == "w1@a.example")).all()
    assert len(found) == 2
    assert all(contact.opted_out_at == NOW for contact in found)


def test_double_click_and_second_tab_bring_it_in_once(browser: FlaskClient) -> None:
    path = upload(browser, csv_of([HEADER, row(1), row(2)]))
    check(browser, path)
    for _click in range(3):
        assert browser.post(f"{path}/run", data={"mode": "all"}).status_code == 303
    work_off()
    assert browser.post(f"{path}/run", data={"mode": "all"}).status_code == 303
    work_off()
    assert count() == 2
    db.session.rollback()
    assert db.session.scalar(select(func.count(Job.id)).filter_by(kind="import_run")) == 1


def test_killed_in_the_middle_it_goes_on_where_it_stopped(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 10)
    path = upload(browser, csv_of([HEADER, *(row(number) for number in range(50))]))
    check(browser, path)
    browser.post(f"{path}/run", data={"mode": "all"})
    claimed = runner.claim_job("dying", NOW)
    assert claimed is not None
    real, calls = merging.apply_batch, []

    def dies(*args: Any, **kwargs: Any) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt  # like a signal: nothing of the runner's error handling happens
        real(*args, **kwargs)

    monkeypatch.setattr(merging, "apply_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        runner.run_job(*claimed, "dying")
    assert count() == 30
    monkeypatch.setattr(merging, "apply_batch", real)
    db.session.rollback()
    with runner.transaction():
        db.session.scalar(select(Job).filter_by(kind="import_run")).lease_until = NOW.replace(year=2020)
    work_off()
    assert count() == 50
    assert count(ServiceEvent) == 50
    assert latest().state == "done"


def test_an_interrupted_import_can_go_on_or_be_taken_back(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 10)
    path = upload(browser, csv_of([HEADER, *(row(number) for number in range(30))]))
    check(browser, path)
    real = merging.apply_batch

    def fails(*args: Any, **kwargs: Any) -> None:
        if kwargs["start"] == 20:
            raise RuntimeError
        real(*args, **kwargs)

    monkeypatch.setattr(merging, "apply_batch", fails)
    page = bring_in(browser, path)
    assert "interrupted after 20 of 30 rows" in page
    monkeypatch.setattr(merging, "apply_batch", real)
    browser.post(f"{path}/undo")
    work_off()
    assert count() == 0
    assert latest().state == "undone"


def test_the_same_file_again_tells_about_the_earlier_import(browser: FlaskClient) -> None:
    content = csv_of([HEADER, row(1)])
    upload(browser, content)
    page = browser.get(upload(browser, content)).get_data(as_text=True)
    assert "This file was uploaded before" in page


def test_every_step_is_refused_politely_at_the_wrong_time(browser: FlaskClient) -> None:
    path = upload(browser, csv_of([HEADER, row(1)]))
    for step in ("run", "continue", "undo", "change"):
        assert browser.post(f"{path}/{step}", data={"mode": "all"}).status_code == 303, step
    check(browser, path)
    bring_in(browser, path)
    for step in ("read", "columns", "change", "continue", "discard", "run"):
        assert browser.post(f"{path}/{step}", data={"mode": "all"}).status_code == 303, step
    assert browser.post(f"{path}/run", data={"mode": "x"}).status_code == 422
    assert latest().state == "done"
    assert count() == 1


def test_two_workers_never_bring_in_the_same_batch(browser: FlaskClient) -> None:
    path = upload(browser, csv_of([HEADER, row(1)]))
    check(browser, path)
    bring_in(browser, path)
    with pytest.raises(Refused, match="moved_on"), runner.transaction():
        merging.apply_batch(
            latest(),
            [],
            start=0,
            index=merging.CodeIndex(),
            clearing=merging.Clearing(),
            opted_out={},
            now=NOW,
        )
