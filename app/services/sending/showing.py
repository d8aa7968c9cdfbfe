"""What a mail said, for those who look after mail: made anew from what is stored, without the links that open something."""

from dataclasses import dataclass

from sqlalchemy import select

from app.errors import Missing
from app.extensions import db
from app.models import Delivery, Firm, Invitation
from app.services import mail_contents
from app.services.sending.composing import LEAVE, LINK, NAME, frame_of, in_locale, render_texts


@dataclass(frozen=True)
class Shown:
    """Subject and plain text."""

    subject: str
    text: str


class Showing:
    """Shows several mails; remembers the rendered texts that many of them share. `instead` stands in place of a link."""

    def __init__(self, instead: str) -> None:
        self._firm = db.session.scalars(select(Firm)).one()
        self._instead = instead
        self._frames: dict[tuple[str, int, str], dict[str, str]] = {}

    def of(self, delivery: Delivery, invitation: Invitation | None) -> Shown | None:
        """What the mail says; None when that can't be told any more."""
        try:
            found = self._personal(delivery, invitation) if invitation is not None else self._other(delivery)
        except (Missing, LookupError):
            return None
        return Shown(found["subject"], found["text"])

    def _personal(self, delivery: Delivery, invitation: Invitation) -> dict[str, str]:
        key = (delivery.template, invitation.survey_id, delivery.language)
        if key not in self._frames:
            self._frames[key] = frame_of(invitation.survey, delivery)
        name = invitation.contact.name or invitation.customer.name
        return {
            part: text.replace(NAME, name).replace(LINK, self._instead).replace(LEAVE, self._instead)
            for part, text in self._frames[key].items()
        }

    def _other(self, delivery: Delivery) -> dict[str, str]:
        with in_locale(delivery.language):
            variables = {"firm": self._firm, "lang": delivery.language}
            variables |= mail_contents.contents_of(delivery.template)(delivery)
            texts = render_texts(delivery.template, variables)
        # Whoever has the address of a customer's page, or of a new password, may use it.
        link = str(variables.get("link") or "")
        return {part: text.replace(link, self._instead) if link else text for part, text in texts.items()}
