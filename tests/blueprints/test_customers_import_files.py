"""Files of every kind through the import wizard: odd, wrong, too large, hostile."""

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.adapters.workbook.writer import Column, Sheet, write_table
from app.extensions import db
from app.models import Customer
from tests.blueprints.importing import (
    HEADER,
    bring_in,
    check,
    csv_of,
    guessed,
    row,
    upload,
    work_off,
)

XSS = "<script>alert(1)</script>"


def test_an_empty_list_and_one_row(browser: FlaskClient) -> None:
    nothing = upload(browser, csv_of([HEADER]))
    assert "no row below it" in browser.get(nothing).get_data(as_text=True)
    empty = upload(browser, b"")
    assert "The file is empty" in browser.get(empty).get_data(as_text=True)
    one = upload(browser, csv_of([HEADER, row(1)]))
    assert "The one row is good." in check(browser, one)
    assert browser.post(f"{nothing}/discard").status_code == 303
    assert browser.get(nothing).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7 ...", "list.xlsx", "a PDF document"),
        (b"\x89PNG\r\n", "list.csv", "a picture"),
        (b"PK\x03\x04broken", "list.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "list.xls", "an old .xls"),
        (b"<html><table>", "list.xls", "a web page"),
    ],
)
def test_wrong_files_are_told_apart(browser: FlaskClient, content: bytes, name: str, words: str) -> None:
    page = browser.get(upload(browser, content, name)).get_data(as_text=True)
    assert words in page
    assert "The file could not be read" in page


def test_a_zip_bomb_is_refused(browser: FlaskClient) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 * 1024 * 1024))
    page = browser.get(upload(browser, bomb.getvalue(), "customers.xlsx")).get_data(as_text=True)
    assert "far larger than any customer list" in page or "no spreadsheet program uses" in page


def test_too_large_an_upload_is_a_page(browser: FlaskClient) -> None:
    answer = browser.post(
        "/customers/imports",
        data={"file": (io.BytesIO(b"x"), "x.csv")},
        environ_overrides={"CONTENT_LENGTH": str(26 * 1024 * 1024)},
    )
    assert answer.status_code == 413
    assert "25 MB" in answer.get_data(as_text=True)


def test_payloads_of_a_workbook_are_escaped_everywhere(browser: FlaskClient, tmp_path: Path) -> None:
    target = tmp_path / "x.xlsx"
    header = [Column(name) for name in ("code", "name", XSS)]
    rows = [["A1", f'O\'Neil "x" 👍 \u05d0 {XSS}', XSS], ["A2", f"=1+1\n{XSS}", XSS], ["", XSS, XSS]]
    write_table(target, [Sheet("<b>x</b>", header, rows), Sheet(XSS[:30].replace("/", ""), header, rows)])
    path = upload(browser, target.read_bytes(), f"{XSS}.xlsx")
    pages = [browser.get(path), browser.get(f"{path}?sheet=1")]
    check(browser, path)
    pages.append(browser.get(path))
    bring_in(browser, path, "good")
    customer = db.session.scalar(select(Customer).filter_by(code="A2"))
    assert customer.name == f"=1+1 {XSS}"
    shown = (path, "/customers/imports", f"/customers/{customer.id}", "/customers/")
    pages += [browser.get(address) for address in shown]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.get_data(as_text=True)


def test_another_encoding_separator_and_header_row(browser: FlaskClient) -> None:
    text = "客户表;;\r\n编号;名称;地区\r\nA1;青禾;华东"
    path = upload(browser, text.encode("utf-16"), "x.csv")
    assert guessed(browser, path) == ["code", "name", "region"]
    browser.post(f"{path}/read", data={"encoding": "utf-16", "delimiter": ";", "header_row": "1"})
    work_off()
    assert "客户表" in browser.get(path).get_data(as_text=True)
    browser.post(f"{path}/read", data={"encoding": "x", "delimiter": "y", "header_row": "-1"})
    work_off()
    assert "The one row is good." in check(browser, path)


def test_columns_that_cannot_be_used_are_worded(browser: FlaskClient) -> None:
    path = upload(browser, csv_of([HEADER, row(1)]))
    answer = browser.post(f"{path}/columns", data={"target-0": "name", "target-1": "name", "target-2": "zzz"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "No column is chosen for “Customer code”" in page
    assert "Two columns are chosen for “Customer name”" in page


def test_nobody_uploads_without_end(
    browser: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.services.customers import imports as steps

    monkeypatch.setattr(steps, "MAX_OPEN", 1)
    upload(browser, csv_of([HEADER, row(1)]))
    answer = browser.post("/customers/imports", data={"file": (io.BytesIO(b"x"), "x.csv")})
    assert answer.status_code == 422
    assert browser.post("/customers/imports", data={}).status_code == 422
    kept = [path for path in (app.config["HEED"].data / "uploads").iterdir() if path.stat().st_mode & 0o077]
    assert kept == []
