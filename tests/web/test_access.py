"""Every route as every role: what the permission table says is what happens."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app import create_app
from app.cli.docs import PAGE, permissions_page
from app.rules.permissions import TABLE, Permission, Role
from app.web.access import check_declarations, declaration
from config import Settings
from tests.blueprints.forms import TOKEN
from tests.factories import Factory

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VALUE_OF = {"int": "1", "path": "x/y"}
BAD_TEXTS = [
    "\x00",
    "\ud83d",
    "9" * 400,
    "-1",
    "' OR 1=1 --",
    "<script>",
    "a\r\nb",
    "é" * 5000,
    "1e309",
    "NaN",
]


def path_of(rule: Rule) -> str:
    """An address of the rule, with something for each of its parts."""
    return re.sub(r"<(?:(\w+)(?:\((\w*)[^)]*\))?:)?\w+>", _part, rule.rule)


def _part(found: re.Match[str]) -> str:
    converter, first = found.groups()
    return first if converter == "any" else VALUE_OF.get(converter, "x")


def rules(app: Flask) -> list[tuple[Rule, str, Any]]:
    """Each rule with a method and its declaration."""
    return [
        (rule, method, declaration(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in METHODS
        if method in (rule.methods or ()) and rule.endpoint != "static"
    ]


def guarded(app: Flask) -> list[tuple[Rule, str, Permission]]:
    return [(rule, method, needed) for rule, method, needed in rules(app) if isinstance(needed, Permission)]


def ask(client: FlaskClient, rule: Rule, method: str, headers: Any = (), **more: Any) -> Any:
    """Send the request with the token of the visitor's session, so that only the permission decides."""
    sent = {"X-CSRFToken": token(client, "/account"), **dict(headers)} if method != "GET" else dict(headers)
    return client.open(path_of(rule), method=method, check_html=False, headers=sent, **more)


def token(client: FlaskClient, page: str) -> str:
    found = TOKEN.search(client.get(page, follow_redirects=True).get_data(as_text=True))
    assert found
    return found.group(1)


def test_every_permission_has_holders() -> None:
    assert set(TABLE) == set(Permission)
    assert all(TABLE.values())


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_in_exactly_where_the_table_says(
    app: Flask, sign_in: Any, make: Factory, role: Role
) -> None:
    make.firm()
    wrong = []
    for rule, method, needed in guarded(app):
        status = ask(sign_in(role.value), rule, method).status_code
        if (status == 403) == (role in TABLE[needed]):
            wrong.append(f"{method} {rule.rule} as {role}: {status}")
    assert not wrong


def test_strangers_are_sent_to_the_sign_in(app: Flask, client: FlaskClient, make: Factory) -> None:
    make.firm()
    wrong = []
    for rule, method, _needed in guarded(app):
        plain = ask(client, rule, method)
        swapped = ask(client, rule, method, headers={"HX-Request": "true"})
        fine = (
            plain.status_code == 302
            and plain.location.startswith("/sign-in")
            and swapped.status_code == 401
            and swapped.headers["HX-Redirect"].startswith("/sign-in")
            and not swapped.data
        )
        if not fine:
            wrong.append(f"{method} {rule.rule}: {plain.status_code}, {swapped.status_code}")
    assert not wrong


def test_user_without_roles_opens_nothing(app: Flask, sign_in: Any) -> None:
    client = sign_in()
    assert {ask(client, rule, method).status_code for rule, method, _needed in guarded(app)} == {403}


def test_an_undeclared_route_stops_the_start(settings: Settings) -> None:
    app = create_app(settings)
    app.add_url_rule("/forgotten", "forgotten", lambda: "x")
    with pytest.raises(RuntimeError, match="forgotten"):
        check_declarations(app)


def test_private_pages_are_never_stored(app: Flask, sign_in: Any) -> None:
    client = sign_in(*(role.value for role in Role))
    for rule, _method, _needed in guarded(app):
        if "GET" in (rule.methods or ()):
            assert "no-store" in ask(client, rule, "GET").headers.get("Cache-Control", ""), rule.rule


def test_bad_input_is_never_our_fault(app: Flask, sign_in: Any) -> None:
    failed = []
    for rule, method, _needed in rules(app):
        if method == "GET":
            continue
        client = sign_in(*(role.value for role in Role))
        for bad in BAD_TEXTS:
            names = [
                "name",
                "email",
                "version",
                "roles",
                "units",
                "code",
                "parent",
                "password",
                "page",
                "next",
                "language",
            ]
            text = bad.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            fields = {name: [text, text] for name in names} | {text: "x"}
            response = ask(client, rule, method, data=fields)
            if response.status_code >= 500:
                failed.append(f"{method} {rule.rule} with {bad[:12]!r}: {response.status_code}")
    assert not failed


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_requests_caused_by_other_sites_are_refused(app: Flask, sign_in: Any, site: str) -> None:
    client = sign_in("administrator")
    headers = {"Sec-Fetch-Site": site, "X-CSRFToken": token(client, "/account")}
    response = client.post("/settings/mail/pause", headers=headers)
    assert response.status_code == 403
    assert client.get("/account", headers={"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("http://localhost:8000.evil.example", 403),
        ("http://[", 403),
        ("http://localhost:8000", 302),
        ("null", 302),
    ],
)
def test_origin_counts_where_the_browser_says_no_more(sign_in: Any, origin: str, status: int) -> None:
    client = sign_in("administrator")
    headers = {"Origin": origin, "X-CSRFToken": token(client, "/account")}
    assert client.post("/settings/mail/pause", headers=headers).status_code == status


def test_without_the_token_nothing_is_accepted(sign_in: Any) -> None:
    client = sign_in("administrator")
    assert client.post("/settings/mail/pause").status_code == 400


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Host": "localhost.evil.example"}])
def test_foreign_host_names_are_refused(client: FlaskClient, make: Factory, header: dict[str, str]) -> None:
    make.firm()
    response = client.get("/sign-in", headers=header)
    assert response.status_code == 400
    assert "evil" not in response.get_data(as_text=True)


def test_forwarded_headers_of_strangers_count_for_nothing(client: FlaskClient, make: Factory) -> None:
    make.firm()
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}
    assert "evil" not in client.get("/sign-in", headers=headers).get_data(as_text=True)


def test_the_page_about_permissions_is_current() -> None:
    assert PAGE.read_text("utf-8") == permissions_page(), "run: python -m app.cli docs permissions"
