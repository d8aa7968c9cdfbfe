"""Telling staff what happens to cases: the rows that say who is told, reading them, everybody's choice, and the mails.

Customers are told in `services.complaints.customer_mail`.
"""

from app.services.notices.choices import choose
from app.services.notices.mailing import forget_old, mail_due, send_morning_mail, without_morning_mail
from app.services.notices.reading import read, read_all
from app.services.notices.telling import tell, tell_by_clock, tell_on_opening

__all__ = [
    "choose",
    "forget_old",
    "mail_due",
    "read",
    "read_all",
    "send_morning_mail",
    "tell",
    "tell_by_clock",
    "tell_on_opening",
    "without_morning_mail",
]
