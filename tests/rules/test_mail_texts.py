"""Texts of mails: variables, problems, paragraphs."""

import pytest

from app.rules import mail_defaults
from app.rules.mail_texts import VARIABLES, fill, fill_subject, paragraphs, problems, unknown_variables

VALUES = {name: name.upper() for name in VARIABLES}


@pytest.mark.parametrize("texts", [mail_defaults.INVITATION, mail_defaults.REMINDER])
def test_the_defaults_have_nothing_wrong(texts: dict[str, dict[str, str]]) -> None:
    assert problems(texts, ["zh", "en"]) == []


def test_the_default_reminder_says_that_it_is_one_and_thanks() -> None:
    assert "提醒" in mail_defaults.REMINDER["zh"]["subject"]
    assert "非常感谢" in mail_defaults.REMINDER["zh"]["body"]
    assert "Reminder" in mail_defaults.REMINDER["en"]["subject"]
    assert "If you have just sent them: thank you" in mail_defaults.REMINDER["en"]["body"]


def test_known_variables_are_filled_once() -> None:
    assert fill("{name}: { link }", {"name": "{link}", "link": "x"}) == "{link}: x"


def test_unknown_braces_stay_and_are_reported() -> None:
    text = "{nmae} {name} {0} {nmae} {}"
    assert fill(text, VALUES).startswith("{nmae} NAME")
    assert unknown_variables(text) == ["nmae", "0", ""]


def test_a_subject_stays_on_one_line() -> None:
    assert fill_subject("Hi {name}", {"name": "a\r\nBcc: b@c.example"}) == "Hi a Bcc: b@c.example"


def test_a_line_of_its_own_is_the_button() -> None:
    found = paragraphs("Hello {name}\nline two\r\n\r\n  {link}  \n\nopen {link}", VALUES)
    assert [p.button for p in found] == [False, True, False]
    assert found[0].lines == ("Hello NAME", "line two")
    assert found[2].lines == ("open LINK",)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ({"subject": "s", "body": "{link}"}, []),
        ({"subject": " ", "body": ""}, ["empty", "empty"]),
        ({"subject": "a\nb", "body": "{link}"}, ["one_line_only"]),
        ({"subject": "s", "body": "no"}, ["link_missing"]),
        ({"subject": "{link}", "body": "{link}"}, ["link_in_subject"]),
        ({"subject": "s", "body": "{link} {x}"}, ["unknown_variable"]),
        ({"subject": "s" * 151, "body": "{link}" + "x" * 5000}, ["too_long", "too_long"]),
    ],
)
def test_problems(text: dict[str, str], codes: list[str]) -> None:
    assert [p.code for p in problems({"zh": text}, ["zh"])] == codes
