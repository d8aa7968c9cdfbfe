"""Files with the public form: T30 to T35, T37."""

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Attachment, Feedback
from app.rules.attachments import MEGABYTE
from app.services import attachments
from tests.blueprints.intake.people import Customer, count, on_disk, the
from tests.factories import sent_files as sent

LATE: dict[str, Any] = {"seen": None, "key": ""}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.html", b"<script>", "不支持这种文件"),
        ("x.svg", b"<svg/>", "不支持这种文件"),
        ("x.jpg.php", sent.jpeg(), "不支持这种文件"),
        ("x.docm", sent.office(), "不支持这种文件"),
        ("x", b"x", "不支持这种文件"),
        ("x.jpg", b"<script>alert(1)</script>", "内容与扩展名不符"),
        ("x.pdf", sent.png(), "内容与扩展名不符"),
        ("x.docx", sent.office(word__vbaProject_bin=b"x"), "文件含有宏"),
        ("x.png", b"", "文件是空的"),
        ("x.pdf", sent.pdf() + bytes(10 * MEGABYTE), "超过 10 MB"),
    ],
)
def test_wrong_files_are_named_with_the_reason(
    customer: Customer, name: str, content: bytes, sentence: str
) -> None:
    """T31: and the right ones beside them stay."""
    answer = customer.send((name, content), ("good.png", sent.png()))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert count(Feedback) == 0
    assert customer.send().status_code == 303
    assert [the(Attachment).name] == ["good.png"]
    assert len(on_disk()) == 1


def test_too_many_files_and_too_much_together(customer: Customer) -> None:
    """T32."""
    answer = customer.send(*[(f"{n}.png", sent.png()) for n in range(7)])
    assert answer.text.count("一次最多 5 个文件") >= 2
    assert count(Attachment) == 5
    other = Customer(customer.browser, customer.passing)
    large = sent.pdf() + bytes(8 * MEGABYTE)
    answer = other.send(*[(f"{n}.pdf", large) for n in range(2)])
    assert answer.status_code == 303
    third = Customer(customer.browser, customer.passing)
    answer = third.send(("a.pdf", large), ("b.pdf", large), ("c.pdf", sent.pdf() + bytes(6 * MEGABYTE)))
    assert "文件总大小超过 20 MB" in answer.text


def test_a_body_beyond_all_bounds_says_what_to_do(customer: Customer) -> None:
    """T32."""
    answer = customer.send(("a.pdf", bytes(26 * MEGABYTE)))
    assert answer.status_code == 413
    assert "您填写的内容还在" in answer.text
    assert "no-store" not in customer.browser.get("/complain").headers["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["投诉材料.pdf", "../../x.pdf", "长" * 300 + ".pdf", "\u202egpj.pdf", 'a"; filename="b.exe.pdf', "<script>.pdf"]
)  # fmt: skip
def test_names_of_files_are_text_and_come_back_as_they_were(customer: Customer, name: str) -> None:
    """T34: stored under a name of our own; nothing of the customer's decides where."""
    page = customer.browser.get(customer.send((name, sent.pdf()), (name, sent.pdf() + b"2")).location)
    assert "<script>.pdf" not in page.text
    kept = db.session.scalars(select(Attachment)).all()
    assert len(kept) == 2
    assert {one.stored for one in kept} == on_disk()
    assert kept[0].name == kept[1].name
    assert not set(kept[0].name) & set("/\\\u202e\0")
    token = page.request.path.rpartition("/")[2]
    with customer.browser.get(f"/c/{token}/files/{kept[0].id}") as given:
        assert given.data == sent.pdf()
        assert given.headers["Content-Disposition"].startswith("attachment")


def test_photos_lose_place_and_device_before_they_are_stored(customer: Customer) -> None:
    """T37."""
    customer.send(("photo.jpg", sent.jpeg()))
    (path,) = attachments.folder().iterdir()
    assert sent.SECRET not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_can_be_left_out_again(customer: Customer) -> None:
    customer.send(("a.png", sent.png()), ("b.png", sent.png()), content="")
    first = db.session.scalars(select(Attachment).order_by(Attachment.id)).first()
    assert first is not None
    db.session.rollback()
    answer = customer.send(drop=str(first.id), content="还没写完")
    assert answer.status_code == 200
    assert "还没写完" in answer.text
    assert customer.send().status_code == 303
    assert the(Attachment).name == "b.png"


def test_files_of_another_form_cannot_be_left_out_or_taken_over(customer: Customer) -> None:
    """T30: an upload belongs to the signed form that brought it."""
    customer.send(("mine.png", sent.png()), content="")
    kept = the(Attachment)
    number = kept.id
    db.session.rollback()
    stranger = Customer(customer.browser, customer.passing)
    stranger.send(drop=str(number), content="x")
    stranger.send(drop="9" * 30, content="x")
    assert count(Attachment) == 1
    assert stranger.send().status_code == 303
    assert the(Attachment).feedback_id is None
