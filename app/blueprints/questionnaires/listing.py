"""The list of questionnaires, the three doors to a new one, and the archive."""

from flask import Response, abort, request
from flask_babel import gettext as _

from app.blueprints.questionnaires.site import LANGUAGES, actor, bp, chosen_system, go, plain, storable
from app.blueprints.questionnaires.wording import REMARKS, TYPE_NAMES
from app.queries import questionnaires as queries
from app.rules import library
from app.rules.permissions import Permission
from app.rules.questionnaire import parse
from app.rules.questionnaire.pasting import LONGEST_TEXT, Pasted, paste
from app.services import questionnaires as services
from app.web.access import requires
from app.web.fragments import render
from app.web.i18n import page_language

LONGEST_TITLE = 200


@bp.get("/")
@requires(Permission.QUESTIONNAIRES_READ)
def index() -> Response:
    """All questionnaires, or those put away."""
    archived = request.args.get("archived") == "1"
    return render(
        "questionnaires/index.html",
        lines=queries.listing(archived=archived),
        archived=archived,
        archived_count=queries.count_archived(),
    )


@bp.get("/new")
@requires(Permission.QUESTIONNAIRES_EDIT)
def new() -> Response:
    """Three doors: template, pasted text, blank."""
    return _new()


def _new(*, title: str = "", error: str = "", status: int = 200) -> Response:
    return render(
        "questionnaires/new.html",
        templates=library.templates(),
        systems=queries.systems(),
        title_typed=title,
        title_error=error,
        status=status,
    )


@bp.get("/templates/<key>")
@requires(Permission.QUESTIONNAIRES_READ)
def template(key: str) -> Response:
    """A template to read before it is used."""
    try:
        chosen = library.template(key)
    except KeyError:
        abort(404)
    return render(
        "questionnaires/template.html",
        chosen=chosen,
        questionnaire=chosen.questionnaire,
        type_names=TYPE_NAMES,
        systems=queries.systems(),
    )


@bp.post("/new/template")
@requires(Permission.QUESTIONNAIRES_EDIT)
def use_template() -> Response:
    """A questionnaire of one's own from a template."""
    try:
        made = services.create_from_template(
            request.form.get("template", ""), system=chosen_system(), **actor()
        )
    except KeyError:
        abort(404)
    return go("edit", questionnaire_id=made.id)


@bp.post("/new/blank")
@requires(Permission.QUESTIONNAIRES_EDIT)
def start_blank() -> Response:
    """An empty questionnaire with a title."""
    title = plain(request.form.get("title"))
    if not title or len(title) > LONGEST_TITLE:
        error = _("Give the questionnaire a title of at most 200 characters.")
        return _new(title=title[:2000], error=error, status=422)
    lang = page_language()
    made = services.create_blank({lang: title}, default_language=lang, system=chosen_system(), **actor())
    return go("edit", questionnaire_id=made.id)


@bp.route("/new/paste", methods=["GET", "POST"])
@requires(Permission.QUESTIONNAIRES_EDIT)
def new_from_text() -> Response:
    """Paste a questionnaire: first see what was understood, then make it."""
    text = storable(request.form.get("text", "")[: LONGEST_TEXT + 1])
    language = request.form.get("language", page_language())
    language = language if language in LANGUAGES else "zh"
    title = plain(request.form.get("title"))[:LONGEST_TITLE]
    if request.method == "GET":
        return _paste_page(text, language, title, None)
    pasted = paste(text, language=language)
    if title:
        pasted.content["title"] = {**pasted.content["title"], language: title}
    missing_title = not any(pasted.content["title"].values())
    if "create" not in request.form or not pasted.count or missing_title:
        refused = "create" in request.form
        return _paste_page(
            text, language, title, pasted, untitled=missing_title, status=422 if refused else 200
        )
    made = services.create_from_content(pasted.content, system=chosen_system(), **actor())
    return go("edit", questionnaire_id=made.id)


def _paste_page(
    text: str,
    language: str,
    title: str,
    pasted: Pasted | None,
    *,
    untitled: bool = False,
    status: int = 200,
) -> Response:
    return render(
        "questionnaires/paste.html",
        fragment="understood",
        text=text,
        language=language,
        title_typed=title,
        pasted=pasted,
        understood=parse(pasted.content) if pasted else None,
        untitled=untitled,
        remarks=REMARKS,
        type_names=TYPE_NAMES,
        systems=queries.systems(),
        status=status,
    )


@bp.post("/<int:questionnaire_id>/archive")
@requires(Permission.QUESTIONNAIRES_EDIT)
def archive(questionnaire_id: int) -> Response:
    """Put a questionnaire away."""
    services.archive(queries.get(questionnaire_id), **actor())
    return go("index")


@bp.post("/<int:questionnaire_id>/unarchive")
@requires(Permission.QUESTIONNAIRES_EDIT)
def unarchive(questionnaire_id: int) -> Response:
    """Take it out again."""
    services.restore_from_archive(queries.get(questionnaire_id), **actor())
    return go("index")
