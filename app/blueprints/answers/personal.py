"""Personal links from mails: /s/<token>. Opening one changes nothing; only a button does."""

from flask import Response

from app import clock
from app.blueprints.answers import walk
from app.blueprints.answers.site import bp, go, wrong_link
from app.queries.answers import Entry, personal_entry, personal_key
from app.queries.links import link_key
from app.queries.wire import present_wire
from app.rules.links import Purpose, nonce_of
from app.rules.links import token as link_token
from app.services import answers
from app.web.access import public


def _visit(token: str) -> walk.Visit | None:
    wire = present_wire()
    entry = personal_entry(wire, token)
    return None if entry is None else walk.visit(wire, entry, f"/s/{token}")


def _unsubscribe_path(entry: Entry, token: str) -> str:
    return "/u/" + link_token(link_key(), Purpose.UNSUBSCRIBE, entry.link_id, nonce_of(token) or b"")


@bp.get("/s/<token>", strict_slashes=False)
@public
def start(token: str) -> Response:
    """The first screen."""
    here = _visit(token)
    if here is None:
        return wrong_link()
    return walk.first_screen(here, clock.now(), unsubscribe=_unsubscribe_path(here.entry, token))


@bp.post("/s/<token>", strict_slashes=False)
@public
def begin(token: str) -> Response:
    """Open the draft, or find it again, and go to the first page that is left."""
    here = _visit(token)
    if here is None:
        return wrong_link()
    now, entry = clock.now(), here.entry
    # Whoever declined may think better of it.
    blocked = walk.obstacle(here._replace(entry=entry._replace(declined=False)), now)
    if blocked is not None:
        return blocked
    answers.start(here.wire, entry, key=personal_key(here.wire, token), language=here.lang, now=now)
    return walk.first_page(here, entry.kept)


@bp.get("/s/<token>/<page_id>")
@public
def page(token: str, page_id: str) -> Response:
    """One page of questions."""
    here = _visit(token)
    return wrong_link() if here is None else walk.show_page(here, page_id, clock.now())


@bp.post("/s/<token>/<page_id>")
@public
def save(token: str, page_id: str) -> Response:
    """Save one page."""
    return walk.save_as_it_is(lambda: _visit(token), page_id, clock.now())


@bp.get("/s/<token>/done")
@public
def done(token: str) -> Response:
    """Thanks and receipt."""
    here = _visit(token)
    return wrong_link() if here is None else walk.done(here, clock.now())


@bp.post("/s/<token>/call")
@public
def call(token: str) -> Response:
    """The wish to be called."""
    here = _visit(token)
    return wrong_link() if here is None else walk.ask_for_call(here, clock.now())


@bp.post("/s/<token>/decline")
@public
def decline(token: str) -> Response:
    """No answer to this survey, and no reminder of it."""
    here = _visit(token)
    if here is None:
        return wrong_link()
    answers.decline(here.wire, here.entry, now=clock.now())
    return go(here.base)
