"""Title, introduction, thanks and languages of a questionnaire, and the list of its conditions."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from app.blueprints.questionnaires import sentences
from app.blueprints.questionnaires.conflicts import settings_conflict
from app.blueprints.questionnaires.fields import Reading, read_text
from app.blueprints.questionnaires.screens import Builder
from app.blueprints.questionnaires.site import LANGUAGES, actor, bp, draft, go, posted_version
from app.blueprints.questionnaires.wording import edit_error
from app.errors import Stale
from app.models import Questionnaire, QuestionnaireVersion
from app.rules.permissions import Permission
from app.rules.questionnaire import Content
from app.services import questionnaires as services
from app.web.access import requires
from app.web.fragments import render
from app.web.i18n import page_language

TEXTS = ("title", "intro", "thanks")


@dataclass(frozen=True)
class Translated:
    """How many of the texts that are needed, or exist in any language, exist in this one."""

    lang: str
    done: int
    total: int


@bp.get("/<int:questionnaire_id>/settings")
@requires(Permission.QUESTIONNAIRES_EDIT)
def settings_page(questionnaire_id: int) -> Response:
    """The form."""
    questionnaire, version = draft(questionnaire_id)
    return _draw(questionnaire, version, version.content)


@bp.post("/<int:questionnaire_id>/settings")
@requires(Permission.QUESTIONNAIRES_EDIT)
def save_settings(questionnaire_id: int) -> Response:
    """Store it; a language that is switched off keeps its texts."""
    questionnaire, version = draft(questionnaire_id)
    reading = Reading()
    for key in TEXTS:
        reading.changes[key] = read_text(request.form, key, version.content.get(key) or {}, reading)
    chosen = [lang for lang in LANGUAGES if lang in request.form.getlist("languages")]
    main = request.form.get("default_language", "")
    reading.changes |= {"languages": chosen, "default_language": main if main in LANGUAGES else "zh"}
    errors = {name: edit_error(code) for name, code in reading.errors.items()}
    if not chosen:
        errors["languages"] = _("Switch on at least one language.")
    elif main not in chosen:
        errors["default_language"] = _("The main language must be switched on.")
    typed: Content = {**version.content, **reading.changes}
    if errors:
        return _draw(questionnaire, version, typed, errors=errors, status=422)
    try:
        services.save_settings(version, reading.changes, expected_version=posted_version(), **actor())
    except Stale:
        return _draw(questionnaire, version, typed, stale=reading.changes, status=409)
    flash(_("Saved."), "success")
    return go("settings_page", questionnaire_id=questionnaire_id)


def _draw(
    questionnaire: Questionnaire,
    version: QuestionnaireVersion,
    typed: Content,
    *,
    errors: dict[str, str] | None = None,
    stale: Content | None = None,
    status: int = 200,
) -> Response:
    builder = Builder(questionnaire, version, None, page_language())
    return render(
        "questionnaires/settings.html",
        builder=builder,
        typed=typed,
        errors=errors or {},
        conflict=settings_conflict(builder, stale) if stale else None,
        all_languages=LANGUAGES,
        counters=translated(version.content, empty=_unwritten(builder)),
        status=status,
    )


def _unwritten(builder: Builder) -> int:
    return sum(one.code == "empty_text" for one in builder.findings)


def translated(content: Content, *, empty: int) -> list[Translated]:
    """Counters of the side-by-side view, one per language that is switched on.

    `empty` texts are needed but written in no language yet: they are missing in each.
    """
    texts = [one for one in _texts(content) if any(one.values())]
    return [
        Translated(lang, sum(1 for one in texts if one.get(lang)), len(texts) + empty)
        for lang in content["languages"]
    ]


def _texts(node: Any) -> list[dict[str, str]]:
    """Every text of the document: an object whose keys are languages."""
    if isinstance(node, list):
        return [text for one in node for text in _texts(one)]
    if not isinstance(node, dict):
        return []
    if node and set(node) <= set(LANGUAGES):
        return [node]
    return [text for one in node.values() for text in _texts(one)]


@bp.get("/<int:questionnaire_id>/logic")
@requires(Permission.QUESTIONNAIRES_EDIT)
def logic(questionnaire_id: int) -> Response:
    """All conditions as sentences, with what the checker says about them."""
    questionnaire, version = draft(questionnaire_id)
    builder = Builder(questionnaire, version, None, page_language())
    content = builder.questionnaire
    rules = [
        (question, sentences.condition(content, question.show_if, builder.lang))
        for question in content.questions
        if question.show_if
    ]
    return render("questionnaires/logic.html", builder=builder, rules=rules)
