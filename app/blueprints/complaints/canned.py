"""Canned replies: their page, and putting one into a form."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import force_locale, format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app import clock
from app.blueprints.complaints import bp, words
from app.errors import Refused, Stale
from app.models import CannedReply, Complaint
from app.queries.changes import last_change
from app.queries.complaints import canned as queries
from app.rules.complaints import canned as rules
from app.rules.permissions import Permission
from app.services.complaints import canned as services
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import Form, whole_number
from app.web.fragments import render
from app.web.i18n import BABEL_LOCALES, firm_timezone, page_language
from app.web.security import acting_user
from app.web.transactions import release

# The field of each form into which a reply is put.
PLACES = {"reply": "text", "resolve": "reply", "wait": "what"}


class CannedForm(Form):
    """A reply in both languages."""

    version = HiddenField()
    name = StringField(_l("Name in Chinese"), [DataRequired(_l("Give it a name.")), Length(max=80)])
    name_en = StringField(_l("Name in English"), [Length(max=80)])
    text = TextAreaField(
        _l("Text in Chinese"), [Length(max=rules.LONGEST)], render_kw={"rows": 7, "lang": "zh"}
    )
    text_en = TextAreaField(
        _l("Text in English"), [Length(max=rules.LONGEST)], render_kw={"rows": 7, "lang": "en"}
    )

    def texts(self) -> services.Texts:
        """What was typed."""
        typed = (self.name.data, self.name_en.data, self.text.data, self.text_en.data)
        return services.Texts(*(text or "" for text in typed))


def put_in(form: Any, complaint: Complaint, name: str) -> Any:
    """The form with the chosen reply below what is typed already. Nothing is kept or sent by it."""
    chosen = request.form.get("canned", "")
    field = form[PLACES[name]] if name in PLACES else None
    if field is not None and chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        reply = queries.get(int(chosen))
        language = complaint.feedback.language
        text = rules.fill(rules.text_for(language, reply.text, reply.text_en), _values(complaint, language))
        field.data = "\n\n".join(part for part in ((field.data or "").rstrip(), text) if part)
    return form


def _values(complaint: Complaint, language: str) -> dict[str, str]:
    """What stands in the places, in the customer's language."""
    entry = complaint.feedback
    name = entry.contact_name or (complaint.customer.name if complaint.customer else "")
    with force_locale(BABEL_LOCALES.get(language, "en")):
        today = clock.now().astimezone(firm_timezone()).date()
        return {
            "number": complaint.number,
            "customer": name or _("Dear customer"),
            "unit": complaint.unit.name_in(language) if complaint.unit else _("our customer service"),
            "date": format_date(today, _("MMM d, y")),
        }


@bp.get("/complaints/canned")
@requires(Permission.COMPLAINTS_WORK)
def canned() -> Response:
    """All replies, with what they say."""
    return render(
        "complaints/canned.html",
        replies=queries.everything(),
        editing=queries.may_edit(current_user),
        places=rules.PLACES,
    )


@bp.get("/complaints/canned/new")
@requires(Permission.CANNED_REPLIES_EDIT)
def canned_new() -> Response:
    """The form of a new one."""
    return _page(CannedForm(formdata=None), None)


@bp.post("/complaints/canned/new")
@requires(Permission.CANNED_REPLIES_EDIT)
def canned_add() -> Any:
    """Keep a new one."""
    return _save(None)


@bp.get("/complaints/canned/<int:reply_id>")
@requires(Permission.CANNED_REPLIES_EDIT)
def canned_edit(reply_id: int) -> Response:
    """The form of one."""
    reply = queries.get(reply_id)
    return _page(_form_of(reply), reply)


@bp.post("/complaints/canned/<int:reply_id>")
@requires(Permission.CANNED_REPLIES_EDIT)
def canned_save(reply_id: int) -> Any:
    """Change one; a stale save shows both texts side by side."""
    return _save(queries.get(reply_id))


@bp.post("/complaints/canned/<int:reply_id>/<any(away, back):way>")
@requires(Permission.CANNED_REPLIES_EDIT)
def canned_put_away(reply_id: int, way: str) -> Any:
    """Offer it no longer, or again."""
    services.put_away(queries.get(reply_id), away=way == "away", by=acting_user(), now=clock.now())
    return redirect(url_for("complaints.canned"))


def _save(reply: CannedReply | None) -> Any:
    form = CannedForm()
    if not form.validate():
        return _page(form, reply, status=422)
    seen = whole_number(form.version.data) if reply else None
    try:
        services.save(reply, form.texts(), seen=seen, by=acting_user(), now=clock.now())
    except Stale:
        assert reply is not None, "a new one has no other version"
        conflict = conflict_between(form, _form_of(reply), last_change("canned_reply", reply.id))
        return _page(form, reply, conflict=conflict, status=409)
    except Refused as refusal:
        reply_id = reply.id if reply else None
        release()
        form.form_errors = [words.refusal_text(refusal)]
        return _page(form, queries.get(reply_id) if reply_id else None, status=422)
    flash(_("Saved."), "success")
    return redirect(url_for("complaints.canned"))


def _form_of(reply: CannedReply) -> CannedForm:
    form = CannedForm(formdata=None, obj=reply)
    form.version.data = str(reply.version)
    return form


def _page(
    form: CannedForm, reply: CannedReply | None, *, conflict: Conflict | None = None, status: int = 200
) -> Response:
    return render(
        "complaints/canned_edit.html",
        status=status,
        form=form,
        reply=reply,
        name=reply.name_in(page_language()) if reply else "",
        conflict=conflict,
        places=rules.PLACES,
    )
