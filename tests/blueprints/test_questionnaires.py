"""The list of questionnaires, the doors to a new one, settings, indicators, versions."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Questionnaire
from app.queries import questionnaires as queries
from app.rules import library
from app.services import questionnaires as services
from tests.blueprints.builder_forms import BASE, content_of, fields_of, post, questions_of

# ---- list and the three doors ----


def test_the_list_teaches_when_it_is_empty(marketing: FlaskClient) -> None:
    body = marketing.get(f"{BASE}/").get_data(as_text=True)
    assert "No questionnaires yet" in body
    assert f"{BASE}/new" in body


def test_the_list_shows_state_size_and_use(
    marketing: FlaskClient, questionnaire: Questionnaire, now: Any
) -> None:
    version = queries.draft_of(questionnaire)
    services.publish(version, by=None, now=now)
    services.start_draft(questionnaire, by=None, now=now)
    db.session.commit()
    body = marketing.get(f"{BASE}/").get_data(as_text=True)
    assert "Published v1" in body
    assert "Draft v2" in body


@pytest.mark.parametrize("template", [one.key for one in library.templates()])
def test_a_template_can_be_read_and_used(marketing: FlaskClient, template: str) -> None:
    assert marketing.get(f"{BASE}/templates/{template}").status_code == 200
    answer = post(marketing, f"{BASE}/new/template", {"template": template})
    assert answer.status_code == 303
    page = marketing.get(answer.location)
    assert page.status_code == 200
    assert 'class="outline"' in page.get_data(as_text=True)


def test_a_shared_system_is_not_copied(marketing: FlaskClient, questionnaire: Questionnaire) -> None:
    data = {"template": "touchpoints", "system": str(questionnaire.system_id)}
    post(marketing, f"{BASE}/new/template", data)
    newest = db.session.query(Questionnaire).order_by(Questionnaire.id.desc()).first()
    assert newest.id != questionnaire.id
    assert newest.system_id == questionnaire.system_id
    body = marketing.get(f"{BASE}/{newest.id}/indicators").get_data(as_text=True)
    assert "This system is shared" in body


def test_a_blank_one_needs_a_title_and_keeps_what_was_typed(marketing: FlaskClient) -> None:
    refused = post(marketing, f"{BASE}/new/blank", {"title": "x" * 300})
    assert refused.status_code == 422
    assert "x" * 300 in refused.get_data(as_text=True)
    made = post(marketing, f"{BASE}/new/blank", {"title": "Repairs"})
    assert made.status_code == 303
    assert "This page is empty" in marketing.get(made.location).get_data(as_text=True)


def test_pasted_text_is_shown_before_anything_is_made(marketing: FlaskClient) -> None:
    text = "# Visit\n1. Happy? [scale 7]\n2. Why? [foo]\n- a\n- b"
    seen = post(marketing, f"{BASE}/new/paste", {"text": text, "language": "en"})
    body = seen.get_data(as_text=True)
    assert "2 questions were understood" in body
    assert "This type is not known." in body
    assert db.session.query(Questionnaire).count() == 0
    made = post(marketing, f"{BASE}/new/paste", {"text": text, "language": "en", "create": "1"})
    assert made.status_code == 303
    row = db.session.query(Questionnaire).one()
    assert [one["type"] for one in questions_of(row)] == ["scale", "single"]


def test_pasted_text_without_title_is_not_made(marketing: FlaskClient) -> None:
    answer = post(marketing, f"{BASE}/new/paste", {"text": "Happy?", "language": "en", "create": "1"})
    assert answer.status_code == 422
    assert "Happy?" in answer.get_data(as_text=True)


def test_archive_and_back(marketing: FlaskClient, questionnaire: Questionnaire) -> None:
    post(marketing, f"{BASE}/{questionnaire.id}/archive")
    assert f'{BASE}/{questionnaire.id}"' not in marketing.get(f"{BASE}/").get_data(as_text=True)
    assert f'{BASE}/{questionnaire.id}"' in marketing.get(f"{BASE}/?archived=1").get_data(as_text=True)
    post(marketing, f"{BASE}/{questionnaire.id}/unarchive")
    assert f'{BASE}/{questionnaire.id}"' in marketing.get(f"{BASE}/").get_data(as_text=True)


# ---- settings, indicators ----


def test_languages_can_be_switched_without_losing_a_translation(
    marketing: FlaskClient, questionnaire: Questionnaire
) -> None:
    before = content_of(questionnaire)
    data = {"languages": ["en"], "default_language": "en", "title-en": "Renamed"}
    answer = post(marketing, f"{BASE}/{questionnaire.id}/settings", data)
    assert answer.status_code == 303
    after = content_of(questionnaire)
    assert after["languages"] == ["en"]
    assert after["title"] == {"zh": before["title"]["zh"], "en": "Renamed"}
    assert after["pages"] == before["pages"]
    body = marketing.get(f"{BASE}/{questionnaire.id}/settings").get_data(as_text=True)
    assert "100%" in body


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"languages": [], "default_language": "en"}, 422),
        ({"languages": ["zh"], "default_language": "en"}, 422),
        ({"languages": ["zh"], "default_language": "zh", "version": "999"}, 409),
    ],
)
def test_refused_settings_keep_what_was_typed(
    marketing: FlaskClient, questionnaire: Questionnaire, data: dict[str, Any], status: int
) -> None:
    answer = post(marketing, f"{BASE}/{questionnaire.id}/settings", data | {"intro-en": "Dear customers"})
    assert answer.status_code == status
    assert "Dear customers" in answer.get_data(as_text=True)


def weights(questionnaire: Questionnaire) -> dict[str, float]:
    db.session.expire_all()
    return {row.code: row.weight for row in db.session.get(Questionnaire, questionnaire.id).system.indicators}


@pytest.mark.parametrize("hx", [False, True])
def test_indicators_are_renamed_weighed_added_and_removed(
    marketing: FlaskClient, questionnaire: Questionnaire, hx: bool
) -> None:
    url = f"{BASE}/{questionnaire.id}/indicators"
    first = next(iter(weights(questionnaire)))
    answer = post(marketing, url, {f"{first}-en": "Renamed", f"{first}-weight": "7,5"}, hx=hx)
    assert answer.status_code == 200
    assert weights(questionnaire)[first] == pytest.approx(0.075)
    assert "not 100%" in answer.get_data(as_text=True)
    post(marketing, url, {"do": "normalise"}, hx=hx)
    assert "All weights sum to 100%" in marketing.get(url).get_data(as_text=True)
    post(marketing, url, {"do": f"add:{first}"}, hx=hx)
    assert "indicator_1" in weights(questionnaire)
    post(marketing, url, {"do": f"down:{first}"}, hx=hx)
    post(marketing, url, {"do": f"remove:{first}"}, hx=hx)
    assert not {"indicator_1", first} & set(weights(questionnaire))


@pytest.mark.parametrize("weight", ["much", "-5", "101", "1e3", "", "NaN", "9" * 400])
def test_a_wrong_weight_is_refused_and_kept(
    marketing: FlaskClient, questionnaire: Questionnaire, weight: str
) -> None:
    before = weights(questionnaire)
    code = next(iter(before))
    answer = post(marketing, f"{BASE}/{questionnaire.id}/indicators", {f"{code}-weight": weight})
    assert answer.status_code == 422
    assert f'value="{weight[:20]}"' in answer.get_data(as_text=True)
    assert weights(questionnaire) == before


def test_stale_indicators_keep_what_was_typed(marketing: FlaskClient, questionnaire: Questionnaire) -> None:
    code = next(iter(weights(questionnaire)))
    data = {f"{code}-en": "Typed", "version": "999"}
    answer = post(marketing, f"{BASE}/{questionnaire.id}/indicators", data)
    assert answer.status_code == 409
    assert "Typed" in answer.get_data(as_text=True)


# ---- publishing, versions ----


def test_errors_block_publishing_with_a_list(marketing: FlaskClient, blank: Questionnaire) -> None:
    page = marketing.get(f"{BASE}/{blank.id}/publish").get_data(as_text=True)
    assert "There is no question yet" in page
    assert f'action="{BASE}/{blank.id}/publish"' not in page
    answer = post(marketing, f"{BASE}/{blank.id}/publish")
    assert answer.status_code == 409
    assert "There is no question yet" in answer.get_data(as_text=True)
    assert queries.draft_of(db.session.get(Questionnaire, blank.id)) is not None


def test_publishing_and_the_next_draft(marketing: FlaskClient, questionnaire: Questionnaire) -> None:
    version = queries.draft_of(questionnaire).version
    assert post(marketing, f"{BASE}/{questionnaire.id}/publish", {"version": "999"}).status_code == 409
    assert post(marketing, f"{BASE}/{questionnaire.id}/publish", {"version": version}).status_code == 303
    frozen = content_of(questionnaire)
    assert marketing.get(f"{BASE}/{questionnaire.id}/edit").status_code == 303
    question = questions_of(questionnaire)[0]["id"]
    assert (
        post(marketing, f"{BASE}/{questionnaire.id}/questions/{question}", {"text-en": "x"}).status_code
        == 409
    )
    assert post(marketing, f"{BASE}/{questionnaire.id}/versions").status_code == 303
    data = fields_of(marketing, questionnaire, question) | {"text-en": "Asked anew", "required": []}
    post(marketing, f"{BASE}/{questionnaire.id}/questions/{question}", data)
    rows = db.session.get(Questionnaire, questionnaire.id).versions
    assert rows[0].content == frozen
    assert [one.state for one in rows] == ["published", "draft"]
    body = marketing.get(f"{BASE}/{questionnaire.id}/compare?old=1&new=2").get_data(as_text=True)
    assert "Asked anew" in body
    assert marketing.get(f"{BASE}/{questionnaire.id}/compare?old=2&new=9").status_code == 404
    assert "What changed since version 1" in marketing.get(f"{BASE}/{questionnaire.id}/versions").get_data(
        as_text=True
    )
    assert post(marketing, f"{BASE}/{questionnaire.id}/discard").status_code == 303
    assert queries.draft_of(db.session.get(Questionnaire, questionnaire.id)) is None
