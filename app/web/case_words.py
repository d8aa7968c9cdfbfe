"""How kinds of feedback, channels, states, clocks and the answers of customers are called.

Said by the pages of cases and by their summary: two features that don't know each other, so it stands in the layer both
may use. What only one of them says is in its `words.py`.
"""

from flask_babel import lazy_gettext as _l

KINDS = {
    "complaint": _l("Complaint"),
    "suggestion": _l("Suggestion"),
    "praise": _l("Praise"),
    "question": _l("Inquiry"),
}
CHANNELS = {
    "phone": _l("Telephone"),
    "visit": _l("Visit"),
    "letter": _l("Letter"),
    "email": _l("E-mail message"),
    "web": _l("Website"),
    "shop": _l("In the shop"),
    "social": _l("Social media"),
    "survey": _l("Survey"),
}
# With the kind of mark that stands beside the name.
STATES = {
    "received": (_l("Received"), "soon"),
    "assigned": (_l("Assigned"), "rest"),
    "in_progress": (_l("In progress"), "now"),
    "waiting": (_l("Waiting"), "rest"),
    "resolved": (_l("To be called back"), "now"),
    "closed": (_l("Case closed"), "good"),
}
CLOCKS = {
    "acknowledge": _l("First answer"),
    "department": _l("Work of the unit"),
    "customer": _l("Solution"),
    "interim": _l("Interim reply"),
    "callback": _l("Callback"),
}
SATISFACTIONS = {
    "satisfied": _l("Satisfied"),
    "partly": _l("Partly satisfied"),
    "not": _l("Not satisfied"),
}
