"""How kinds, states and reasons of deliveries are called."""

from flask_babel import lazy_gettext as _l

from app.adapters.mail import KEPT
from app.models import Delivery, DeliveryEvent
from app.queries.deliveries import KEPT_STATE
from app.rules.deliveries import State
from app.web.mail_words import BOUNCES

STATES = {
    "queued": (_l("Queued"), "rest"),
    "claimed": (_l("Being sent"), "now"),
    "data": (_l("Being sent"), "now"),
    "sent": (_l("Sent"), "good"),
    "kept": (_l("Kept, not sent"), "soon"),
    "failed": (_l("Not delivered"), "late"),
    "bounced": (_l("Came back"), "late"),
    "unknown": (_l("Uncertain"), "soon"),
    "dropped": (_l("Not sent on purpose"), "rest"),
}


def shown_state(row: Delivery | DeliveryEvent) -> str:
    """The state as it is called here: a mail that was only kept was not sent."""
    return KEPT_STATE if (row.state, row.reply) == (State.SENT, KEPT) else row.state


KINDS = {
    "invitation": _l("Invitation"),
    "reminder": _l("Reminder"),
    "test": _l("Test mail"),
    "reset": _l("Password"),
    "complaint": _l("Complaint"),
    "notice": _l("Notice"),
    "digest": _l("Morning mail"),
}
REASONS = {
    "released": _l("Put back untouched"),
    "worker_lost": _l("The worker stopped in the middle"),
    "paused": _l("Sending was paused"),
    "connection_lost": _l("The mail server hung up or did not answer; tried again later"),
    "server_busy": _l("The mail server asked us to slow down; tried again later"),
    "deferred": _l("The mail server asked us to come back later"),
    "mailbox_full": _l("The mailbox is full; tried again later"),
    "gave_up": _l("Given up after several days of trying"),
    "unknown_user": _l("The mail server does not know this address"),
    "refused": _l("The mail server refused the recipient"),
    "sender_refused": _l("The mail server refused our sender address"),
    "content_refused": _l("The mail server refused the text"),
    "no_reply": _l("The mail was handed over, but the server's answer never came"),
    "deferred_after_text": _l("The server took the text and then asked us to come back later"),
    "bad_address": _l("The address can't be used"),
    "undeliverable": _l("Earlier mails to this address did not arrive"),
    "made_up": _l("A made-up address, as in the demonstration; nothing is sent there"),
    "no_sender": _l("The firm has no sender address"),
    "not_composable": _l("The mail could not be written"),
    "not_wanted": _l("It was no longer wanted"),
    "stale": _l("It had waited too long"),
    "survey_closed": _l("The survey has closed"),
    "no_address": _l("The contact has no address any more"),
    "finished": _l("The person had already answered"),
    "declined": _l("The person had declined"),
    "opted_out": _l("The person had unsubscribed"),
    "do_not_contact": _l("The customer does not want to be contacted"),
    "decided_sent": _l("Somebody decided: it has arrived"),
    "decided_again": _l("Somebody decided: send it again"),
    "decided_give_up": _l("Somebody decided: leave it"),
    **BOUNCES,
}
