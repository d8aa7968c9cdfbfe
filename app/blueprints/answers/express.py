"""The express lane: the ordinary steps of a personal link, answered before the framework is asked.

Reading an unanswered page, starting, saving a page that is filled in properly and the thanks are nearly all requests
of the product's life, and the framework costs more there than the work (docs/decisions/0005). This lane
calls the same queries, rules and services with the same statements. Whatever is not ordinary (a wrong link, an error
in the form, a page with answers in it, a closed survey, any exception) is left to the views, untouched.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from flask import Flask
from sqlalchemy.engine import Engine

from app import clock
from app.blueprints.answers import walk
from app.blueprints.answers.site import (
    COMPRESS_FROM,
    FRAMES,
    NO_PAGE,
    STORE,
    Page,
    offered_languages,
    page_headers,
)
from app.extensions import db
from app.queries.answers import personal_entry, personal_key, questionnaire_of
from app.queries.wire import Wire, keys_of
from app.rules.answers import receipt_number, visible_questions
from app.rules.links import TOKEN_LENGTH
from app.rules.respondents import Opening, opening, unfinished_page
from app.services import answers
from app.web import lanes, transactions
from app.web.headers import plain_headers
from app.web.lanes import Answer
from app.web.transactions import GiveUp, Work

PREFIX = "/s/"
LARGEST_FORM = 64 * 1024
MOST_FIELDS = 1000
FORM_TYPE = "application/x-www-form-urlencoded"


def install(app: Flask) -> None:
    """Put the lane in front of the application."""
    with app.app_context():
        engine = db.engine
    lanes.install(app, Express(app, engine))


class Step(NamedTuple):
    """Where the person goes next, and what stores the step before."""

    following: str
    store: Callable[[Wire], None]


class Express:
    """The lane (`web.lanes.Lane`)."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        self.engine = engine
        self._keys = keys_of(app.config["SECRET_KEY"])
        self._static = app.static_folder or ""
        self._common = plain_headers(app)

    def prepare(self, environ: dict[str, Any]) -> Answer | None:
        """The answer to an ordinary request; None for any other, and for whatever goes wrong."""
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return None
        token, _, place = path.removeprefix(PREFIX).partition("/")
        method = environ["REQUEST_METHOD"]
        if len(token) != TOKEN_LENGTH or not token.isascii() or "/" in place or place == "call":
            return None
        # An exception is not swallowed: the views do the same again, fail in the same way and say so.
        with suppress(Exception):
            if method == "GET" and place and not environ.get("QUERY_STRING"):
                return self._read(environ, token, place)
            if method == "POST" and place != "decline" and _surely_ours(environ):
                return self._write(environ, token, place)
        return None

    def _visit(self, environ: dict[str, Any], cursor: Any, token: str) -> walk.Visit:
        wire = Wire(cursor, self.engine.dialect, self._keys, writing=False)
        entry = personal_entry(wire, token)
        if entry is None:
            raise GiveUp
        questionnaire = questionnaire_of(wire, entry.version_id, entry.content_hash)
        asked = environ.get("QUERY_STRING", "").removeprefix("lang=")
        lang = asked or (entry.kept.language if entry.kept else entry.language)
        open_now = opening(entry.state, entry.opens_at, entry.closes_at, clock.now()) is Opening.OPEN
        if not open_now or entry.declined or lang not in offered_languages(questionnaire):
            raise GiveUp
        return walk.Visit(wire, entry, PREFIX + token, questionnaire, lang)

    def _read(self, environ: dict[str, Any], token: str, place: str) -> Answer | None:
        found: Page | None = None
        with transactions.reading(self.engine) as cursor:
            here = self._visit(environ, cursor, token)
            found = self._thanks(here) if place == "done" else self._page(here, place)
        return None if found is None else self._send(environ, found)

    def _page(self, here: walk.Visit, place: str) -> Page | None:
        kept, page = here.entry.kept, here.questionnaire.page(place)
        if kept is None or page is None or kept.complete or here.entry.finished:
            return None
        if unfinished_page(here.questionnaire, kept.answers, kept.seen, before=page) is not None:
            return None
        shown = visible_questions(here.questionnaire, page, kept.answers)
        key = walk.page_key(here, kept, page, shown) if shown else None
        return None if key is None else STORE.look(key)

    def _thanks(self, here: walk.Visit) -> Page | None:
        kept = here.entry.kept
        key = walk.thanks_key(here, kept) if kept is not None and kept.complete else None
        frame = None if key is None else FRAMES.look(key)
        return None if frame is None or kept is None else frame.fill(receipt_number(kept.id))

    def _write(self, environ: dict[str, Any], token: str, place: str) -> Answer | None:
        fields = _fields(environ)
        if fields is None:
            return None
        step: Step | None = None
        with transactions.reading(self.engine) as cursor:
            here = self._visit(environ, cursor, token)
            step = self._judged(here, place, fields) if place else self._begun(here, token)
        return None if step is None else self._storing(environ, here.wire, step)

    def _storing(self, environ: dict[str, Any], wire: Wire, step: Step) -> Answer:
        # Stored in its turn among the writers: all the thinking was done while others were saving.
        def work(cursor: Any) -> None:
            step.store(wire._replace(cursor=cursor, writing=True))

        return self._go(environ, step.following, work)

    def _begun(self, here: walk.Visit, token: str) -> Step:
        entry = here.entry
        page = unfinished_page(here.questionnaire, {}, ())
        if entry.kept is not None or entry.finished or page is None:
            raise GiveUp
        now = clock.now()
        draft = answers.new_draft(
            here.wire, entry, key=personal_key(here.wire, token), language=here.lang, now=now
        )
        return Step(f"{here.base}/{page.id}", lambda wire: answers.open_draft(wire, entry, draft, now=now))

    def _judged(self, here: walk.Visit, place: str, fields: dict[str, list[str]]) -> Step:
        kept, page = here.entry.kept, here.questionnaire.page(place)
        if kept is None or page is None or kept.complete or here.entry.finished:
            raise GiveUp
        saved = answers.judge_page(
            here.entry, kept, page,
            questionnaire=here.questionnaire, fields=fields, language=here.lang, now=clock.now(),
        )  # fmt: skip
        if not saved.cleaned.ok:
            raise GiveUp
        following = f"{here.base}/{'done' if saved.page is None else saved.page.id}"
        return Step(following, lambda wire: answers.store(wire, here.entry, saved))

    def _send(self, environ: dict[str, Any], page: Page) -> Answer:
        headers = [*self._common, *page_headers(self._static), ("Content-Type", "text/html; charset=utf-8")]
        if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", "") or len(page.plain) < COMPRESS_FROM:
            return Answer("200 OK", [*headers, _length(page.plain)], page.plain)
        return Answer("200 OK", [*headers, ("Content-Encoding", "gzip"), _length(page.packed)], page.packed)

    def _go(self, environ: dict[str, Any], address: str, work: Work) -> Answer:
        headers = [*self._common, NO_PAGE, _length(b"")]
        if environ.get("HTTP_X_HEED_SAVE"):
            return Answer("204 NO CONTENT", [*headers, ("X-Heed-Next", address)], b"", work)
        return Answer("303 SEE OTHER", [*headers, ("Location", address)], b"", work)


def _length(body: bytes) -> tuple[str, str]:
    return "Content-Length", str(len(body))


def _surely_ours(environ: dict[str, Any]) -> bool:
    """Whether no other site caused the request, as far as the browser says; in doubt `web.origin` decides."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    return environ.get("HTTP_ORIGIN") in (None, "null") if site is None else site in ("same-origin", "none")


def _fields(environ: dict[str, Any]) -> dict[str, list[str]] | None:
    """The posted fields; None for a form out of the ordinary. The body can be read once more afterwards."""
    length = environ.get("CONTENT_LENGTH") or "0"
    # Another server than ours lets bodies in chunks pass, without a length: the framework reads them to their end.
    if "HTTP_TRANSFER_ENCODING" in environ or not length.isdigit() or int(length) > LARGEST_FORM:
        return None
    if length != "0" and not environ.get("CONTENT_TYPE", "").startswith(FORM_TYPE):
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
