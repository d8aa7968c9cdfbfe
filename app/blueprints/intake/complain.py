"""The public form: /complain for the firm, /complain/<address> for a unit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from app import clock
from app.blueprints.intake import issued, uploads, words
from app.blueprints.intake.forms import ComplainForm, day_of
from app.blueprints.intake.site import bp, render, too_many_sendings
from app.errors import Refused
from app.models import Feedback, PublicForm
from app.queries import public_forms
from app.queries.complaints.trees import tree
from app.queries.links import follow_token
from app.rules.attachments import MOST_FILES
from app.rules.complaints import Channel, Kind
from app.services import attachments, intake
from app.services.complaints import Told, basics, links
from app.services.follow_ups import other_category
from app.web.access import public
from app.web.forms import options
from app.web.i18n import firm_timezone
from app.web.transactions import keep_changes, release


@dataclass(frozen=True)
class Sheet:
    """The form as it is shown: what is typed, its key, what is wrong with files, and why it is shown again."""

    form: ComplainForm
    key: str
    refused: list[attachments.Refused]
    notice: str = ""


@bp.get("/complain", defaults={"address": ""}, strict_slashes=False)
@bp.get("/complain/<address>", strict_slashes=False)
@public
def complain(address: str) -> Response:
    """The empty form."""
    place = public_forms.open_form(address)
    if place is None:
        return _closed()
    response = _page(place, Sheet(_form(formdata=None), issued.new_key(), []))
    # It holds nothing private yet, and a browser that may keep it also keeps what is typed when one goes back.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/complain", defaults={"address": ""}, strict_slashes=False)
@bp.post("/complain/<address>", strict_slashes=False)
@public
def send(address: str) -> Any:
    """Take it in. What is typed, and the files that are right, stay when something has to be put right."""
    place = public_forms.open_form(address)
    if place is None:
        return _closed()
    try:
        stamp = issued.read(f"complain|{place.id}")
    except RequestEntityTooLarge:
        return render("intake/too_large.html", status=413)
    before = intake.sent_before(stamp.key)
    if before is not None:
        return _to(before, again=True)
    notice = stamp.doubt if not _is_aside() or stamp.doubt == "forged" else ""
    if not notice and too_many_sendings():
        notice = "many"
    if notice not in ("", "old", "fast"):
        return _again(place, Sheet(_form(), stamp.key, [], notice))
    key = stamp.key
    brought = uploads.take(key, room=MOST_FILES, sent=lambda: intake.sent_before(key) is not None)
    uploads.drop(key)
    sheet = Sheet(_form(), key, brought.refused, notice)
    if _is_aside():
        return _page(place, sheet)
    if brought.sent_before:
        return _to(intake.sent_before(key), again=True)
    if notice or not sheet.form.validate() or brought.refused:
        return _again(place, sheet)
    return _record(place, sheet)


def _is_aside() -> bool:
    """Whether a button beside the one that sends was pressed: another language, or a file left out."""
    return "typed" in request.args or "drop" in request.form


def _record(place: PublicForm, sheet: Sheet) -> Any:
    now = clock.now()
    try:
        feedback = intake.take_in(_told(place, sheet.form, now), key=sheet.key, now=now)
    except Refused as refusal:
        if refusal.code != "sent_twice":
            raise
        release()  # the same form at the same moment: the other one has it
        return _to(intake.sent_before(sheet.key), again=True)
    return _to(feedback, again=False)


def _told(place: PublicForm, form: ComplainForm, now: datetime) -> Told:
    if not tree().by_id:  # the start has not been through `app.preparation`
        basics.ensure(now=now)
    named = not form.anonymous.data
    return Told(
        kind=Kind(form.kind.data),
        content=form.content.data or "",
        # He reads the number and what happens next at once.
        acknowledged=True,
        channel=Channel.WEB,
        category_id=form.category.data or other_category(),
        received_at=now,
        language=g.language,
        contact_name=(form.name.data or "") if named else "",
        contact_phone=(form.phone.data or "") if named else "",
        contact_email=(form.email.data or "") if named else "",
        occurred_on=day_of(form.occurred_on.data or ""),
        unit_id=place.unit_id,
    )


def _form(**kwargs: Any) -> ComplainForm:
    form = ComplainForm(**kwargs)
    form.today = clock.now().astimezone(firm_timezone()).date()
    top = [(one.id, one.name_in(g.language)) for one, depth in tree().offered("category") if depth == 0]
    form.category.choices = options([(0, _("I don't know")), *top])
    return form


def _again(place: PublicForm, sheet: Sheet) -> Response:
    keep_changes()  # the files that were right
    return _page(place, sheet, status=429 if sheet.notice == "many" else 422)


def _page(place: PublicForm, sheet: Sheet, *, status: int = 200) -> Response:
    return render(
        "intake/complain.html",
        status=status,
        place=place,
        form=sheet.form,
        notice=sheet.notice,
        stamp=issued.stamp(f"complain|{place.id}", sheet.key),
        trap=issued.TRAP,
        waiting=attachments.waiting(sheet.key),
        refused=[(one.name, words.FILES[one.code]) for one in sheet.refused],
    )


def _to(feedback: Feedback | None, *, again: bool) -> Any:
    assert feedback is not None, "a form that was sent before has been recorded"
    token = follow_token(links.ensure(feedback))
    said = "again" if again else "sent"
    return redirect(url_for("intake.follow", token=token, lang=g.language, said=said), 303)


def _closed() -> Response:
    return render("intake/closed.html", status=404)
