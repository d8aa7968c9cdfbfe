"""Why mails come back and why an address is taken for undeliverable. The pages of several features say it."""

from flask_babel import lazy_gettext as _l

BOUNCES = {
    "no_mailbox": _l("The server of the recipient says that there is no such mailbox"),
    "box_full": _l("The recipient's mailbox is full"),
    "gave_up_there": _l("A server on the way tried for a while and then gave up"),
    "not_accepted": _l("The server of the recipient refused the mail itself; the address may be right"),
    "came_back": _l("It came back without a reason that could be understood"),
}
ADDRESSES = {
    "unknown_user": _l("the mail server refused it as unknown"),
    "bad_address": _l("it can't be written in a mail"),
    "no_mailbox": _l("a mail came back: there is no such mailbox"),
    "again_and_again": _l("several mails in a row came back"),
}


def address_reason(code: str) -> str:
    """Why mail does not reach an address."""
    return str(ADDRESSES.get(code, ADDRESSES["unknown_user"]))
