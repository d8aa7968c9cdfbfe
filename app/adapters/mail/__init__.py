"""Mail to the outside world: composing a message, handing it to a server, or keeping it in a folder."""

from app.adapters.mail.kept import KEPT, KeptMail
from app.adapters.mail.message import Envelope, Parts, bad_address, compose
from app.adapters.mail.smtp import ConnectFailed, Refusal, SmtpCarrier

__all__ = [
    "KEPT",
    "ConnectFailed",
    "Envelope",
    "KeptMail",
    "Parts",
    "Refusal",
    "SmtpCarrier",
    "bad_address",
    "compose",
]
