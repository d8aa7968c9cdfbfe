"""Links for everybody who meets them at one place: made, named, switched off."""

from datetime import datetime

from app.errors import Refused
from app.extensions import db
from app.models import OpenLink, Survey, User
from app.rules.links import new_nonce
from app.rules.surveys import State
from app.services import audit

CHANNELS = ("web", "wechat", "poster", "other")


def create(
    survey: Survey, *, label: str, channel: str, unit_id: int | None, by: User, now: datetime
) -> OpenLink:
    """Make a link with its own source label. It works while the survey is live. Raises `Refused("ended")`."""
    _check(survey)
    link = OpenLink(
        survey_id=survey.id, nonce=new_nonce(), label=label, channel=channel, unit_id=unit_id, created_at=now
    )
    db.session.add(link)
    db.session.flush()
    audit.record("open_link.created", kind="survey", object_id=survey.id, by=by, now=now, link=link.id)
    return link


def set_active(link: OpenLink, active: bool, *, by: User, now: datetime) -> None:
    """Switch a link off or on again; answers that came through it stay. Raises `Refused("ended")`."""
    _check(link.survey)
    if link.active == active:
        return
    link.active = active
    db.session.flush()
    action = "open_link.switched_on" if active else "open_link.switched_off"
    audit.record(action, kind="survey", object_id=link.survey_id, by=by, now=now, link=link.id)


def _check(survey: Survey) -> None:
    if survey.state == State.CLOSED:
        raise Refused("ended")
