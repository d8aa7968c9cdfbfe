"""Mails of customers: where one stands, when it is taken as the customer's words, and what he seems to want."""

import re
from enum import StrEnum


class State(StrEnum):
    """Where a mail stands."""

    WAITING = "waiting"  # somebody has to sort it
    SHOWN = "shown"  # it answers a mail about a case, but who wrote it is nobody we know there
    ADDED = "added"  # the customer's words in a case
    AUTOMATIC = "automatic"  # it answers a mail about a case, but nobody wrote it
    RECORDED = "recorded"  # feedback of its own was made of it
    DISCARDED = "discarded"  # not for us


class Match(StrEnum):
    """How a mail was found to belong to a feedback."""

    REPLY = "reply"
    NUMBER = "number"
    HAND = "hand"
    NONE = ""


class Wish(StrEnum):
    """What somebody seems to want who writes on after the end."""

    THANKS = "thanks"
    UNSOLVED = "unsolved"
    UNCLEAR = "unclear"


SORTABLE = frozenset({State.WAITING, State.SHOWN})
# A thank-you is short; whoever writes more has more to say.
LONGEST_THANKS = 80
_UNSOLVED = re.compile(
    r"还是(?:不|没|漏|坏|有问题|老样子)|仍然?(?:不|没|有问题|存在)|(?:没有?|未|不)(?:解决|处理|修好|收到|好转|改善|满意)|又(?:坏|漏|出现|来)了?"
    r"|再次(?:出现|发生)|不行|不对|不同意|依旧|\b(?:still|again|not (?:solved|fixed|working|satisfied|resolved|happy)|unsolved"
    r"|(?:does|did|is|has)n['’]t|no better|unacceptable)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"谢谢|感谢|多谢|辛苦了|好的|收到|没问题了|已经?(?:解决|处理好|修好|收到)|非常满意|\b(?:thanks?|thank you|thx|cheers|solved|great|perfect|ok(?:ay)?|fine now)\b",
    re.IGNORECASE,
)


def state_of(*, has_case: bool, known: bool, automatic: bool, has_words: bool) -> State:
    """What becomes of a mail that answers one of ours. Only words of somebody we know there are taken by themselves."""
    if automatic:
        return State.AUTOMATIC
    if not has_case:
        return State.WAITING
    return State.ADDED if known and has_words else State.SHOWN


def wish_of(text: str) -> Wish:
    """A guess for a person who decides; it leads to nothing by itself."""
    if _UNSOLVED.search(text):
        return Wish.UNSOLVED
    if len(text) <= LONGEST_THANKS and _THANKS.search(text):
        return Wish.THANKS
    return Wish.UNCLEAR


def masked(address: str) -> str:
    """An address that whoever knows it recognises and nobody else learns: l•••@firm.example."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}•••{at}{domain}" if at else "•••"
