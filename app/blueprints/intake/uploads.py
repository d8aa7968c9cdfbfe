"""Files that come with a form, kept while something else in it has to be put right."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import request

from app import clock
from app.rules.attachments import MOST_FILES
from app.services import attachments
from app.services.attachments import Offered, Refused
from app.web.transactions import release, store_and_release

FIELD = "files"
# More parts than anybody chooses; the rest is not even looked at.
MOST_PARTS = 4 * MOST_FILES


@dataclass
class Brought:
    """What came: files that are not taken, with the reason, and whether the form turned out to be sent already."""

    refused: list[Refused] = field(default_factory=list)
    sent_before: bool = False


def take(key: str, *, room: int, sent: Callable[[], bool]) -> Brought:
    """Store the files of the present request for the form with this key.

    `sent` says whether the same form has been sent meanwhile: then nothing is kept.
    """
    offered = [
        Offered(one.filename, one.stream) for one in request.files.getlist(FIELD)[:MOST_PARTS] if one.filename
    ]
    if not offered:
        return Brought()
    waiting = attachments.waiting(key)
    before, size = len(waiting), sum(one.size for one in waiting)
    # Writing to the disk takes a while, during which others shall be able to save.
    release()
    stored, refused = attachments.store(offered, before=before, bytes_before=size, room=room - before)
    if sent():
        attachments.forget(stored)
        return Brought(sent_before=True)
    attachments.add(stored, form_key=key, now=clock.now())
    # Safe before the step is taken: it may have to be tried again, or what was typed to be put right.
    store_and_release()
    return Brought(refused)


def drop(key: str) -> None:
    """Leave out the file whose button was pressed."""
    number = request.form.get("drop", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        attachments.drop(key, int(number))
