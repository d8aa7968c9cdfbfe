"""Security headers and the nonce of the content security policy."""

import secrets

from flask import Flask, Response, current_app, g, request

CDN = "https://cdn.jsdelivr.net"
# A mail carries its styles in attributes; nothing else may run or load in its frame.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
PLAIN = frozenset(
    {
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
        "Permissions-Policy",
        "Strict-Transport-Security",
        "Cache-Control",
    }
)


def csp_nonce() -> str:
    """The nonce of this answer; made when first asked for."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def policy() -> str:
    """Content security policy without unsafe-inline or unsafe-eval."""
    scripts = (
        "'self'" if g.get("public_page") or current_app.config["HEED"].assets == "local" else f"'self' {CDN}"
    )
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    return (
        f"default-src 'none'; script-src {scripts}{nonce}; style-src 'self'{nonce}; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; "
        "frame-src 'self'; manifest-src 'self'; media-src 'self'"
    )


def add_headers(response: Response) -> Response:
    """Set the headers that every answer carries unless its view has set them itself."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer" if g.get("public_page") else "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def mail_in_frame(html: str) -> Response:
    """A mail as the answer for a frame on a page of ours."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def plain_headers(app: Flask) -> list[tuple[str, str]]:
    """What `add_headers` sets on a public page beside its own policy, for answers made before the framework."""
    with app.test_request_context():
        g.public_page = True
        response = add_headers(Response())
    return [(name, value) for name, value in response.headers if name in PLAIN]


def init_app(app: Flask) -> None:
    """Install the headers on every answer."""
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
