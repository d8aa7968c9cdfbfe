"""Walking through a questionnaire: what a visit shows and stores, whichever kind of link began it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, request

from app.blueprints.answers.site import (
    FRAMES,
    HOLE,
    STORE,
    go,
    language_of,
    offered_languages,
    render,
    send,
    wrong_link,
)
from app.errors import Stale
from app.queries.answers import Entry, Facts, Kept, facts, questionnaire_of
from app.queries.wire import Wire
from app.rules.answers import (
    OTHER_FIELD,
    OTHER_KEY,
    FieldError,
    page_path,
    previous_page,
    progress,
    receipt_number,
    visible_questions,
)
from app.rules.follow_ups import is_low
from app.rules.questionnaire import Page, Question, Questionnaire, estimate_minutes
from app.rules.respondents import CALLBACK_KEY, Opening, opening, routes, unfinished_page
from app.services import answers

Fields = dict[str, list[str]]
# In the address of a form that comes only to be shown in another language.
TYPED = "typed"
LOOKS = 5
LONGEST_PHONE = 40
LONGEST_WORDS = 500


class Visit(NamedTuple):
    """One request to an entry: `base` is the link's own path, below which its pages lie."""

    wire: Wire
    entry: Entry
    base: str
    questionnaire: Questionnaire
    lang: str

    def screen(self, template: str, status: int = 200, **context: Any) -> Response:
        """One of the plain pages: first screen, thanks, or what stands in the way."""
        return send(self.draw(template, **context), status)

    def draw(self, template: str, **context: Any) -> str:
        """The text of a plain page."""
        return render(
            f"answers/{template}.html",
            self.lang,
            asker=self.entry.asker,
            languages=offered_languages(self.questionnaire),
            entry=self.entry,
            base=self.base,
            questionnaire=self.questionnaire,
            say=self.say,
            **context,
        )

    def say(self, text: Any) -> str:
        """A text of the questionnaire in the page's language."""
        return self.questionnaire.say(text, self.lang)


def visit(wire: Wire, entry: Entry, base: str) -> Visit:
    """Load the questionnaire and settle the language."""
    questionnaire = questionnaire_of(wire, entry.version_id, entry.content_hash)
    known = (entry.kept.language if entry.kept else "", entry.language)
    lang = language_of(offered_languages(questionnaire), questionnaire.default_language, *known)
    return Visit(wire, entry, base, questionnaire, lang)


def obstacle(here: Visit, now: datetime) -> Response | None:
    """The page that is shown instead: already answered, declined, closed, paused, not open yet."""
    entry = here.entry
    if entry.finished or (entry.kept and entry.kept.complete):
        return here.screen("used", receipt=_receipt(entry.kept))
    state = opening(entry.state, entry.opens_at, entry.closes_at, now)
    if state is Opening.OPEN:
        return here.screen("declined") if entry.declined else None
    template, status = {
        Opening.CLOSED: ("closed", 410),
        Opening.PAUSED: ("paused", 200),
        Opening.NOT_YET: ("not_yet", 200),
    }[state]
    return here.screen(template, status, begun=bool(entry.kept and entry.kept.answers), now=now)


def _receipt(kept: Kept | None) -> str | None:
    return receipt_number(kept.id) if kept else None


def first_screen(here: Visit, now: datetime, *, status: int = 200, **extra: Any) -> Response:
    """Who asks, why me, how long, until when, who will see it, whom to ask, how not to be asked again."""
    blocked = obstacle(here, now)
    if blocked is not None:
        return blocked
    about: Facts = facts(here.entry)
    questions = [q for page in page_path(here.questionnaire, {}) for q in page.questions if q.codes]
    minutes = here.questionnaire.minutes or estimate_minutes(here.questionnaire)
    context = {"facts": about, "minutes": minutes, "count": len(questions), "unsubscribe": None, "form": None}
    return here.screen("start", status, **(context | extra))


def first_page(here: Visit, kept: Kept | None) -> Response:
    """Go to where the respondent stopped, or to the beginning."""
    given, seen = (kept.answers, kept.seen) if kept else ({}, frozenset())
    # Everything saved but never sent: the last page has the button that sends.
    page = unfinished_page(here.questionnaire, given, seen) or previous_page(here.questionnaire, None, given)
    return go(f"{here.base}/{page.id}" if page else here.base)


def show_page(here: Visit, page_id: str, now: datetime) -> Response:
    """One page with the answers given so far; a page not on the way leads to the one that is."""
    blocked = obstacle(here, now)
    if blocked is not None:
        return blocked
    kept, page = here.entry.kept, here.questionnaire.page(page_id)
    if kept is None or page is None:
        return go(here.base)
    earlier = unfinished_page(here.questionnaire, kept.answers, kept.seen, before=page)
    shown = visible_questions(here.questionnaire, page, kept.answers)
    if earlier is not None or not shown:
        return first_page(here, kept)
    return send(_page(here, kept, page, shown))


def _page(here: Visit, kept: Kept, page: Page, shown: tuple[Question, ...]) -> Any:
    """A page not answered yet is the same for everybody who gets there, so it is made once and kept."""
    key = page_key(here, kept, page, shown)
    if key is None:
        return draw_page(here, page, shown, as_fields(shown, kept.answers), kept=kept)
    return STORE.get(key, lambda: draw_page(here, page, shown, {}, kept=kept))


def page_key(here: Visit, kept: Kept, page: Page, shown: tuple[Question, ...]) -> tuple[Any, ...] | None:
    """All that an unanswered page depends on; None for a page that holds answers or is not frozen."""
    if not here.entry.content_hash or any(
        kept.answers.get(code) is not None for q in shown for code in q.codes
    ):
        return None
    same = (here.entry.content_hash, page.id, here.lang, here.entry.asker, kept.revision > 0)
    if not routes(here.questionnaire):
        return same
    where = progress(here.questionnaire, page, kept.answers)
    position = (where.first, where.last, where.total, where.exact)
    return (*same, tuple(question.id for question in shown), position, _back(here, page, kept.answers))


def _back(here: Visit, page: Page, given: dict[str, Any]) -> str:
    before = previous_page(here.questionnaire, page, given)
    return before.id if before else ""


def draw_page(
    here: Visit,
    page: Page,
    shown: tuple[Question, ...],
    fields: Fields,
    *,
    kept: Kept,
    errors: dict[str, FieldError] | None = None,
    **extra: Any,
) -> str:
    """Render one page of questions. `fields` holds what is typed, by field name."""
    context = {
        "page": page,
        "shown": shown,
        "given": fields,
        "errors": errors or {},
        "where": progress(here.questionnaire, page, kept.answers),
        "saved": kept.revision > 0,
        "back": _back(here, page, kept.answers),
        "questionnaire": here.questionnaire,
        "say": here.say,
        "carried": None,
        "action": "",
    }
    return render(
        "answers/page.html",
        here.lang,
        asker=here.entry.asker,
        languages=offered_languages(here.questionnaire),
        **(context | extra),
    )


def save_as_it_is(visit_now: Callable[[], Visit | None], page_id: str, now: datetime) -> Response:
    """As `save`. A page that was sent twice at once is looked at again when the other one has been stored first:
    on PostgreSQL both have read the answers before."""
    for more in reversed(range(LOOKS)):
        here = visit_now()
        if here is None:
            return wrong_link()
        try:
            return save(here, page_id, now)
        except Stale:
            if not more:
                raise
    raise AssertionError("the last look returns or raises")


def save(here: Visit, page_id: str, now: datetime) -> Response:
    """Store the posted page and go on, or show it again with what is missing. The last page completes."""
    kept = here.entry.kept
    if kept is not None and kept.complete:
        return go(f"{here.base}/done")
    blocked = obstacle(here, now)
    if blocked is not None:
        return blocked
    page = here.questionnaire.page(page_id)
    if kept is None or page is None:
        return go(here.base)
    fields = request.form.to_dict(flat=False)
    if TYPED in request.args:
        return _in_other_words(here, kept, page, fields)
    saved = answers.save_page(
        here.wire,
        here.entry,
        kept,
        page,
        questionnaire=here.questionnaire,
        fields=fields,
        language=here.lang,
        now=now,
    )
    if saved.complete:
        return go(f"{here.base}/done")
    if saved.page is not None:
        return go(f"{here.base}/{saved.page.id}")
    merged = {**kept.answers, **saved.cleaned.values}
    shown = visible_questions(here.questionnaire, page, merged)
    drawn = kept._replace(answers=merged)
    return send(draw_page(here, page, shown, fields, kept=drawn, errors=saved.cleaned.errors), 422)


def _in_other_words(here: Visit, kept: Kept, page: Page, fields: Fields) -> Response:
    """The page in another language with everything that is typed; nothing is checked or saved by it."""
    shown = visible_questions(here.questionnaire, page, kept.answers)
    return send(draw_page(here, page, shown, fields, kept=kept, action=f"?lang={here.lang}"))


def done(here: Visit, now: datetime) -> Response:
    """Thanks, the receipt, what happens next, and the wish to be called."""
    kept = here.entry.kept
    if kept is None or not kept.complete:
        return go(here.base)
    return _thanks(here, kept, now)


def _thanks(here: Visit, kept: Kept, now: datetime, *, status: int = 200, error: bool = False) -> Response:
    entry, wish = here.entry, kept.answers.get(CALLBACK_KEY)
    may_ask = opening(entry.state, entry.opens_at, entry.closes_at, now) is Opening.OPEN
    words = {
        "wish": wish,
        "may_ask": may_ask,
        "error": error,
        "low": is_low(*entry.follow_up, kept.answers),
        "reachable": _is_reachable(entry),
    }
    key = thanks_key(here, kept)
    if key is None or error or not may_ask:
        return here.screen("done", status, receipt=receipt_number(kept.id), **words)
    frame = FRAMES.get(key, lambda: here.draw("done", receipt=HOLE, **words))
    return send(frame.fill(receipt_number(kept.id)))


def thanks_key(here: Visit, kept: Kept) -> tuple[Any, ...] | None:
    """All that the thanks depend on but the receipt; None when they are this person's own in more than that."""
    if not here.entry.content_hash or CALLBACK_KEY in kept.answers:
        return None
    entry = here.entry
    low = is_low(*entry.follow_up, kept.answers)
    return ("done", entry.content_hash, here.lang, entry.asker, entry.anonymous, low, _is_reachable(entry))


def _is_reachable(entry: Entry) -> bool:
    """Whether we know where to reach whoever answers; in an anonymous survey nobody knows who that is."""
    return entry.personal and not entry.anonymous


def ask_for_call(here: Visit, now: datetime) -> Response:
    """Store the wish to be called after a finished answer."""
    kept = here.entry.kept
    if kept is None or not kept.complete:
        return go(here.base)
    phone = " ".join(request.form.get("phone", "").split())[:LONGEST_PHONE]
    words = request.form.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    known = _is_reachable(here.entry) and is_low(*here.entry.follow_up, kept.answers)
    if sum(character.isdigit() for character in phone) < 5 and (phone or not known):
        return _thanks(here, kept, now, status=422, error=True)
    if opening(here.entry.state, here.entry.opens_at, here.entry.closes_at, now) is Opening.OPEN:
        answers.ask_for_call(here.wire, here.entry, kept, phone=phone, words=words, now=now)
    return go(f"{here.base}/done")


def as_fields(shown: tuple[Question, ...], given: dict[str, Any]) -> Fields:
    """Stored answers in the form in which a browser would post them."""
    fields: Fields = {}
    for question in shown:
        for code in question.codes:
            value = given.get(code)
            if value is not None:
                fields[code] = [str(one) for one in value] if isinstance(value, list) else [str(value)]
            other = given.get(code + OTHER_KEY)
            if other:
                fields[code + OTHER_FIELD] = [str(other)]
    return fields
