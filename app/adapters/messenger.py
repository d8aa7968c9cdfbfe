"""One POST to a messenger, over a connection that can lead nowhere else.

The name is looked up once, every address it has must be a public one, and the connection goes to one of exactly those:
a second look-up could give another answer. No redirect is followed, no proxy of the environment is used, certificate and name
are checked, and the answer is read up to a limit and not for longer than a limit.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from app.rules.messengers import LONGEST_ANSWER

PORT = 443
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0

Resolve = Callable[[str], list[str]]
Dial = Callable[[str, str], socket.socket]


class NoLine(Exception):
    """Nothing was sent: `code` is `no_such_host`, `private_address`, `unreachable` or `certificate`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """The status, and the beginning of the body; status None: none came, though the request may have arrived."""

    status: int | None
    body: bytes = b""


def resolve(host: str) -> list[str]:
    """Every address of a name. Raises `NoLine`."""
    try:
        found = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    except OSError:
        raise NoLine("no_such_host") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(address: str, host: str) -> socket.socket:
    """A line to this very address, whose certificate is the host's. Raises `NoLine`."""
    try:
        plain = socket.create_connection((address, PORT), CONNECT_SECONDS)
    except OSError:
        raise NoLine("unreachable") from None
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except ssl.SSLError:
        plain.close()
        raise NoLine("certificate") from None
    except OSError:
        plain.close()
        raise NoLine("unreachable") from None


def is_public(address: str) -> bool:
    """Whether an address is one of the public network, also where another kind of address is written inside of it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = [found]
    if isinstance(found, ipaddress.IPv6Address):
        inner += [one for one in (found.ipv4_mapped, found.sixtofour) if one is not None]
        inner += list(found.teredo or ())
        if found in _NAT64:
            inner.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
        # Old ways of writing one kind of address inside of another look public to the library; nobody is given one.
        if len(inner) == 1 and found not in _HANDED_OUT:
            return False
    return all(one.is_global and not one.is_multicast for one in inner)


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HANDED_OUT = ipaddress.ip_network("2000::/3")


@dataclass
class Line:
    """One connection for one message: `open`, then `post`, then `close`. What it needs of the network can be given."""

    host: str
    resolve: Resolve = resolve
    dial: Dial = dial
    _socket: socket.socket | None = field(default=None, init=False)

    def open(self) -> None:
        """Connect. Raises `NoLine`; nothing has been sent then."""
        addresses = self.resolve(self.host)
        if not addresses:
            raise NoLine("no_such_host")
        if not all(is_public(address) for address in addresses):
            raise NoLine("private_address")
        trouble = NoLine("unreachable")
        for address in addresses[:3]:
            try:
                self._socket = self.dial(address, self.host)
                return
            except NoLine as error:
                trouble = error
        raise trouble

    def post(self, path: str, body: bytes) -> Answer:
        """Send the request and read the beginning of its answer; never raises for what the other side does."""
        assert self._socket is not None, "the line is open"
        line = self._socket
        line.settimeout(TOTAL_SECONDS)
        # A server that drips one byte after the other would renew a timeout of its own with each.
        end = threading.Timer(TOTAL_SECONDS, _hang_up, (line,))
        end.daemon = True
        end.start()
        connection = http.client.HTTPConnection(self.host, PORT)
        connection.sock = line
        try:
            connection.request("POST", path, body, _HEADERS | {"Host": self.host})
            response = connection.getresponse()
            return Answer(response.status, response.read(LONGEST_ANSWER))
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(None)
        finally:
            end.cancel()
            connection.close()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


_HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Heed", "Connection": "close"}


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
