"""A line to a messenger leads nowhere else: not to private addresses, not by a second look-up, not by a redirect."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.adapters import messenger
from app.adapters.messenger import Line, NoLine, is_public

HOST = "hooks.slack.com"
PUBLIC = "3.33.186.135"


class Stub(HTTPServer):
    """What a messenger would answer; remembers what it was sent."""

    def __init__(self, answer: tuple[int, bytes, dict[str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.got: list[tuple[str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Stub

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.got.append((self.path, dict(self.headers), self.rfile.read(length)))
        status, body, headers = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Where a server shows a certificate that it has made for itself, in the messenger's name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    listening = socket.create_server(("127.0.0.1", 0))

    def shake_hands() -> None:
        with contextlib.suppress(OSError):
            taken, _peer = listening.accept()
            context.wrap_socket(taken, server_side=True).close()

    thread = threading.Thread(target=shake_hands, daemon=True)
    thread.start()
    yield listening.getsockname()[:2]
    listening.close()
    thread.join(timeout=5)


def self_signed(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = (
        built.serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    certificate = built.sign(key, hashes.SHA256())
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(paths[0]), str(paths[1])


@pytest.fixture
def stub(request: pytest.FixtureRequest) -> Iterator[Stub]:
    server = Stub(getattr(request, "param", (200, b"ok", {})))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def line_to(server: Stub, dialled: list[str] | None = None) -> Line:
    """A line whose name leads to a public address, where the stub answers."""

    def dial(address: str, host: str) -> socket.socket:
        assert host == HOST
        if dialled is not None:
            dialled.append(address)
        return socket.create_connection(server.server_address[:2])

    return Line(HOST, resolve=lambda _host: [PUBLIC], dial=dial)


def test_a_message_arrives_as_it_was_written(stub: Stub) -> None:
    line = line_to(stub)
    line.open()
    answer = line.post("/services/T0?x=1", json.dumps({"text": "投诉"}, ensure_ascii=False).encode())
    line.close()
    assert (answer.status, answer.body) == (200, b"ok")
    ((path, headers, body),) = stub.got
    assert path == "/services/T0?x=1"
    assert headers["Host"] == HOST
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(body) == {"text": "投诉"}


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.8", "2002:7f00:1::", "64:ff9b::7f00:1",
        "2001:db8::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "fec0::1", "localhost", "",
    ],
)  # fmt: skip
def test_private_addresses_are_never_dialled(address: str) -> None:
    assert not is_public(address)
    for found in ([address], [PUBLIC, address], [address, PUBLIC]):
        line = Line(HOST, resolve=lambda _host, found=found: found, dial=never)  # type: ignore[misc]
        with pytest.raises(NoLine, match="private_address"):
            line.open()


def never(address: str, host: str) -> socket.socket:
    raise AssertionError(f"{address} was dialled")


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::6810:84e5", "::ffff:3.33.186.135"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


def test_the_name_is_looked_up_once_and_the_line_goes_where_it_led(stub: Stub) -> None:
    """A name server that answers otherwise the second time is not asked a second time."""
    answers, dialled = iter([[PUBLIC], ["127.0.0.1"]]), []
    line = line_to(stub, dialled)
    line.resolve = lambda _host: next(answers)
    line.open()
    line.post("/services/T0", b"{}")
    line.close()
    assert dialled == [PUBLIC]
    assert next(answers) == ["127.0.0.1"], "nobody has asked for it"


@pytest.mark.parametrize(
    "stub", [(302, b"", {"Location": "http://127.0.0.1:1/"}), (307, b"", {"Location": "/x"})], indirect=True
)
def test_a_redirect_is_an_answer_and_not_followed(stub: Stub) -> None:
    dialled: list[str] = []
    line = line_to(stub, dialled)
    line.open()
    answer = line.post("/services/T0", b"{}")
    line.close()
    assert answer.status in (302, 307)
    assert len(dialled) == len(stub.got) == 1


@pytest.mark.parametrize("stub", [(200, b"x" * 100_000, {})], indirect=True)
def test_a_long_answer_is_cut(stub: Stub) -> None:
    line = line_to(stub)
    line.open()
    answer = line.post("/services/T0", b"{}")
    line.close()
    assert len(answer.body) == 4096


def test_a_name_that_leads_nowhere() -> None:
    with pytest.raises(NoLine, match="no_such_host"):
        Line(HOST, resolve=lambda _host: []).open()


def test_the_next_address_is_tried_when_one_does_not_answer(stub: Stub) -> None:
    line = line_to(stub)
    real = line.dial
    tried: list[str] = []

    def dial(address: str, host: str) -> socket.socket:
        tried.append(address)
        if len(tried) == 1:
            raise NoLine("unreachable")
        return real(address, host)

    line.resolve, line.dial = lambda _host: ["2606:4700::6810:84e5", PUBLIC], dial
    line.open()
    line.close()
    assert tried == ["2606:4700::6810:84e5", PUBLIC]


@pytest.mark.parametrize("says", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n"])
def test_a_line_that_breaks_off_gives_no_answer(says: bytes) -> None:
    ours, theirs = socket.socketpair()
    line = Line(HOST, resolve=lambda _host: [PUBLIC], dial=lambda _address, _host: ours)
    line.open()
    if says:
        theirs.sendall(says)
    theirs.close()
    answer = line.post("/services/T0", b"{}")
    line.close()
    assert answer.status in (None, 200)
    if says != b"HTTP/1.1 200 OK\r\n":
        assert answer.status is None


def test_whoever_drips_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messenger, "TOTAL_SECONDS", 0.3)
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def drip() -> None:
        try:
            while not stop.wait(0.05):
                theirs.send(b"H")
        except OSError:
            pass

    thread = threading.Thread(target=drip)
    thread.start()
    line = Line(HOST, resolve=lambda _host: [PUBLIC], dial=lambda _address, _host: ours)
    line.open()
    assert line.post("/services/T0", b"{}").status is None
    line.close()
    stop.set()
    thread.join()
    theirs.close()


def test_a_certificate_of_somebody_else_is_refused(tls_server: tuple[str, int], monkeypatch: Any) -> None:
    """The real dial, to a server on this machine that shows a certificate nobody has signed."""
    monkeypatch.setattr(messenger, "PORT", tls_server[1])
    with pytest.raises(NoLine, match="certificate"):
        messenger.dial(tls_server[0], HOST)


def test_nobody_at_home_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(messenger, "PORT", free.getsockname()[1])
        with pytest.raises(NoLine, match="unreachable"):
            messenger.dial("127.0.0.1", HOST)
