"""The builder: every action with and without htmx; nothing typed is lost."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Questionnaire
from app.queries import questionnaires as queries
from app.rules import library
from app.rules.questionnaire import TYPES, parse
from app.services import questionnaires as services
from tests.blueprints.builder_forms import BASE, content_of, fields_of, of_type, post, questions_of

# ---- the builder ----


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_question_of_every_template_opens(sign_in: Any, make: Any, now: Any, language: str) -> None:
    made = [services.create_from_template(one.key, by=None, now=now) for one in library.templates()]
    db.session.commit()
    marketing = sign_in("marketing", language=language)
    for row in made:
        for question in questions_of(row)[::3]:
            assert marketing.get(f"{BASE}/{row.id}/edit/{question['id']}").status_code == 200


@pytest.mark.parametrize("hx", [False, True])
@pytest.mark.parametrize("kind", list(TYPES))
def test_every_type_can_be_added_saved_and_drawn(
    marketing: FlaskClient, blank: Questionnaire, kind: str, hx: bool
) -> None:
    answer = post(marketing, f"{BASE}/{blank.id}/questions", {"type": kind, "page": "p1"}, hx=hx)
    assert answer.status_code == (200 if hx else 303)
    question = questions_of(blank)[0]
    assert question["type"] == kind
    data = fields_of(marketing, blank, question["id"]) | {"text-zh": "新题", "text-en": "New"}
    saved = post(marketing, f"{BASE}/{blank.id}/questions/{question['id']}", data, hx=hx)
    assert saved.status_code == (200 if hx else 303)
    after = questions_of(blank)[0]
    assert after["text"] == {"zh": "新题", "en": "New"}
    assert {key: after[key] for key in after if key != "text"} == {
        key: question[key] for key in question if key != "text"
    }
    if hx:
        body = saved.get_data(as_text=True)
        assert 'id="saved"' in body
        assert 'id="editor"' not in body
        assert 'id="outline"' in body


def test_an_untouched_form_changes_nothing(marketing: FlaskClient, questionnaire: Questionnaire) -> None:
    before = content_of(questionnaire)
    for question in questions_of(questionnaire):
        data = fields_of(marketing, questionnaire, question["id"])
        answer = post(marketing, f"{BASE}/{questionnaire.id}/questions/{question['id']}", data, hx=True)
        assert answer.status_code == 200
    after = content_of(questionnaire)
    assert parse(after) == parse(before)


@pytest.mark.parametrize("hx", [False, True])
def test_options_are_added_moved_and_removed(
    marketing: FlaskClient, questionnaire: Questionnaire, hx: bool
) -> None:
    question = of_type(questionnaire, "single")
    url = f"{BASE}/{questionnaire.id}/questions/{question['id']}"
    ids = [one["id"] for one in question["options"]]

    def step(do: str, **extra: Any) -> list[dict[str, Any]]:
        data = fields_of(marketing, questionnaire, question["id"]) | extra | {"do": do}
        assert post(marketing, url, data, hx=hx).status_code == (200 if hx else 303)
        return of_type(questionnaire, "single")["options"]

    more = step("add:option", **{"more-options": "甲 | A\n乙 | B\n\n"})
    assert [one["text"] for one in more[-2:]] == [{"zh": "甲", "en": "A"}, {"zh": "乙", "en": "B"}]
    assert len({one["id"] for one in more}) == len(more)
    assert [one["id"] for one in step(f"option_down:{ids[0]}")][:2] == [ids[1], ids[0]]
    assert [one["id"] for one in step(f"option_up:{ids[0]}")][:2] == ids[:2]
    assert ids[0] not in [one["id"] for one in step(f"option_remove:{ids[0]}")]


def test_an_option_made_in_the_browser_keeps_its_id(
    marketing: FlaskClient, questionnaire: Questionnaire
) -> None:
    question = of_type(questionnaire, "single")
    url = f"{BASE}/{questionnaire.id}/questions/{question['id']}"
    for words in ("Fast", "Faster"):
        data = fields_of(marketing, questionnaire, question["id"])
        data["option"] = list(dict.fromkeys([*data["option"], "nabc234"]))
        post(marketing, url, data | {"option-nabc234-en": words}, hx=True)
    last = of_type(questionnaire, "single")["options"][-1]
    assert last == {"id": "nabc234", "text": {"en": "Faster"}, "other": False, "exclusive": False}


def test_rows_of_a_matrix_keep_their_code_and_measure_indicators(
    marketing: FlaskClient, questionnaire: Questionnaire
) -> None:
    question = of_type(questionnaire, "matrix")
    url = f"{BASE}/{questionnaire.id}/questions/{question['id']}"
    data = fields_of(marketing, questionnaire, question["id"])
    data["row"] = [*data["row"], "nrow222"]
    for _again in range(2):
        post(
            marketing,
            url,
            data | {"row-nrow222-en": "Parking", "row-nrow222-indicator": ["reach"], "seen": ""},
            hx=True,
        )
    row = of_type(questionnaire, "matrix")["rows"][-1]
    assert (row["text"], row["indicator"]) == ({"en": "Parking"}, "reach")
    assert row["code"].startswith(question["code"])


def test_scale_words_follow_the_points(marketing: FlaskClient, questionnaire: Questionnaire) -> None:
    question = of_type(questionnaire, "matrix")
    url = f"{BASE}/{questionnaire.id}/questions/{question['id']}"
    data = fields_of(marketing, questionnaire, question["id"]) | {"points": "7", "do": "labels:agreement"}
    post(marketing, url, data)
    labels = of_type(questionnaire, "matrix")["labels"]
    assert len(labels) == 7
    assert labels[0] == {"zh": "非常不同意", "en": "Strongly disagree"}


def test_conditions_are_written_as_sentences(marketing: FlaskClient, blank: Questionnaire) -> None:
    for kind in ("single", "scale", "long_text"):
        post(marketing, f"{BASE}/{blank.id}/questions", {"type": kind, "page": "p1"})
    first, second, third = questions_of(blank)
    url = f"{BASE}/{blank.id}/questions/{third['id']}"
    post(
        marketing,
        url,
        fields_of(marketing, blank, third["id"]) | {"do": "check_add", "if-new": second["code"]},
    )
    post(
        marketing,
        url,
        fields_of(marketing, blank, third["id"]) | {"do": "check_add", "if-new": first["code"]},
    )
    assert questions_of(blank)[2]["show_if"] == {
        "all": [
            {"question": second["code"], "op": "<=", "value": 3},
            {"question": first["code"], "op": "in", "value": [first["options"][0]["id"]]},
        ]
    }
    data = fields_of(marketing, blank, third["id"]) | {"if-join": "any", "if-0-value": "2"}
    post(marketing, url, data, hx=True)
    condition = questions_of(blank)[2]["show_if"]
    assert condition["any"][0]["value"] == 2
    body = marketing.get(f"{BASE}/{blank.id}/logic").get_data(as_text=True)
    assert "question 2 is at most 2 or question 1 is" in body
    for _check in range(2):
        data = fields_of(marketing, blank, third["id"]) | {"do": "check_remove:0"}
        post(marketing, url, data)
    assert questions_of(blank)[2]["show_if"] is None


@pytest.mark.parametrize("hx", [False, True])
def test_moving_duplicating_deleting_and_undoing(
    marketing: FlaskClient, questionnaire: Questionnaire, hx: bool
) -> None:
    ids = [one["id"] for one in questions_of(questionnaire)]
    url = f"{BASE}/{questionnaire.id}/questions/{ids[1]}"
    ok = 200 if hx else 303
    last_page = content_of(questionnaire)["pages"][-1]["id"]
    moved = post(marketing, f"{url}/move", {"page": last_page, "position": "0"}, hx=hx)
    assert moved.status_code == ok
    assert content_of(questionnaire)["pages"][-1]["questions"][0]["id"] == ids[1]
    assert post(marketing, f"{url}/move", {"direction": "up"}, hx=hx).status_code == ok
    assert post(marketing, f"{url}/duplicate", hx=hx).status_code == ok
    assert len(questions_of(questionnaire)) == len(ids) + 1
    before = content_of(questionnaire)
    deleted = post(marketing, f"{url}/delete", hx=hx)
    assert deleted.status_code == ok
    page = deleted if hx else marketing.get(deleted.location)
    assert "Deleted." in page.get_data(as_text=True)
    assert ids[1] not in [one["id"] for one in questions_of(questionnaire)]
    version = queries.draft_of(db.session.get(Questionnaire, questionnaire.id)).version
    assert post(marketing, f"{BASE}/{questionnaire.id}/undo", {"version": version}, hx=hx).status_code == ok
    assert content_of(questionnaire) == before
    assert post(marketing, f"{BASE}/{questionnaire.id}/redo", hx=hx).status_code == ok
    assert ids[1] not in [one["id"] for one in questions_of(questionnaire)]
    assert post(marketing, f"{BASE}/{questionnaire.id}/redo", hx=hx).status_code == 422


@pytest.mark.parametrize("hx", [False, True])
def test_pages_are_added_named_moved_and_deleted(
    marketing: FlaskClient, blank: Questionnaire, hx: bool
) -> None:
    ok = 200 if hx else 303
    assert post(marketing, f"{BASE}/{blank.id}/pages", hx=hx).status_code == ok
    page = content_of(blank)["pages"][1]["id"]
    url = f"{BASE}/{blank.id}/pages/{page}"
    assert post(marketing, url, {"title-en": "About you"}, hx=hx).status_code == ok
    assert post(marketing, f"{url}/move", {"direction": "up"}, hx=hx).status_code == ok
    assert content_of(blank)["pages"][0]["title"] == {"en": "About you"}
    post(marketing, f"{BASE}/{blank.id}/questions", {"type": "info", "page": page})
    assert post(marketing, f"{url}/delete", hx=hx).status_code == 422
    assert post(marketing, f"{BASE}/{blank.id}/pages/p1/delete", hx=hx).status_code == ok


def test_undo_of_an_unseen_step_is_refused(marketing: FlaskClient, blank: Questionnaire) -> None:
    version = queries.draft_of(blank).version
    post(marketing, f"{BASE}/{blank.id}/questions", {"type": "nps", "page": "p1"})
    answer = post(marketing, f"{BASE}/{blank.id}/undo", {"version": version})
    assert answer.status_code == 409
    assert len(questions_of(blank)) == 1


# ---- nothing typed is lost ----


@pytest.mark.parametrize("hx", [False, True])
def test_a_stale_save_shows_both_texts(
    marketing: FlaskClient, questionnaire: Questionnaire, hx: bool
) -> None:
    question = questions_of(questionnaire)[0]
    url = f"{BASE}/{questionnaire.id}/questions/{question['id']}"
    early = fields_of(marketing, questionnaire, question["id"])
    post(marketing, url, early | {"text-en": "Theirs & first"})
    answer = post(marketing, url, early | {"text-en": "Mine, typed later"}, hx=hx)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Theirs &amp; first" in body
    assert "Mine, typed later</textarea>" in body
    assert questions_of(questionnaire)[0]["text"]["en"] == "Theirs & first"
    if hx:
        assert answer.headers["HX-Retarget"] == "#editor"
    seen = re.search(r'name="seen" value="(\w+)"', body)
    assert seen
    kept = post(marketing, url, early | {"text-en": "Mine, typed later", "seen": seen.group(1)})
    assert kept.status_code == 303
    assert questions_of(questionnaire)[0]["text"]["en"] == "Mine, typed later"


def test_another_question_changed_meanwhile_does_no_harm(
    marketing: FlaskClient, questionnaire: Questionnaire
) -> None:
    first, second = questions_of(questionnaire)[:2]
    early = fields_of(marketing, questionnaire, first["id"])
    other = fields_of(marketing, questionnaire, second["id"])
    post(marketing, f"{BASE}/{questionnaire.id}/questions/{second['id']}", other | {"text-en": "Two"})
    answer = post(marketing, f"{BASE}/{questionnaire.id}/questions/{first['id']}", early | {"text-en": "One"})
    assert answer.status_code == 303
    assert [one["text"]["en"] for one in questions_of(questionnaire)[:2]] == ["One", "Two"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("code", "Wait Time", "A code begins with a small letter"),
        ("code", "contact_again", None),
        ("text-en", "x" * 2001, "too long"),
    ],
)
@pytest.mark.parametrize("hx", [False, True])
def test_a_refused_save_keeps_what_was_typed(
    marketing: FlaskClient, questionnaire: Questionnaire, field: str, value: str, words: str | None, hx: bool
) -> None:
    questions = questions_of(questionnaire)
    if words is None:
        value, words = questions[-1]["code"], "Another question already has this code"
    url = f"{BASE}/{questionnaire.id}/questions/{questions[0]['id']}"
    data = fields_of(marketing, questionnaire, questions[0]["id"]) | {
        "hint-en": "typed with care",
        field: value,
    }
    answer = post(marketing, url, data, hx=hx)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in body
    if not hx:  # an autosave leaves the form in the marketing as it is
        assert value in body
        assert "typed with care" in body
    assert questions_of(questionnaire)[0] == questions[0]
