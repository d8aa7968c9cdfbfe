"""What every public page shares: the blueprint, rendering without a session, headers, compression, limits.

Pages are rendered past Flask's context processors, which ask who is signed in: nobody is here.
"""

import base64
import gzip
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

from flask import Blueprint, Response, current_app, g, request
from limits import RateLimitItemPerMinute
from markupsafe import Markup

from app.extensions import csrf
from app.queries.answers import Asker, present_asker
from app.rules.questionnaire import Questionnaire
from app.web.i18n import HTML_LANGS, OWN_NAMES
from app.web.throttle import within

# The address of a page, or the cookie of an open link, is what authorises a request; a foreign site knows neither.
# There is no session that a forged form could ride on, so a token in the form would guard nothing.
bp = Blueprint("answers", __name__)
csrf.exempt(bp)

WRONG_LINKS = RateLimitItemPerMinute(60)
PAGES_KEPT = 1024
COMPRESS_FROM = 600
NO_PAGE = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # RFC 1952: deflate, no time, slowest, unknown system
HOLE = "\ue000"  # a character for private use, which no wording holds


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page in both forms."""

    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, text: str, *, level: int = 6) -> "Page":
        """Encode and compress."""
        plain = text.encode("utf-8", "replace")
        return cls(plain, gzip.compress(plain, level, mtime=0))


class Framed:
    """A page with one hole that each person's own words fill.

    What stands around the hole is compressed once. A deflate stream is a row of blocks, so the words go between the
    two halves as a block of their own that is stored as it is (RFC 1951, 3.2.4).
    """

    def __init__(self, text: str) -> None:
        before, _, after = text.partition(HOLE)
        self._before, self._after = before.encode(), after.encode()
        packer = zlib.compressobj(9, wbits=-15)
        self._head = GZIP_HEAD + packer.compress(self._before) + packer.flush(zlib.Z_FULL_FLUSH)
        packer = zlib.compressobj(9, wbits=-15)
        self._tail = packer.compress(self._after) + packer.flush()
        self._sum = zlib.crc32(self._before)

    def fill(self, words: str) -> Page:
        """The page with `words` (at most 65,535 bytes) in the hole."""
        filling = words.encode()
        size = len(filling)
        block = b"\x00" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + filling
        plain = self._before + filling + self._after
        total = zlib.crc32(self._after, zlib.crc32(filling, self._sum))
        foot = total.to_bytes(4, "little") + (len(plain) & 0xFFFFFFFF).to_bytes(4, "little")
        return Page(plain, self._head + block + self._tail + foot)


Kept = TypeVar("Kept")


class PageStore(Generic[Kept]):
    """Pages that are the same for everybody, by what they depend on. The oldest goes when it is full."""

    def __init__(self, size: int, finish: Callable[[str], Kept]) -> None:
        self._size = size
        self._finish = finish
        self._pages: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = Lock()

    def look(self, key: Hashable) -> Kept | None:
        """The page under `key`, or None."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def get(self, key: Hashable, make: Callable[[], str]) -> Kept:
        """The page under `key`; made when it is not there."""
        page = self.look(key)
        if page is None:
            page = self._finish(make())
            with self._lock:
                self._pages[key] = page
                if len(self._pages) > self._size:
                    self._pages.popitem(last=False)
        return page


STORE: PageStore[Page] = PageStore(PAGES_KEPT, Page.of)
FRAMES: PageStore[Framed] = PageStore(PAGES_KEPT // 8, Framed)


@dataclass(frozen=True, slots=True)
class Inlined:
    """Style and script as elements of the page, so that a page is one request, and the policy that admits them."""

    style: Markup
    script: Markup
    policy: str


@cache
def inlined(static: str, frames: str) -> Inlined:
    """Read the two files once. Their hashes stand in the policy, so that a page can be kept: no nonce."""
    style = (Path(static) / "css" / "public.css").read_text("utf-8")
    script = (Path(static) / "js" / "answer.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
    )
    # unescaped: our own files, read from disk
    elements = (Markup(f"<style>{style}</style>"), Markup(f"<script>{script}</script>"))  # noqa: S704
    return Inlined(*elements, policy)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@bp.before_request
def _mark_public() -> None:
    g.public_page = True


def render(template: str, lang: str, *, asker: Asker, languages: tuple[str, ...], **context: Any) -> str:
    """Render a public page in a content language. `languages` are those that the switch offers."""
    g.language = lang
    switch = [{"code": code, "label": OWN_NAMES[code], "url": f"?lang={code}"} for code in languages]
    files = inlined(current_app.static_folder or "", _frames())
    return current_app.jinja_env.get_template(template).render(
        lang=lang,
        html_lang=HTML_LANGS[lang],
        firm=asker,
        languages=switch,
        style=files.style,
        script=files.script,
        **context,
    )


def _frames() -> str:
    # The builder shows the preview in a frame; a page that takes answers stands alone.
    return "'self'" if request.endpoint == "answers.preview" else "'none'"


def send(page: Page | str, status: int = 200) -> Response:
    """The answer that carries a page, compressed where the browser takes it."""
    body = Page.of(page, level=4) if isinstance(page, str) else page
    packs = "gzip" in request.headers.get("Accept-Encoding", "") and len(body.plain) >= COMPRESS_FROM
    response = Response(body.packed if packs else body.plain, status, mimetype="text/html")
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.headers.extend(page_headers(current_app.static_folder or "", _frames()))
    return response


def page_headers(static: str, frames: str = "'none'") -> list[tuple[str, str]]:
    """The headers by which a public page differs from others; the rest is in `web.headers`."""
    return [("Vary", "Accept-Encoding"), ("Content-Security-Policy", inlined(static, frames).policy)]


def go(address: str) -> Response:
    """Send the browser to the next page. Our script asks for the address alone, to survive a lost connection."""
    if request.headers.get("X-Heed-Save"):
        return Response(status=204, headers=[NO_PAGE, ("X-Heed-Next", address)])
    return Response(status=303, headers=[NO_PAGE, ("Location", address)])


def wrong_link() -> Response:
    """The one answer to every link that opens nothing. Only these are counted, never a good one."""
    asker = present_asker()
    lang = language_of(("zh", "en"), "zh")
    if not within(WRONG_LINKS, "wrong-link"):
        text = render("answers/too_many.html", lang, asker=asker, languages=())
        response = send(text, 429)
        response.headers["Retry-After"] = "60"
        return response
    key = ("wrong", lang, asker)
    return send(
        STORE.get(key, lambda: render("answers/wrong.html", lang, asker=asker, languages=("zh", "en"))), 404
    )


def language_of(offered: tuple[str, ...], otherwise: str, *known: str) -> str:
    """The language of the page: asked for in the address, then what is `known`, then the browser's, then `otherwise`."""
    for code in (request.args.get("lang", ""), *known):
        if code in offered and code in OWN_NAMES:
            return code
    if not any(known):
        accepted = request.accept_languages.best_match(offered)
        if accepted:
            return accepted
    return otherwise if otherwise in OWN_NAMES else next(iter(OWN_NAMES))


def offered_languages(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The questionnaire's languages that Heed has words for."""
    return tuple(code for code in questionnaire.languages if code in OWN_NAMES)
