"""Editing drafts: undo and redo, one draft at a time, published versions never change."""

import copy
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from app.errors import Refused, Stale
from app.extensions import db
from app.models import AuditEntry, DraftEdit, Questionnaire, QuestionnaireVersion
from app.queries import questionnaires as queries
from app.rules import indicator_editing
from app.rules.questionnaire import EditError, parse
from app.services import questionnaires as services
from app.services.questionnaires import editing
from app.services.questionnaires.presets import LABELS, scale_words


@pytest.fixture
def who(make: Any, now: Any) -> dict[str, Any]:
    return {"by": make.user(roles=("marketing",)), "now": now}


@pytest.fixture
def draft(who: dict[str, Any]) -> QuestionnaireVersion:
    made = services.create_from_template("touchpoints", **who)
    return made.versions[0]


def title(version: QuestionnaireVersion, words: str, who: dict[str, Any], **extra: Any) -> bool:
    return services.save_settings(version, {"title": {"zh": words, "en": words}}, **extra, **who)


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_undo_and_redo_walk_along_the_steps(draft: Any, who: Any) -> None:
    start = copy.deepcopy(draft.content)
    for words in ("one", "two", "three"):
        assert title(draft, words, who)
    services.undo(draft, **who)
    services.undo(draft, **who)
    assert draft.content["title"]["en"] == "one"
    services.redo(draft, **who)
    assert draft.content["title"]["en"] == "two"
    assert queries.steps(draft) == queries.Steps(undo=True, redo=True)
    title(draft, "other way", who)
    with pytest.raises(Refused, match="nothing_to_redo"):
        services.redo(draft, **who)
    for _step in range(3):
        services.undo(draft, **who)
    assert draft.content == start
    assert draft.questionnaire.title == start["title"]
    with pytest.raises(Refused, match="nothing_to_undo"):
        services.undo(draft, **who)


def test_a_step_that_changes_nothing_is_no_step(draft: Any, who: Any) -> None:
    before = draft.version
    assert not services.save_settings(draft, {"title": draft.content["title"]}, **who)
    assert (draft.version, queries.steps(draft).undo) == (before, False)


def test_steps_are_bounded(draft: Any, who: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "KEPT_STEPS", 5)
    for number in range(9):
        title(draft, str(number), who)
    assert db.session.scalar(select(func.count(DraftEdit.id))) == 5
    for _step in range(5):
        services.undo(draft, **who)
    assert draft.content["title"]["en"] == "3"


def test_a_stale_step_changes_nothing(draft: Any, who: Any) -> None:
    seen = draft.version
    title(draft, "first", who, expected_version=seen)
    with pytest.raises(Stale):
        title(draft, "second", who, expected_version=seen)
    with pytest.raises(Stale):
        services.undo(draft, expected_version=seen, **who)
    with pytest.raises(Stale):
        services.publish(draft, expected_version=seen, **who)
    assert draft.content["title"]["en"] == "first"


def test_a_save_is_stale_only_when_its_own_question_changed(draft: Any, who: Any) -> None:
    first, second = (page["questions"][0] for page in draft.content["pages"][:2])
    seen = services.fingerprint(first)
    services.save_question(
        draft, second["id"], {"hint": {"en": "x"}}, seen=services.fingerprint(second), **who
    )
    assert services.save_question(draft, first["id"], {"hint": {"en": "y"}}, seen=seen, **who)
    with pytest.raises(Stale):
        services.save_question(draft, first["id"], {"hint": {"en": "z"}}, seen=seen, **who)


def test_there_is_one_draft_at_a_time(draft: Any, who: Any) -> None:
    questionnaire = draft.questionnaire
    with pytest.raises(Refused, match="draft_exists"):
        services.start_draft(questionnaire, **who)
    services.publish(draft, **who)
    second = services.start_draft(questionnaire, **who)
    assert second.number == 2
    # Somebody who read the versions before the draft was there.
    set_committed_value(questionnaire, "versions", [draft])
    with pytest.raises(Refused, match="draft_exists"):
        services.start_draft(questionnaire, **who)
    states = select(QuestionnaireVersion.state).order_by(QuestionnaireVersion.number)
    assert list(db.session.scalars(states)) == ["published", "draft"]


def test_a_published_version_never_changes(draft: Any, who: Any) -> None:
    title(draft, "Published", who)
    services.publish(draft, **who)
    frozen, mark = copy.deepcopy(draft.content), draft.content_hash
    question = draft.content["pages"][0]["questions"][0]["id"]
    attempts = [
        lambda: title(draft, "x", who),
        lambda: services.add_page(draft, **who),
        lambda: services.add_question(draft, "nps", **who),
        lambda: services.save_question(draft, question, {"required": False}, **who),
        lambda: services.delete_question(draft, question, **who),
        lambda: services.undo(draft, **who),
        lambda: services.redo(draft, **who),
        lambda: services.publish(draft, **who),
        lambda: services.discard_draft(draft, **who),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match="not_a_draft"):
            attempt()
    later = services.start_draft(draft.questionnaire, **who)
    services.delete_question(later, question, **who)
    title(later, "Later", who)
    db.session.flush()
    db.session.expire_all()
    assert (draft.content, draft.content_hash) == (frozen, mark)
    assert db.session.scalar(select(func.count(DraftEdit.id)).where(DraftEdit.version_id == draft.id)) == 0


def test_indicators_of_a_published_version_stay_as_they_were(draft: Any, who: Any) -> None:
    services.publish(draft, **who)
    before = copy.deepcopy(draft.indicators)
    system = draft.questionnaire.system
    tree, _code = indicator_editing.add(queries.indicator_tree(system), None)
    assert services.save_indicators(system, tree, **who)
    db.session.expire_all()
    assert draft.indicators == before
    assert len(queries.indicator_tree(system)) == len(before) + 1


def test_an_indicator_system_is_changed_whole_or_not_at_all(draft: Any, who: Any) -> None:
    system = draft.questionnaire.system
    tree = queries.indicator_tree(system)
    seen = system.version
    assert not services.save_indicators(system, tree, expected_version=seen, **who)
    assert system.version == seen
    smaller = indicator_editing.remove(tree, tree[0].code)
    assert services.save_indicators(system, smaller, expected_version=seen, **who)
    assert queries.indicator_tree(system) == smaller
    assert system.version > seen
    with pytest.raises(Stale):
        services.save_indicators(system, tree, expected_version=seen, **who)
    with pytest.raises(Refused, match="duplicate_code"):
        services.save_indicators(system, (*smaller, smaller[0]), **who)


def test_a_code_of_an_earlier_version_belongs_to_its_question(draft: Any, who: Any) -> None:
    question = draft.content["pages"][0]["questions"][0]
    services.publish(draft, **who)
    later = services.start_draft(draft.questionnaire, **who)
    services.save_question(later, question["id"], {"code": "renamed"}, **who)
    other = later.content["pages"][1]["questions"][0]["id"]
    with pytest.raises(EditError, match="code_reserved"):
        services.save_question(later, other, {"code": question["code"]}, **who)
    assert services.save_question(later, question["id"], {"code": question["code"]}, **who)


def test_a_new_question_has_the_usual_words(draft: Any, who: Any) -> None:
    page = draft.content["pages"][-1]["id"]
    made = services.add_question(draft, "scale", page=page, **who)
    question = parse(draft.content).pages[-1].questions[-1]
    assert question.id == made
    assert question.labels is not None
    assert question.labels[0]["en"] == "Very dissatisfied"
    services.undo(draft, **who)
    assert made not in {one.id for one in parse(draft.content).questions}


def test_a_draft_can_be_discarded_unless_it_is_all_there_is(draft: Any, who: Any) -> None:
    with pytest.raises(Refused, match="only_version"):
        services.discard_draft(draft, **who)
    services.publish(draft, **who)
    later = services.start_draft(draft.questionnaire, **who)
    title(later, "Thrown away", who)
    services.discard_draft(later, **who)
    row = db.session.get(Questionnaire, draft.questionnaire_id)
    assert [one.state for one in row.versions] == ["published"]
    assert row.title == draft.content["title"]


def test_milestones_are_audited_and_keystrokes_are_not(draft: Any, who: Any) -> None:
    title(draft, "typed", who)
    services.undo(draft, **who)
    services.publish(draft, **who)
    services.archive(draft.questionnaire, **who)
    services.archive(draft.questionnaire, **who)
    services.restore_from_archive(draft.questionnaire, **who)
    assert actions() == [
        "questionnaire.created",
        "questionnaire.published",
        "questionnaire.archived",
        "questionnaire.restored",
    ]


@pytest.mark.parametrize("kind", list(LABELS))
@pytest.mark.parametrize("points", [3, 5, 7, 10, 11])
def test_ready_made_words_fit_the_scale(kind: str, points: int) -> None:
    words = scale_words(kind, points)
    assert words["labels"] is None or len(words["labels"]) == points
    for text in [words["low"], words["high"], *(words["labels"] or [])]:
        assert set(text) == {"zh", "en"}
