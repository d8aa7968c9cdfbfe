"""The template environment: strict, with the macros of `templates/ui/` as one global."""

import json
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, has_request_context, request, url_for
from flask_security import current_user
from jinja2 import StrictUndefined

from app.rules.reach import reach_of
from app.web.firm import present_firm
from app.web.i18n import OWN_NAMES, page_language

KEPT_ADDRESSES = 512


class UiMacros:
    """All macros of `templates/ui/*.html` as attributes: `ui.button(…)`.

    Macro modules are built per environment and hold no context, so a fragment has them as well.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._macros: dict[str, Any] | None = None

    def _load(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        folder = Path(self._app.root_path) / "templates" / "ui"
        for file in sorted(folder.glob("*.html")):
            module = self._app.jinja_env.get_template(f"ui/{file.name}").module
            for name, value in vars(module).items():
                if name.startswith("_"):
                    continue
                if name in found:
                    raise RuntimeError(f"two ui macros are called {name}")
                found[name] = value
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._macros is None or self._app.debug:
            self._macros = self._load()
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"no ui macro {name}") from None


def init_app(app: Flask) -> None:
    """Install strictness, macros and asset helpers."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    static = Path(app.static_folder or "")

    @cache
    def version_of(path: str) -> str:
        return str(int((static / path).stat().st_mtime))

    @lru_cache(maxsize=KEPT_ADDRESSES)
    def address_of(path: str, _below: str | None) -> str:
        return url_for("static", filename=path, v=version_of(path))

    def asset(path: str) -> str:
        # A page names fifty of them, and building an address takes longer than all else about an icon.
        return address_of(path, request.script_root if has_request_context() else None)

    @cache
    def inline_css(path: str) -> str:
        return (static / "css" / path).read_text("utf-8")

    @lru_cache(maxsize=1)
    def vendor_manifest() -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((static / "vendor" / "manifest.json").read_text("utf-8"))
        return manifest

    app.jinja_env.globals.update(
        ui=UiMacros(app),
        asset=asset,
        inline_css=inline_css,
        vendor_manifest=vendor_manifest,
        assets_from=app.config["HEED"].assets,
        link_base=lambda: app.config["HEED"].base_url,
        link_reach=lambda: reach_of(app.config["HEED"].base_url).value,
    )

    @app.context_processor
    def _page() -> dict[str, Any]:
        theme = current_user.theme if current_user.is_authenticated else "auto"
        languages = [
            {"code": code, "label": name, "url": url_for("home.choose_language", code=code)}
            for code, name in OWN_NAMES.items()
        ]
        return {
            "firm": present_firm(),
            "theme": theme,
            "languages": languages,
            "theme_url": url_for("home.choose_theme"),
            "page": SimpleNamespace(lang=page_language()),
        }
