"""How long the next try has to wait after failures. Who is counted is decided in `services.throttling`."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Policy:
    """`free` tries at once; then a wait that doubles from `first` to `longest`.

    Failures older than `memory` are forgotten.
    """

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta


# One person at one place who has forgotten his password, and a program that guesses.
SIGN_IN = Policy(5, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=24))
# One place that tries many accounts. Generous: an office has one address for everybody.
SIGN_IN_SOURCE = Policy(40, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=6))
# Six digits: whoever is asked for them already knows the password.
SECOND_FACTOR = Policy(5, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24))
# Mails asked for by strangers: three an hour to one address, twenty from one place.
RESET_ADDRESS = Policy(3, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1))
RESET_SOURCE = Policy(20, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1))

# Acknowledgements that a stranger can cause to one address, by complaining in somebody else's name.
ACKNOWLEDGEMENT = Policy(5, timedelta(hours=1), timedelta(hours=12), timedelta(hours=12))

# Mails that are taken in from one sender: a person writes a few, two programs that answer one another hundreds.
LETTERS = Policy(20, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1))


def wait_after(failures: int, policy: Policy) -> timedelta:
    """Return how long the next try has to wait after so many failures."""
    beyond = failures - policy.free
    if beyond < 0:
        return timedelta(0)
    # The exponent is capped: 2 ** (a day of guessing) does not fit into a timedelta.
    doubled: timedelta = policy.first * (1 << min(beyond, 20))
    return min(doubled, policy.longest)
