"""From where a link in a mail or on a poster can be opened, as far as its address tells."""

from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit


class Reach(StrEnum):
    """How far an address leads."""

    MACHINE = "machine"
    NETWORK = "network"
    EVERYWHERE = "everywhere"


# Names that no public name server answers for.
PRIVATE_ENDINGS = (".local", ".lan", ".internal", ".home.arpa", ".test", ".invalid", ".localdomain")


def reach_of(base_url: str) -> Reach:
    """Who can open links that begin with this address; a name that may be public counts as such."""
    host = (urlsplit(base_url).hostname or "").rstrip(".").lower()
    try:
        number = ip_address(host)
    except ValueError:
        return _reach_of_name(host)
    if number.is_loopback or number.is_unspecified:
        return Reach.MACHINE
    return Reach.EVERYWHERE if number.is_global else Reach.NETWORK


def _reach_of_name(host: str) -> Reach:
    if host == "localhost" or host.endswith(".localhost"):
        return Reach.MACHINE
    return Reach.NETWORK if "." not in host or host.endswith(PRIVATE_ENDINGS) else Reach.EVERYWHERE
