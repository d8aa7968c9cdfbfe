"""Beside the steps of a case: keeping and dropping drafts, and saying that one has the case open."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.datastructures import MultiDict
from wtforms import TextAreaField

from app import clock
from app.blueprints.complaints import bp
from app.blueprints.complaints.steps import DOORS, SAID
from app.models import ComplaintDraft
from app.queries.complaints import cases, presence
from app.rules.permissions import Permission
from app.services.complaints import drafts
from app.services.complaints import presence as presence_services
from app.web.access import is_htmx, requires
from app.web.forms import cleaned_lines
from app.web.fragments import render
from app.web.security import acting_user

NOT_TYPED = frozenset({"csrf_token", "version", "key", "canned", "insert"})
LONGEST = 12_000
MOST_FIELDS = 20


@bp.post("/complaints/<int:complaint_id>/<any({}):name>/draft".format(", ".join(DOORS)))
@requires(Permission.COMPLAINTS_WORK)
def keep_draft(complaint_id: int, name: str) -> Any:
    """Keep what is typed; it is not checked, for it is not finished."""
    complaint, now = cases.get_visible(current_user, complaint_id), clock.now()
    key = request.form.get("key", "")[:24]
    kept = drafts.keep(complaint, name, _typed(name), texts=_texts(name), key=key, by=acting_user(), now=now)
    if is_htmx():
        return render("complaints/_draft_kept.html", kept_at=now if kept else None)
    if kept:
        flash(_("Kept as a draft. Only you see it."), "success")
    return redirect(_form_of(complaint_id, name))


@bp.post("/complaints/<int:complaint_id>/<any({}):name>/draft/drop".format(", ".join(DOORS)))
@requires(Permission.COMPLAINTS_WORK)
def drop_draft(complaint_id: int, name: str) -> Any:
    """Throw it away."""
    drafts.drop(cases.get_visible(current_user, complaint_id), name, by=acting_user())
    return redirect(_form_of(complaint_id, name))


@bp.post("/complaints/<int:complaint_id>/here")
@requires(Permission.COMPLAINTS_WORK)
def here(complaint_id: int) -> Any:
    """The beat of an open page; answers who else has it open."""
    complaint, now = cases.get_visible(current_user, complaint_id), clock.now()
    presence_services.beat(complaint, by=acting_user(), now=now)
    if not is_htmx():
        return redirect(url_for("complaints.show", complaint_id=complaint_id))
    return present(presence.others(current_user, complaint, now=now), now)


def present(others: Any, now: Any) -> Response:
    """The line that says who else has it open."""
    return render("complaints/_present.html", others=others, now=now)


def _form_of(complaint_id: int, name: str) -> str:
    place = "#say" if name in SAID else "#step"
    return url_for("complaints.show", complaint_id=complaint_id, do=name) + place


def _typed(name: str) -> dict[str, str]:
    known = {field for field in dir(DOORS[name].form) if not field.startswith("_")} - NOT_TYPED
    sent = [(field, cleaned_lines(text[:LONGEST]) or "") for field, text in request.form.items()]
    return dict([(field, text) for field, text in sent if field in known][:MOST_FIELDS])


def as_formdata(draft: ComplaintDraft) -> MultiDict[str, str]:
    """The draft as if it had been sent."""
    return MultiDict(draft.typed)


def texts_of(draft: ComplaintDraft) -> list[tuple[str, str]]:
    """Labels and texts of a draft whose form is not there any more."""
    labels = _texts(draft.door)
    return [(labels[name], text) for name, text in draft.typed.items() if text and name in labels]


def _texts(door: str) -> dict[str, str]:
    """The fields of a form in which something is written, with their labels; the others have a choice from the start."""
    form = DOORS[door].form
    fields = {name: getattr(form, name) for name in dir(form) if not name.startswith("_")}
    return {
        name: str(field.args[0])
        for name, field in fields.items()
        if getattr(field, "field_class", None) is TextAreaField
    }
