"""Pages of the outbox: what was sent, what is uncertain, and the mails kept when no server is set."""

from app.blueprints.mail.routes import bp

__all__ = ["bp"]
