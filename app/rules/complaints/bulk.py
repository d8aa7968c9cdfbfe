"""Steps that many cases can take at once. Each case is asked by itself; what one lacks keeps no other back."""

from app.rules.complaints.states import Step

# More than that nobody has looked at one by one, and the page that does it has to answer.
MOST = 200
ACTIONS = {"assign": Step.ASSIGN, "classify": Step.CLASSIFY, "note": Step.NOTE, "close": Step.CLOSE}
DONE = ""
