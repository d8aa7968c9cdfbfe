"""Names of roles and kinds of units, and the sentences for refused changes and for a mailbox in trouble."""

from flask_babel import lazy_gettext as _l

from app.rules.permissions import Role

ROLE_NOTES = {
    Role.ADMINISTRATOR: _l("users, units and settings; no customer data by this role alone"),
    Role.MANAGEMENT: _l("reads everything, releases results"),
    Role.MARKETING: _l("questionnaires, surveys, customers"),
    Role.CUSTOMER_SERVICE: _l("customers and complaints"),
    Role.DEPARTMENT: _l("results of the own unit after release"),
    Role.INTERVIEWER: _l("asks by telephone or on site"),
    Role.VIEWER: _l("released results only"),
}
KIND_NAMES = {"department": _l("Department"), "branch": _l("Branch")}
REFUSALS = {
    "own_roles": _l("Nobody changes his own roles. Ask another administrator."),
    "own_account": _l("You can't switch off your own account. Ask another administrator."),
    "last_administrator": _l("This is the last administrator. Make somebody else administrator first."),
    "unknown_role": _l("Choose roles from the list."),
    "email_taken": _l("There is already a user with this address."),
    "code_taken": _l("There is already a unit with this code."),
    "no_such_parent": _l("Choose a unit from the list."),
    "bad_address": _l("Use only a–z, 0–9 and hyphens, such as chengxi-store."),
    "address_taken": _l("Another unit has this address already."),
    "below_itself": _l("A unit can't stand below itself."),
    "too_deep": _l("The tree would have more than six levels."),
}
MAILBOX_TROUBLES = {
    "unreachable": _l(
        "the server can't be reached. Check host and port, and whether a firewall is in between."
    ),
    "certificate": _l("the server's certificate is not valid for its name. Use the name that is in it."),
    "refused": _l(
        "the server refuses user or password. Many providers want IMAP switched on and a password made for it."
    ),
    "no_folder": _l("there is no such folder. Check the end of MAILBOX_URL."),
    "broken_off": _l("the connection broke off in the middle. Heed tries again by itself."),
    "internal": _l("something went wrong on our side. The log of the worker says where."),
}
