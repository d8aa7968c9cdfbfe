"""Words of the pages about groups in messengers."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

KINDS = {
    "wecom": _l("WeCom"),
    "dingtalk": _l("DingTalk"),
    "feishu": _l("Feishu (or Lark)"),
    "slack": _l("Slack"),
}
WEIGHTS = {
    "all": _l("Everything: new, given to a unit, opened again, deadlines"),
    "deadlines": _l("Deadlines and what is critical"),
    "critical": _l("Only what is critical"),
}
WEIGHTS_SHORT = {
    "all": _l("Everything"),
    "deadlines": _l("Deadlines and what is critical"),
    "critical": _l("Only what is critical"),
}
STATES = {
    "queued": (_l("Waiting to be sent"), "rest"),
    "claimed": (_l("Being sent"), "rest"),
    "begun": (_l("Being sent"), "rest"),
    "sent": (_l("Sent"), "good"),
    "failed": (_l("Failed"), "late"),
    "unknown": (_l("Uncertain"), "soon"),
    "dropped": (_l("Not sent on purpose"), "rest"),
}
REFUSALS = {
    "not_https": _l("The address has to begin with https://."),
    "other_host": _l("This is no address of the chosen messenger. Copy it from the group's robot."),
    "other_path": _l("The address is not complete. Copy all of it from the group's robot."),
    "address_missing": _l("Enter the address that the group's robot shows."),
    "no_such_kind": _l("Choose from the list."),
    "no_unit": _l("This unit does not exist any more. Choose another one."),
}
FIELD_OF = {"no_such_kind": "kind", "no_unit": "unit"}
REASONS = {
    "no_such_host": _l("The messenger's name could not be looked up. Is this server connected to the internet?"),
    "private_address": _l(
        "The messenger's name leads into a private network here, and Heed never posts there. Ask whoever runs the name server."
    ),
    "unreachable": _l("The messenger could not be reached. A firewall may be in between."),
    "certificate": _l("The certificate of the other side is not the messenger's. Something in between reads along."),
    "no_answer": _l("The message left, and no answer came. Look into the group; it is not sent again."),
    "odd_answer": _l("The answer could not be understood. Look into the group; it is not sent again."),
    "redirected": _l("The address led somewhere else. Copy it anew from the group's robot."),
    "too_fast": _l("The messenger asked to slow down."),
    "busy": _l("The messenger was busy."),
    "worker_lost": _l("The worker stopped in the middle."),
    "switched_off": _l("The group was switched off."),
    "stale": _l("It had waited for more than a day."),
    "about_one_of_us": _l("The complaint is about one of us; groups are not told."),
    "not_composable": _l("Something went wrong on our side. The log of the worker says where."),
    **REFUSALS,
}  # fmt: skip


def reason_text(code: str) -> str:
    """Why a message stands where it stands."""
    if code.startswith("status_"):
        return str(_("The messenger answered with the status %(code)s.", code=code.removeprefix("status_")))
    if code.startswith("code_"):
        number = code.removeprefix("code_")
        return str(
            _(
                "The messenger refused it with the code %(code)s. Often secret or keyword are wrong.",
                code=number,
            )
        )
    return str(REASONS.get(code, ""))
