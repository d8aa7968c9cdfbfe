"""`python -m tests.journeys.open_form`: the public form of the firm is switched on."""

from sqlalchemy import select

from app import clock, create_app
from app.extensions import db
from app.jobs import runner
from app.models import User
from app.services import public_forms


def main() -> None:
    """As the administrator."""
    with create_app().app_context(), runner.transaction():
        by = db.session.scalars(select(User).where(User.email == "admin@demo.example")).one()
        public_forms.set_up(None, address="", active=True, by=by, now=clock.now())


if __name__ == "__main__":
    main()
