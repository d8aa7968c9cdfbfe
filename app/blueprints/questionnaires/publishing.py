"""Publishing a draft, and the versions there are."""

from flask import Response, flash, request
from flask_babel import gettext as _

from app.blueprints.questionnaires import sentences
from app.blueprints.questionnaires.differences import compare
from app.blueprints.questionnaires.screens import Builder
from app.blueprints.questionnaires.site import actor, bp, draft, go, posted_version, whole_number
from app.blueprints.questionnaires.wording import TYPE_NAMES
from app.errors import Refused, Stale
from app.models import Questionnaire, QuestionnaireVersion
from app.queries import questionnaires as queries
from app.rules.permissions import Permission
from app.rules.questionnaire import parse
from app.services import questionnaires as services
from app.web.access import requires
from app.web.fragments import render
from app.web.i18n import page_language


@bp.get("/<int:questionnaire_id>/publish")
@requires(Permission.QUESTIONNAIRES_EDIT)
def publish_page(questionnaire_id: int) -> Response:
    """What publishing means, and what stands in its way."""
    return _publish_page(*draft(questionnaire_id))


def _publish_page(
    questionnaire: Questionnaire, version: QuestionnaireVersion, *, refused: str = "", status: int = 200
) -> Response:
    builder = Builder(questionnaire, version, None, page_language())
    return render("questionnaires/publish.html", builder=builder, refused=refused, status=status)


@bp.post("/<int:questionnaire_id>/publish")
@requires(Permission.QUESTIONNAIRES_EDIT)
def publish(questionnaire_id: int) -> Response:
    """Freeze the draft."""
    questionnaire, version = draft(questionnaire_id)
    try:
        services.publish(version, expected_version=posted_version(), **actor())
    except Refused:
        return _publish_page(questionnaire, version, status=409)
    except Stale:
        words = _("The draft was changed after you opened this page. Look at it once more, then publish.")
        return _publish_page(questionnaire, version, refused=words, status=409)
    flash(_("Version %(number)s is published and can be sent now.", number=version.number), "success")
    return go("versions", questionnaire_id=questionnaire_id)


@bp.get("/<int:questionnaire_id>/versions")
@requires(Permission.QUESTIONNAIRES_READ)
def versions(questionnaire_id: int) -> Response:
    """All versions, the newest first."""
    questionnaire = queries.get(questionnaire_id)
    return render(
        "questionnaires/versions.html",
        questionnaire=questionnaire,
        versions=list(reversed(questionnaire.versions)),
        draft=queries.draft_of(questionnaire),
        used=queries.surveys_by_version(questionnaire),
    )


@bp.post("/<int:questionnaire_id>/versions")
@requires(Permission.QUESTIONNAIRES_EDIT)
def start_draft(questionnaire_id: int) -> Response:
    """Go on editing: draft n+1 from the newest published version."""
    try:
        services.start_draft(queries.get(questionnaire_id), **actor())
    except Refused:
        flash(_("There is a draft already; here it is."), "info")
    return go("edit", questionnaire_id=questionnaire_id)


@bp.post("/<int:questionnaire_id>/discard")
@requires(Permission.QUESTIONNAIRES_EDIT)
def discard_draft(questionnaire_id: int) -> Response:
    """Throw the draft away; the published version stays."""
    _questionnaire, version = draft(questionnaire_id)
    services.discard_draft(version, **actor())
    return go("versions", questionnaire_id=questionnaire_id)


@bp.get("/<int:questionnaire_id>/versions/<int:number>")
@requires(Permission.QUESTIONNAIRES_READ)
def read(questionnaire_id: int, number: int) -> Response:
    """One version to read."""
    questionnaire = queries.get(questionnaire_id)
    version = queries.get_version(questionnaire, number)
    content = parse(version.content)
    lang = page_language()
    return render(
        "questionnaires/read.html",
        builder=Builder(questionnaire, version, None, lang),
        questionnaire=questionnaire,
        version=version,
        content=content,
        type_names=TYPE_NAMES,
        conditions={one.id: sentences.condition(content, one.show_if, lang) for one in content.questions},
        draft=queries.draft_of(questionnaire),
    )


@bp.get("/<int:questionnaire_id>/compare")
@requires(Permission.QUESTIONNAIRES_READ)
def compare_versions(questionnaire_id: int) -> Response:
    """What changed between two versions, in words."""
    questionnaire = queries.get(questionnaire_id)
    numbers = [one.number for one in questionnaire.versions]
    new = whole_number(request.args.get("new")) or numbers[-1]
    old = whole_number(request.args.get("old")) or max([n for n in numbers if n < new], default=new)
    before, after = (queries.get_version(questionnaire, number) for number in (old, new))
    return render(
        "questionnaires/compare.html",
        questionnaire=questionnaire,
        old=before,
        new=after,
        numbers=numbers,
        groups=compare(parse(before.content), parse(after.content), page_language()),
    )
