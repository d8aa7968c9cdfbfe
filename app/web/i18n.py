"""The language of a page. Content languages are "zh" and "en"; Babel has longer names for them."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Flask, g, has_request_context, request, session
from flask_babel import get_locale
from flask_security import current_user

from app.extensions import babel
from app.web.firm import present_firm

BABEL_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANGS = {"zh": "zh-CN", "en": "en"}
OWN_NAMES = {"zh": "中文", "en": "English"}


def choose_language() -> str:
    """Language of this request: the page's own, then the user's, the visitor's, the firm's."""
    forced = g.get("language")
    if forced in BABEL_LOCALES:
        return str(forced)
    if current_user.is_authenticated:
        return str(current_user.language)
    chosen = session.get("language")
    if chosen in BABEL_LOCALES:
        return str(chosen)
    accepted = request.accept_languages.best_match(["zh", "zh-cn", "zh-hans", "en", "en-us", "en-gb"])
    if accepted:
        return "zh" if accepted.startswith("zh") else "en"
    firm = present_firm()
    return firm.language if firm else "zh"


def page_language() -> str:
    """ "zh" or "en", whichever the present page is in."""
    locale = get_locale()
    return "zh" if locale is not None and locale.language == "zh" else "en"


def in_language(text: Mapping[str, str] | None, lang: str | None = None) -> str:
    """Pick the text of a content document in a language, falling back to any that is there."""
    if not text:
        return ""
    wanted = lang or page_language()
    return text.get(wanted) or next((t for t in text.values() if t), "")


def firm_timezone() -> ZoneInfo:
    """The zone in which times are shown."""
    firm = present_firm()
    return ZoneInfo(firm.timezone if firm else "Asia/Shanghai")


def init_app(app: Flask) -> None:
    """Bind Babel and give templates the language globals."""
    babel.init_app(
        app,
        default_locale=BABEL_LOCALES["en"],
        locale_selector=lambda: BABEL_LOCALES[choose_language() if has_request_context() else "zh"],
        timezone_selector=lambda: str(firm_timezone()),
    )
    app.jinja_env.filters["tr"] = in_language

    @app.context_processor
    def _language() -> dict[str, object]:
        lang = page_language()
        return {"lang": lang, "html_lang": HTML_LANGS[lang]}
