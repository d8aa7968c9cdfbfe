"""Groups in messengers that are told what happens: the list, one group, and a test message."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import PasswordInput

from app import clock
from app.blueprints.settings import messenger_words as words
from app.blueprints.settings.routes import bp
from app.errors import Refused, Stale
from app.models import Messenger
from app.queries import messengers as queries
from app.queries import users
from app.queries.changes import last_change
from app.rules.messengers import LONGEST_ADDRESS
from app.rules.permissions import Permission
from app.services import messengers as service
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import Form, options, whole_number
from app.web.fragments import render
from app.web.i18n import OWN_NAMES, page_language
from app.web.security import acting_user
from app.web.transactions import release


class MessengerForm(Form):
    """A group. Address and secret are only ever typed in, never shown."""

    version = HiddenField()
    kind = RadioField(
        _l("Messenger"), [DataRequired(_l("Choose the messenger."))], choices=options(words.KINDS.items())
    )
    name = StringField(
        _l("Name of the group"),
        [DataRequired(_l("Enter the name of the group.")), Length(max=80)],
        description=_l("As you call it, such as “Complaints, Chengxi branch”."),
    )
    address = StringField(
        _l("Address of the group's robot"),
        [Length(max=LONGEST_ADDRESS)],
        render_kw={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"},
    )
    secret = PasswordField(
        _l("Signing secret"),
        [Length(max=120)],
        description=_l("DingTalk and Feishu only, where the robot is set to check signatures."),
        # What was just typed stays when something else has to be put right; what is stored is never in the form.
        widget=PasswordInput(hide_value=False),
        render_kw={"autocomplete": "new-password"},
    )
    forget_secret = BooleanField(_l("The robot checks no signatures any more: forget the secret"))
    unit = SelectField(_l("Complaints of"), coerce=int)
    least = RadioField(
        _l("What the group is told"),
        [DataRequired(_l("Choose from the list."))],
        choices=options(words.WEIGHTS.items()),
    )
    language = RadioField(
        _l("Language"), [DataRequired(_l("Choose a language."))], choices=options(OWN_NAMES.items())
    )
    active = BooleanField(
        _l("In use"), description=_l("A group that is switched off keeps its settings and is told nothing.")
    )


@bp.get("/messengers")
@requires(Permission.SETTINGS_READ)
def messengers() -> Response:
    """Every group and how its last message went."""
    return render("settings/messengers.html", rows=queries.listed(), **_words())


@bp.route("/messengers/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def messenger_new() -> Any:
    """Add a group."""
    form = MessengerForm(data={"language": page_language(), "least": "deadlines", "active": True, "unit": 0})
    _offer_units(form)
    if not form.validate_on_submit():
        return _page(form, None, 422 if form.is_submitted() else 200)
    try:
        added = service.add(_wishes(form), by=acting_user(), now=clock.now())
    except Refused as refused:
        return _refused(form, None, refused)
    flash(_("Saved. Send a test message to see whether it arrives."), "success")
    return redirect(url_for("settings.messenger", messenger_id=added.id))


@bp.get("/messengers/<int:messenger_id>")
@requires(Permission.SETTINGS_READ)
def messenger(messenger_id: int) -> Response:
    """One group with its last messages; a form for administrators."""
    row = queries.get(messenger_id)
    return _page(_form_of(row), row)


@bp.post("/messengers/<int:messenger_id>")
@requires(Permission.SETTINGS_MANAGE)
def messenger_save(messenger_id: int) -> Any:
    """Change a group, or switch it on or off."""
    row, form = queries.get(messenger_id), MessengerForm()
    _offer_units(form)
    if not form.validate():
        return _page(form, row, 422)
    try:
        service.change(
            row, _wishes(form), seen=whole_number(form.version.data), by=acting_user(), now=clock.now()
        )
    except Refused as refused:
        return _refused(form, row, refused)
    except Stale:
        return _page(form, row, 409, conflict_between(form, _form_of(row), last_change("messenger", row.id)))
    flash(_("Saved."), "success")
    return redirect(url_for("settings.messenger", messenger_id=row.id))


@bp.post("/messengers/<int:messenger_id>/test")
@requires(Permission.SETTINGS_MANAGE)
def messenger_test(messenger_id: int) -> Any:
    """Send a test message; the page shows what came of it."""
    row = queries.get(messenger_id)
    try:
        service.send_test(row, by=acting_user(), now=clock.now())
    except Refused:
        flash(_("The group is switched off. Switch it on first."), "error")
    return redirect(url_for("settings.messenger", messenger_id=row.id))


def _page(
    form: MessengerForm, row: Messenger | None, status: int = 200, conflict: Conflict | None = None
) -> Response:
    posts = queries.recent(row) if row else []
    return render(
        "settings/messenger.html",
        fragment="posts",
        form=form,
        messenger=row,
        posts=posts,
        under_way=bool(posts)
        and posts[0].kind == "test"
        and posts[0].state in ("queued", "claimed", "begun"),
        conflict=conflict,
        status=status,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "kinds": words.KINDS,
        "weights": words.WEIGHTS_SHORT,
        "states": words.STATES,
        "reason_text": words.reason_text,
    }


def _form_of(row: Messenger) -> MessengerForm:
    """The form as the row fills it, without what opens the group."""
    form = MessengerForm(
        formdata=None,
        data={name: getattr(row, name) for name in ("version", "kind", "name", "least", "language", "active")}
        | {"unit": row.unit_id or 0},
    )
    _offer_units(form)
    return form


def _offer_units(form: MessengerForm) -> None:
    language = page_language()
    names = [
        (line.unit.id, "　" * line.depth + line.unit.name_in(language))
        for line in users.unit_lines()
        if line.unit.active
    ]
    form.unit.choices = options([(0, _("The whole firm")), *names])


def _wishes(form: MessengerForm) -> service.Wishes:
    typed = (form.secret.data or "").strip()
    return service.Wishes(
        kind=form.kind.data,
        name=form.name.data or "",
        address=form.address.data or "",
        secret="" if form.forget_secret.data else typed or None,
        unit_id=form.unit.data or None,
        least=form.least.data,
        language=form.language.data,
        active=form.active.data,
    )


def _refused(form: MessengerForm, row: Messenger | None, refused: Refused) -> Response:
    # What had been set on the row before the refusal must not be shown as stored.
    release()
    form[words.FIELD_OF.get(refused.code, "address")].errors = [str(words.REFUSALS[refused.code])]
    return _page(form, queries.get(row.id) if row else None, 422)
