"""Steps of the import wizard for its tests: uploading, checking, bringing in."""

import io
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.extensions import db
from app.jobs import exports, imports, runner
from app.models import Customer, CustomerImport
from tests.conftest import NOW

REGISTERED = (exports, imports)
HEADER = ["客户编号", "客户名称", "地区", "联系人", "电子邮箱", "服务日期", "行业"]


def work_off() -> None:
    """Do every queued job, as the worker would."""
    assert REGISTERED
    while claimed := runner.claim_job("test", NOW):
        runner.run_job(*claimed, "test")


def csv_of(rows: list[list[str]], encoding: str = "gb18030") -> bytes:
    """A list as a text file."""
    text = "\r\n".join(",".join(row) for row in rows)
    return text.encode(encoding)


def row(number: int, **changed: str) -> list[str]:
    """One good row."""
    values = dict(zip(HEADER, [f"C{number:04}", f"客户{number}", "华东", f"王{number}", f"w{number}@a.example", "2026-03-05", "餐饮"], strict=True))  # fmt: skip
    return list((values | changed).values())


def upload(browser: FlaskClient, content: bytes, name: str = "客户.csv") -> str:
    """Send a file, let the worker look inside, return the import's path."""
    answer = browser.post("/customers/imports", data={"file": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    work_off()
    return str(answer.headers["Location"])


def latest() -> CustomerImport:
    """The newest import as it is stored now."""
    db.session.rollback()
    found = db.session.scalar(select(CustomerImport).order_by(CustomerImport.id.desc()))
    assert found is not None
    return found


def check(browser: FlaskClient, path: str, **more: str) -> str:
    """Accept the guessed columns, let the worker check, return the page."""
    targets = {f"target-{place}": target for place, target in enumerate(guessed(browser, path))}
    answer = browser.post(f"{path}/columns", data=targets | {"sheet": "0"} | more)
    assert answer.status_code == 303
    work_off()
    return browser.get(path).get_data(as_text=True)


def guessed(browser: FlaskClient, path: str) -> list[str]:
    """The targets that the page of the columns has chosen."""
    page = browser.get(path).get_data(as_text=True)
    selects = re.findall(r'<select class="input" id="target-\d+".*?</select>', page, re.DOTALL)
    return [re.findall(r'value="(\w+)" selected', one)[0] for one in selects]


def bring_in(browser: FlaskClient, path: str, mode: str = "all") -> str:
    """Decide, let the worker work, return the page."""
    assert browser.post(f"{path}/run", data={"mode": mode}).status_code == 303
    work_off()
    return browser.get(path).get_data(as_text=True)


def count(model: Any = Customer) -> int:
    """Rows of a table now."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0
