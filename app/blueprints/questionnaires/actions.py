"""Steps on the structure of a draft: add, move, duplicate, delete."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, request

from app.blueprints.questionnaires.builder import back_to, refuse
from app.blueprints.questionnaires.site import actor, bp, draft, plain, whole_number
from app.models import QuestionnaireVersion
from app.rules.permissions import Permission
from app.rules.questionnaire import TYPES, ContentError, EditError
from app.services import questionnaires as services
from app.web.access import requires


def _step(
    questionnaire_id: int,
    item_id: str | None,
    do: Callable[[QuestionnaireVersion], Any],
    *,
    deleted: bool = False,
) -> Response:
    """Carry out one step and show the place it leads to: the id it returns, or `item_id`."""
    questionnaire, version = draft(questionnaire_id)
    try:
        place = do(version)
    except (EditError, ContentError) as error:
        return refuse(questionnaire, version, None, error.code)
    return back_to(questionnaire_id, place or item_id, deleted=deleted)


@bp.post("/<int:questionnaire_id>/questions")
@requires(Permission.QUESTIONNAIRES_EDIT)
def add_question(questionnaire_id: int) -> Response:
    """A new question behind the present one, or at the end of a page."""
    kind = request.form.get("type", "")
    if kind not in TYPES:
        abort(400)
    after = plain(request.form.get("after")) or None
    page = plain(request.form.get("page")) or None
    return _step(
        questionnaire_id,
        None,
        lambda version: services.add_question(version, kind, after=after, page=page, **actor()),
    )


@bp.post("/<int:questionnaire_id>/questions/<question_id>/duplicate")
@requires(Permission.QUESTIONNAIRES_EDIT)
def duplicate_question(questionnaire_id: int, question_id: str) -> Response:
    """A copy right behind the question."""
    return _step(
        questionnaire_id,
        None,
        lambda version: services.duplicate_question(version, question_id, **actor()),
    )


@bp.post("/<int:questionnaire_id>/questions/<question_id>/move")
@requires(Permission.QUESTIONNAIRES_EDIT)
def move_question(questionnaire_id: int, question_id: str) -> Response:
    """One place up or down, or dropped at a place of a page."""
    direction = plain(request.form.get("direction")) or None
    page = plain(request.form.get("page")) or None
    position = whole_number(request.form.get("position")) or 0
    stay = plain(request.form.get("item")) or question_id

    def move(version: QuestionnaireVersion) -> None:
        services.move_question(version, question_id, direction, page=page, position=position, **actor())

    return _step(questionnaire_id, stay, move)


@bp.post("/<int:questionnaire_id>/questions/<question_id>/delete")
@requires(Permission.QUESTIONNAIRES_EDIT)
def delete_question(questionnaire_id: int, question_id: str) -> Response:
    """Without the question; the neighbour is shown, with the way back on top."""

    def delete(version: QuestionnaireVersion) -> str | None:
        neighbour = _neighbour(version, question_id)
        services.delete_question(version, question_id, **actor())
        return neighbour

    return _step(questionnaire_id, None, delete, deleted=True)


def _neighbour(version: QuestionnaireVersion, question_id: str) -> str | None:
    """The next question of the page, else the one before, else the page."""
    for page in version.content["pages"]:
        ids = [question["id"] for question in page["questions"]]
        if question_id in ids:
            at = ids.index(question_id)
            others = [*ids[at + 1 : at + 2], *ids[max(0, at - 1) : at], page["id"]]
            return str(others[0])
    return None


@bp.post("/<int:questionnaire_id>/pages")
@requires(Permission.QUESTIONNAIRES_EDIT)
def add_page(questionnaire_id: int) -> Response:
    """An empty page behind the present one, or at the end."""
    after = plain(request.form.get("after")) or None
    return _step(questionnaire_id, None, lambda version: services.add_page(version, after=after, **actor()))


@bp.post("/<int:questionnaire_id>/pages/<page_id>/move")
@requires(Permission.QUESTIONNAIRES_EDIT)
def move_page(questionnaire_id: int, page_id: str) -> Response:
    """The page one place up or down."""
    by = -1 if request.form.get("direction") == "up" else 1

    def move(version: QuestionnaireVersion) -> None:
        ids = [page["id"] for page in version.content["pages"]]
        to = ids.index(page_id) + by if page_id in ids else 0
        services.move_page(version, page_id, to=to, **actor())

    return _step(questionnaire_id, page_id, move)


@bp.post("/<int:questionnaire_id>/pages/<page_id>/delete")
@requires(Permission.QUESTIONNAIRES_EDIT)
def delete_page(questionnaire_id: int, page_id: str) -> Response:
    """Without the page, which must be empty."""
    return _step(
        questionnaire_id,
        None,
        lambda version: services.delete_page(version, page_id, **actor()),
        deleted=True,
    )
