"""Who may call an endpoint. Denied by default: an endpoint that declares nothing stops the start."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, make_response, redirect, request, url_for
from flask_security import current_user

from app.rules.permissions import Permission, allows

View = TypeVar("View", bound=Callable[..., Any])
MARK = "__heed_access__"
# Views of Flask itself, which cannot carry a decorator.
LIBRARY_PUBLIC = {"static"}


def requires(permission: Permission) -> Callable[[View], View]:
    """Let in only signed-in users one of whose roles holds `permission`; others get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return ask_to_sign_in()
            if not allows(current_user.role_names, permission):
                abort(403)
            return view(*args, **kwargs)

        setattr(guarded, MARK, permission)
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Mark an endpoint as open to everybody."""
    setattr(view, MARK, "public")
    return view


def ask_to_sign_in() -> Any:
    """Send the visitor to the sign-in page, as a whole page even when a fragment was asked for."""
    here = request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else None
    target = url_for("accounts.sign_in", next=here)
    if is_htmx():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target)


def is_htmx() -> bool:
    """Return whether htmx asks for a fragment (and not for a restored history page)."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def declaration(app: Flask, endpoint: str) -> Permission | str | None:
    """Return what an endpoint declares: a permission, "public", or None."""
    if endpoint in LIBRARY_PUBLIC:
        return "public"
    return getattr(app.view_functions[endpoint], MARK, None)


def check_declarations(app: Flask) -> None:
    """Refuse to go on when an endpoint declares neither a permission nor `@public`."""
    silent = sorted(e for e in app.view_functions if declaration(app, e) is None)
    if silent:
        raise RuntimeError("endpoints without an access declaration: " + ", ".join(silent))


def may(permission: str) -> bool:
    """For templates: whether the present user holds the permission."""
    return bool(current_user.is_authenticated) and allows(current_user.role_names, Permission(permission))


def init_app(app: Flask) -> None:
    """Make `may` known to the templates."""
    app.jinja_env.globals["may"] = may
