"""What these pages share: the blueprint, their language, their rendering, and the answer to a wrong link."""

from typing import Any

from flask import Blueprint, Response, g, request
from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from app.extensions import csrf
from app.rules import attachments
from app.web.firm import present_firm
from app.web.fragments import render as render_page
from app.web.i18n import OWN_NAMES
from app.web.throttle import within

# A secret link, or a form that was signed for its page, is what authorises a request: there is no session that a forged
# one could ride on. What another site causes is refused by `web.origin` all the same.
bp = Blueprint("intake", __name__)
csrf.exempt(bp)

WRONG_LINKS = RateLimitItemPerMinute(60)
# Generous, because a whole shop may share one address; each sending may bring twenty megabytes.
SENDINGS = (RateLimitItemPerMinute(20), RateLimitItemPerHour(200))


@bp.before_request
def _mark_public() -> None:
    g.public_page = True
    g.language = language_of()


def language_of(known: str = "") -> str:
    """The language of the page: asked for in the address, then what is `known` of the customer, then the browser's."""
    asked = request.args.get("lang", "")
    if asked in OWN_NAMES:
        return asked
    if known in OWN_NAMES:
        return known
    accepted = request.accept_languages.best_match(tuple(OWN_NAMES))
    if accepted:
        return accepted
    firm = present_firm()
    return firm.language if firm and firm.language in OWN_NAMES else next(iter(OWN_NAMES))


def render(template: str, *, status: int = 200, **context: Any) -> Response:
    """A public page. The switch of languages leads back to the page itself."""
    switch = [{"code": code, "label": label, "url": f"?lang={code}"} for code, label in OWN_NAMES.items()]
    limits = {
        "most": attachments.MOST_FILES,
        "megabytes": attachments.LARGEST // attachments.MEGABYTE,
        "together": attachments.LARGEST_TOGETHER // attachments.MEGABYTE,
        "endings": ",".join(attachments.ENDINGS),
    }
    return render_page(template, status=status, languages=switch, limits=limits, **context)


def wrong_link() -> Response:
    """The one answer to every link that opens nothing. Only these are counted, never a good one."""
    if within(WRONG_LINKS, "wrong-follow-link"):
        return render("intake/wrong.html", status=404)
    response = render("intake/too_many.html", status=429)
    response.headers["Retry-After"] = "60"
    return response


def too_many_sendings() -> bool:
    """Count one sending of the present source; True when it was one too many."""
    return not all(within(limit, "intake") for limit in SENDINGS)
