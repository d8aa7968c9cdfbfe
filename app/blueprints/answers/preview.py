"""The same pages for staff, before anybody is asked. Nothing is stored: earlier answers travel in the form."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request

from app.blueprints.answers.site import bp, go, language_of, offered_languages, render, send
from app.blueprints.answers.walk import Visit, as_fields, draw_page
from app.queries.answers import Entry, Kept, present_asker, version_content
from app.queries.wire import present_wire
from app.rules.answers import clean_page, next_page, page_path, visible_questions
from app.rules.permissions import Permission
from app.rules.questionnaire import ContentError, Page, Questionnaire, parse
from app.web.access import requires

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@bp.route("/preview/<int:version_id>/<place>", methods=["GET", "POST"])
@requires(Permission.QUESTIONNAIRES_READ)
def preview(version_id: int, place: str) -> Response:
    """Show one page (by id, or by number from 1), or check what was filled in and show the next."""
    content = version_content(version_id)
    if content is None:
        abort(404)
    try:
        questionnaire = parse(content)
    except ContentError:
        return _plain("unfinished")
    page = _find(questionnaire, place)
    if page is None:
        return _plain("unfinished") if not questionnaire.pages else go(f"/preview/{version_id}/1")
    here = _visit(version_id, questionnaire)
    return _check(here, page) if request.method == "POST" else _show(here, page, {})


def _find(questionnaire: Questionnaire, place: str) -> Page | None:
    page = questionnaire.page(place)
    if page is None and place.isascii() and place.isdigit() and len(place) < 6:
        number = int(place)
        page = questionnaire.pages[number - 1] if 1 <= number <= len(questionnaire.pages) else None
    return page


def _visit(version_id: int, questionnaire: Questionnaire) -> Visit:
    entry = Entry(
        personal=False, link_id=0, survey_id=0, state="preview", anonymous=False, opens_at=NEVER, closes_at=NEVER,
        language="", channel="", unit_id=None, declined=False, finished=False, version_id=version_id,
        content_hash=None, asker=present_asker(), kept=None,
    )  # fmt: skip
    lang = language_of(
        offered_languages(questionnaire), questionnaire.default_language, request.form.get("#lang", "")
    )
    return Visit(present_wire(), entry, f"/preview/{version_id}", questionnaire, lang)


def _check(here: Visit, page: Page) -> Response:
    given = _carried()
    fields = request.form.to_dict(flat=False)
    cleaned = clean_page(here.questionnaire, page, fields, here.lang, answers=given)
    merged = {**given, **cleaned.values}
    if not cleaned.ok:
        return _show(here, page, merged, fields=fields, errors=cleaned.errors)
    following = next_page(here.questionnaire, page, merged)
    return _plain("finished", here) if following is None else _show(here, following, merged)


def _carried() -> dict[str, Any]:
    """Answers of earlier pages, as far as they can be read; only routing looks at them."""
    try:
        carried = json.loads(request.form.get("#carried", "{}"))
    except (ValueError, RecursionError):
        return {}
    plain = (str, int, list, type(None))
    return {k: v for k, v in carried.items() if isinstance(v, plain)} if isinstance(carried, dict) else {}


def _show(here: Visit, page: Page, given: dict[str, Any], **extra: Any) -> Response:
    shown = visible_questions(here.questionnaire, page, given)
    if not shown and not page_path(here.questionnaire, given):
        return _plain("unfinished", here)
    # In the builder a page is also looked at out of order: what routing would hide is shown all the same.
    shown = shown or page.questions
    fields = extra.pop("fields", None) or as_fields(shown, given)
    kept = Kept(0, "draft", here.lang, given, [], 0, NEVER)
    carried = {"answers": json.dumps(given), "lang": here.lang, "action": f"{here.base}/{page.id}"}
    text = draw_page(here, page, shown, fields, kept=kept, carried=carried, **extra)
    return send(text, 422 if extra.get("errors") else 200)


def _plain(state: str, here: Visit | None = None) -> Response:
    lang = here.lang if here else language_of(("zh", "en"), "zh")
    restart = f"{here.base}/1?lang={lang}" if here else ""
    return send(
        render(
            "answers/preview.html", lang, asker=present_asker(), languages=(), state=state, restart=restart
        )
    )
