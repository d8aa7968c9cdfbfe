"""`python -m tests.journeys.later`: what the worker does when the leases of dead workers run out, done at once."""

from datetime import timedelta

from app import clock, create_app
from app.jobs import runner
from app.services import sending


def main() -> None:
    """Settle every mail that a dead worker left, as if an hour had passed."""
    with create_app().app_context(), runner.transaction():
        sending.expire_leases(clock.now() + timedelta(hours=1))


if __name__ == "__main__":
    main()
