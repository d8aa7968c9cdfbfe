"""The builder: the page itself, saving a question or page title, undo and redo."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _

from app.blueprints.questionnaires.conflicts import question_conflict
from app.blueprints.questionnaires.fields import Reading, read_question, read_text
from app.blueprints.questionnaires.restructuring import restructure
from app.blueprints.questionnaires.screens import Builder
from app.blueprints.questionnaires.site import actor, bp, draft, go, plain, posted_version
from app.blueprints.questionnaires.wording import TYPE_HINTS, TYPE_ICONS, TYPE_NAMES, edit_error
from app.errors import Refused, Stale
from app.models import Questionnaire, QuestionnaireVersion
from app.queries import questionnaires as queries
from app.rules.permissions import Permission
from app.rules.questionnaire import ContentError, EditError
from app.services import questionnaires as services
from app.web.access import is_htmx, may, requires
from app.web.fragments import render
from app.web.i18n import page_language

EVERYTHING = ("outline", "saved", "preview", "lint")


@bp.get("/<int:questionnaire_id>")
@requires(Permission.QUESTIONNAIRES_READ)
def show(questionnaire_id: int) -> Response:
    """The draft in the builder for who may edit, otherwise the newest version to read."""
    questionnaire = queries.get(questionnaire_id)
    if queries.draft_of(questionnaire) and may(Permission.QUESTIONNAIRES_EDIT):
        return go("edit", questionnaire_id=questionnaire_id)
    return go("read", questionnaire_id=questionnaire_id, number=questionnaire.versions[-1].number)


@bp.get("/<int:questionnaire_id>/edit", defaults={"item_id": None})
@bp.get("/<int:questionnaire_id>/edit/<item_id>")
@requires(Permission.QUESTIONNAIRES_EDIT)
def edit(questionnaire_id: int, item_id: str | None) -> Response:
    """One question or page in the builder."""
    questionnaire = queries.get(questionnaire_id)
    version = queries.draft_of(questionnaire)
    if version is None:
        return go("read", questionnaire_id=questionnaire_id, number=questionnaire.versions[-1].number)
    builder = Builder(questionnaire, version, item_id, page_language())
    if not builder.found:
        abort(404)
    return draw(builder, deleted="deleted" in request.args)


def draw(builder: Builder, *, fragment: str = "editor", **context: Any) -> Response:
    """The builder's page, or its parts; `fragment` is what htmx puts in its target."""
    context = {"deleted": False, "conflict": None, "refused": None, "status": 200} | context
    also = [name for name in ("editor", *EVERYTHING) if name != fragment]
    if fragment == "saved":
        also.remove("editor")
    return render(
        "questionnaires/builder.html",
        fragment=fragment,
        also=also,
        builder=builder,
        type_names=TYPE_NAMES,
        type_hints=TYPE_HINTS,
        type_icons=TYPE_ICONS,
        saved_time=lambda moment: format_datetime(moment, "HH:mm"),
        **context,
    )


def back_to(questionnaire_id: int, item_id: str | None, *, deleted: bool = False) -> Response:
    """After a step: the builder at this place, as a redirect or as the parts that changed."""
    extra = {"deleted": 1} if deleted else {}
    address = url_for("questionnaires.edit", questionnaire_id=questionnaire_id, item_id=item_id)
    if not is_htmx():
        return go("edit", questionnaire_id=questionnaire_id, item_id=item_id, **extra)
    questionnaire, version = draft(questionnaire_id)
    response = draw(Builder(questionnaire, version, item_id, page_language()), deleted=deleted)
    response.headers["HX-Push-Url"] = address
    return response


def refuse(
    questionnaire: Questionnaire, version: QuestionnaireVersion, item_id: str | None, code: str
) -> Response:
    """The builder with the reason why a step was refused."""
    if code.startswith("unknown_"):
        abort(404)
    builder = Builder(questionnaire, version, item_id, page_language())
    return into_editor(draw(builder, refused=edit_error(code), status=422))


@bp.post("/<int:questionnaire_id>/questions/<question_id>")
@requires(Permission.QUESTIONNAIRES_EDIT)
def save(questionnaire_id: int, question_id: str) -> Response:
    """Store one question; the small buttons of its form (`do`) are carried out on the way."""
    questionnaire, version = draft(questionnaire_id)
    builder = Builder(questionnaire, version, question_id, page_language())
    if builder.question is None:
        abort(404)
    do = plain(request.form.get("do"))
    reading = read_question(request.form, builder.question, builder.questionnaire)
    restructure(do, reading.changes, request.form, builder.questionnaire)
    if reading.errors:
        return _unsaved(builder, reading)
    seen = plain(request.form.get("seen")) or None
    try:
        services.save_question(version, question_id, reading.changes, seen=seen, **actor())
    except Stale:
        return _conflict(builder, reading)
    except EditError as error:
        reading.errors[_field_of(error, reading)] = error.code
        return _unsaved(builder, reading)
    except ContentError as error:
        reading.errors["text"] = error.code
        return _unsaved(builder, reading)
    if do or not is_htmx():
        return back_to(questionnaire_id, question_id)
    return draw(Builder(questionnaire, version, question_id, page_language()), fragment="saved")


def _field_of(error: EditError, reading: Reading) -> str:
    """The field to put right: the row whose code is taken, or the question's code."""
    rows = reading.changes.get("rows", ())
    taken = next((row["id"] for row in rows if row.get("code") == error.subject), None)
    return f"row-{taken}-code" if taken and reading.changes["code"] != error.subject else "code"


def _unsaved(builder: Builder, reading: Reading) -> Response:
    """Nothing was stored and nothing typed is lost."""
    builder.typed = reading.changes
    builder.errors = {name: edit_error(code) for name, code in reading.errors.items()}
    return _redraw(builder, 422)


def _conflict(builder: Builder, reading: Reading) -> Response:
    """Somebody else changed the question: both texts side by side, what was typed stays in the form."""
    builder.typed = reading.changes
    return _redraw(builder, 409, conflict=question_conflict(builder, reading.changes))


def _redraw(builder: Builder, status: int, **context: Any) -> Response:
    """The editor with what was typed, whatever htmx meant to replace."""
    del builder.question
    return into_editor(draw(builder, status=status, **context))


def into_editor(response: Response) -> Response:
    """Have htmx put the answer into the editor."""
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#editor", "outerHTML"
    return response


@bp.post("/<int:questionnaire_id>/pages/<page_id>")
@requires(Permission.QUESTIONNAIRES_EDIT)
def save_page(questionnaire_id: int, page_id: str) -> Response:
    """Store the title of a page."""
    questionnaire, version = draft(questionnaire_id)
    builder = Builder(questionnaire, version, page_id, page_language())
    if builder.page is None:
        abort(404)
    reading = Reading()
    title = read_text(request.form, "title", builder.page.title, reading)
    if reading.errors:
        return refuse(questionnaire, version, page_id, "too_long")
    services.save_page(version, page_id, title, **actor())
    if not is_htmx():
        return back_to(questionnaire_id, page_id)
    return draw(Builder(questionnaire, version, page_id, page_language()), fragment="saved")


@bp.post("/<int:questionnaire_id>/undo")
@requires(Permission.QUESTIONNAIRES_EDIT)
def undo(questionnaire_id: int) -> Response:
    """Take the last step back."""
    return _walk(questionnaire_id, services.undo)


@bp.post("/<int:questionnaire_id>/redo")
@requires(Permission.QUESTIONNAIRES_EDIT)
def redo(questionnaire_id: int) -> Response:
    """Do the step again that was taken back last."""
    return _walk(questionnaire_id, services.redo)


def _walk(questionnaire_id: int, step: Callable[..., Any]) -> Response:
    """Undo or redo, staying at the question where it is still there."""
    questionnaire, version = draft(questionnaire_id)
    item_id = plain(request.form.get("item")) or None
    try:
        step(version, expected_version=posted_version(), **actor())
    except Stale:
        return _stale_step(questionnaire, version)
    except Refused as refused:
        return refuse(questionnaire, version, None, refused.code)
    at = Builder(questionnaire, version, item_id, page_language())
    return back_to(questionnaire_id, item_id if at.found else None)


def _stale_step(questionnaire: Questionnaire, version: QuestionnaireVersion) -> Response:
    """Undo would take back a step that this person has not seen."""
    builder = Builder(questionnaire, version, None, page_language())
    words = _("The draft was changed elsewhere meanwhile. This is its present state; look before you undo.")
    return into_editor(draw(builder, refused=words, status=409))
