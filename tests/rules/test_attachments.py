"""T31, T34: names, endings and sizes of files; addresses of forms; whom a program may write to."""

import pytest

from app.rules import attachments, complaints, public_forms
from app.rules.attachments import LARGEST, LARGEST_TOGETHER, MOST_FILES, kind_of_name, refusal, shown_name
from app.rules.complaints import may_be_answered


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("投诉材料.pdf", "投诉材料.pdf"),
        ("../../etc/x.pdf", "x.pdf"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "a b Set-Cookie: x.pdf"),
        ("\u202egpj.exe.pdf", "gpj.exe.pdf"),
        ("a\u2028b.pdf", "a b.pdf"),
        ("\ud83d.pdf", "pdf"),
        ("", "?"),
        ("...", "?"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ("y" * 300, "y" * 120),
        ("  two   words .pdf ", "two words .pdf"),
    ],
)
def test_names_are_text_and_no_path(raw: str, shown: str) -> None:
    assert shown_name(raw) == shown
    assert len(shown_name(raw)) <= attachments.LONGEST_NAME


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.JPG", "jpeg"),
        ("a.jpeg", "jpeg"),
        ("page.php.png", "png"),
        ("a.png.php", None),
        ("a.html", None),
        ("a.svg", None),
        ("a.docm", None),
        ("a.doc", None),
        ("a.zip", None),
        ("a.heic", None),
        ("jpg", None),
        ("a.pdf ", None),
    ],
)
def test_only_the_last_ending_counts_and_only_listed_ones(name: str, kind: str | None) -> None:
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(
    ("name", "size", "before", "bytes_before", "code"),
    [
        ("a.pdf", LARGEST, 0, 0, None),
        ("a.exe", 1, 0, 0, "kind"),
        ("a.pdf", 0, 0, 0, "empty"),
        ("a.pdf", LARGEST + 1, 0, 0, "too_large"),
        ("a.pdf", 1, MOST_FILES - 1, 0, None),
        ("a.pdf", 1, MOST_FILES, 0, "too_many"),
        ("a.pdf", LARGEST, 1, LARGEST_TOGETHER - LARGEST, None),
        ("a.pdf", LARGEST, 1, LARGEST_TOGETHER - LARGEST + 1, "too_large_together"),
    ],
)
def test_sizes_and_numbers(name: str, size: int, before: int, bytes_before: int, code: str | None) -> None:
    assert refusal(name, size, before=before, bytes_before=bytes_before) == code


@pytest.mark.parametrize(
    ("text", "good"),
    [("chengxi", True), ("store-2", True), ("a", True), ("-a", False), ("城西", False), ("A", False), ("a/b", False),
     ("a" * 41, False), ("", False), ("a\n", False)],
)  # fmt: skip
def test_addresses_of_forms_can_be_typed_on_any_telephone(text: str, good: bool) -> None:
    assert public_forms.is_address(text) is good


@pytest.mark.parametrize("code", ["B-01", "城西店", "West / Store", "-", "x" * 80])
def test_a_unit_is_proposed_an_address_that_can_be_used(code: str) -> None:
    assert public_forms.is_address(public_forms.proposal(code))


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("lin@example.com", True),
        ("lin+bounces@example.com", True),
        ("no-reply@example.com", False),
        ("NoReply+7@example.com", False),
        ("MAILER-DAEMON@example.com", False),
        ("lin@host.localhost", False),
        ("lin@x.invalid", False),
        ("Survey@firm.example", False),
        ("@example.com", False),
        ("", False),
    ],
)
def test_nothing_is_answered_to_programs_to_nowhere_or_to_ourselves(address: str, good: bool) -> None:
    """T27."""
    assert may_be_answered(address, ["survey@firm.example", ""]) is good


@pytest.mark.parametrize(
    ("kind", "text", "data", "what"),
    [
        ("interim_replied", "您好", {"channel": "email"}, "reply"),
        ("customer_told", "您好", {"channel": "web"}, "reply"),
        ("customer_told", "您好", {"channel": "phone"}, ""),
        ("acknowledged", "", {"channel": "web"}, ""),
        ("waiting", "照片", {"party": "customer"}, "wait"),
        ("waiting", "配件", {"party": "third_party"}, ""),
        ("closed", "x", {"outcome": "unreachable"}, "closed"),
        ("closed", "x", {"outcome": "satisfied"}, ""),
        ("noted", "内部", {"channel": "email"}, ""),
        ("added", "又漏了", {"channel": "web"}, ""),
    ],
)
def test_what_of_the_log_is_told_by_mail(kind: str, text: str, data: dict[str, str], what: str) -> None:
    assert complaints.told_by_mail(kind, text, data) == what
