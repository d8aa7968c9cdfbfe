"""A customer without JavaScript: follows the link of a mail and answers whatever is asked."""

import http.client
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree import ElementTree

import html5lib

MAX_PAGES = 60


class NoQuestionsError(Exception):
    """The server shows a page without questions: the link was used, is closed, …"""


class BusyError(Exception):
    """The server can't take anything at the moment (503) and says so."""


@dataclass
class Reply:
    """An answer of the server."""

    status: int
    url: str
    body: str


@dataclass
class Respondent:
    """One person with one link. Fields get what `wishes` says, else `score` where it is offered, else the last
    number or the first choice."""

    link: str
    score: int = 4
    wishes: dict[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, fields: list[tuple[str, str]] | None = None) -> Reply:
        """One request, following redirects as a browser does."""
        for _ in range(5):
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
            body = urlencode(fields or []) if method == "POST" else None
            try:
                connection.request(
                    method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers
                )
                answer = connection.getresponse()
                text = answer.read().decode()
            finally:
                connection.close()
            if answer.status == 503:
                raise BusyError(url)
            if answer.status not in (302, 303):
                return Reply(answer.status, url, text)
            method, url = "GET", urljoin(url, answer.headers["Location"])
        raise AssertionError(f"too many redirects at {url}")

    def start(self) -> Reply:
        """Open the link and press the button of the first screen."""
        first = self.request("GET", self.link)
        assert first.status == 200, first.body[:300]
        return self.request("POST", self.link, [])

    def answer(self) -> Reply:
        """Answer everything; return the thank-you page."""
        page = self.start()
        for _ in range(MAX_PAGES):
            assert page.status == 200, (page.status, page.url)
            if page.url.endswith("/done"):
                return page
            self.visited.append(page.url)
            page = self.request("POST", page.url, self.fill(page.body))
        raise AssertionError(f"no end after {MAX_PAGES} pages: {self.visited}")

    def fill(self, body: str) -> list[tuple[str, str]]:
        """Values for every field of the page's form."""
        root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(body)
        form = next((f for f in root.iter("form") if f.get("id") == "answers"), None)
        if form is None:
            raise NoQuestionsError(body)
        groups: dict[str, list[str]] = {}
        fields: list[tuple[str, str]] = []
        for control in form.iter():
            name, kind = control.get("name"), control.get("type", "text")
            if not name:
                continue
            if control.tag == "input" and kind in {"radio", "checkbox"}:
                groups.setdefault(name, []).append(control.get("value", "on"))
            elif control.tag == "input" and kind == "hidden":
                fields.append((name, control.get("value", "")))
            elif control.tag == "select":
                fields.append((name, _last_option(control)))
            elif control.tag == "textarea":
                fields.append((name, "等的时间有点久。"))
        return fields + [(name, self._pick(name, values)) for name, values in groups.items()]

    def _pick(self, name: str, values: list[str]) -> str:
        if self.wishes.get(name) in values:
            return self.wishes[name]
        numbers = [v for v in values if v.isdigit()]
        if str(self.score) in numbers:
            return str(self.score)
        return numbers[-1] if numbers else values[0]


def _last_option(select: ElementTree.Element) -> str:
    return [o.get("value", "") for o in select.iter("option")][-1]
