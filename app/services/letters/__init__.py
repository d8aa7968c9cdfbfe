"""Mails of customers: taking one in, and what a person does with one that does not find its place by itself."""

from app.services.letters.receiving import Parcel, forget, pack, receive, room_for
from app.services.letters.sorting import add_to, discard, forget_old, record, take_back, take_words

__all__ = [
    "Parcel",
    "add_to",
    "discard",
    "forget",
    "forget_old",
    "pack",
    "receive",
    "record",
    "room_for",
    "take_back",
    "take_words",
]
