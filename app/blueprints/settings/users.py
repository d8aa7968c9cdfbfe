"""Users: the list, creating, changing, and the link to set a password."""

from typing import Any

from flask import current_app, flash, redirect, session, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.settings.forms import UserForm
from app.blueprints.settings.routes import bp
from app.blueprints.settings.words import REFUSALS, ROLE_NOTES
from app.errors import Refused, Stale
from app.models import User
from app.queries import users as queries
from app.queries.changes import last_change
from app.rules.permissions import Permission, Role
from app.services import passwords, second_factor
from app.services import users as service
from app.web.access import requires
from app.web.addresses import filter_text
from app.web.conflicts import Conflict, conflict_between
from app.web.firm import present_firm
from app.web.forms import options, whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.role_words import ROLE_NAMES
from app.web.security import acting_user

SHOW_LINK = "show_link_of"
FIELD_OF = {"email_taken": "email", "own_account": "active"}


@bp.get("/users")
@requires(Permission.USERS_READ)
def users() -> Any:
    """Everybody with an account."""
    search, role = filter_text("q"), filter_text("role")
    chosen = {"on": True, "off": False}.get(filter_text("active"))
    return render(
        "settings/users.html",
        users=queries.listed(search=search, role=role, active=chosen),
        role_names=ROLE_NAMES,
        unit_names={line.unit.id: line.unit.name_in(page_language()) for line in queries.unit_lines()},
        filters={
            "q": search,
            "role": role if role in set(Role) else "",
            "active": filter_text("active"),
        },
    )


@bp.route("/users/new", methods=["GET", "POST"])
@requires(Permission.USERS_MANAGE)
def user_new() -> Any:
    """Create a user and send him a link to set his password."""
    firm = present_firm()
    form = UserForm(data={"language": firm.language if firm else page_language(), "active": True})
    _offer_units(form)
    if not form.validate_on_submit():
        return _form_page(form, None, 422 if form.is_submitted() else 200)
    by, now = acting_user(), clock.now()
    try:
        user = service.create(
            email=form.email.data or "",
            name=form.name.data or "",
            language=form.language.data,
            role_names=form.roles.data or [],
            unit_ids=form.units.data or [],
            by=by,
            now=now,
        )
    except Refused as refused:
        return _refused(form, None, refused)
    return _invite(user, by)


def _invite(user: User, by: User) -> Any:
    service.invite(user, by=by, now=clock.now())
    if current_app.config["HEED"].mail is None:
        # Nobody would get the mail: the link is shown, once, to hand it over by other means.
        session[SHOW_LINK] = user.id
    else:
        flash(_("%(name)s gets a mail with a link to set a password.", name=user.name), "success")
    return redirect(url_for("settings.user", user_id=user.id))


@bp.get("/users/<int:user_id>")
@requires(Permission.USERS_READ)
def user(user_id: int) -> Any:
    """One user; a form for administrators."""
    row = queries.get(user_id)
    link = None
    if session.pop(SHOW_LINK, None) == user_id:
        link = passwords.link(row, issued=clock.now(), lifetime=passwords.INVITATION_LIFETIME)
    return _form_page(_form_of(row), row, 200, link=link)


@bp.post("/users/<int:user_id>")
@requires(Permission.USERS_MANAGE)
def user_save(user_id: int) -> Any:
    """Change a user; a change of rights signs him out."""
    row, form = queries.get(user_id), UserForm()
    _offer_units(form)
    if not form.validate():
        return _form_page(form, row, 422)
    try:
        service.change(
            row,
            version=whole_number(form.version.data),
            email=form.email.data or "",
            name=form.name.data or "",
            language=form.language.data,
            role_names=form.roles.data or [],
            unit_ids=form.units.data or [],
            active=form.active.data,
            by=acting_user(),
            now=clock.now(),
        )
    except Refused as refused:
        return _refused(form, row, refused)
    except Stale:
        conflict = conflict_between(form, _form_of(row), last_change("user", row.id))
        return _form_page(form, row, 409, conflict=conflict)
    flash(_("Saved."), "success")
    return redirect(url_for("settings.users"))


@bp.post("/users/<int:user_id>/invitation")
@requires(Permission.USERS_MANAGE)
def user_invite(user_id: int) -> Any:
    """Send the link again."""
    return _invite(queries.get(user_id), acting_user())


@bp.post("/users/<int:user_id>/second-factor")
@requires(Permission.USERS_MANAGE)
def user_second_factor_off(user_id: int) -> Any:
    """Remove the second factor of somebody who has lost phone and codes; not one's own."""
    row = queries.get(user_id)
    if row.id != current_user.id:
        by, now = acting_user(), clock.now()
        second_factor.switch_off(row, by=by, now=now)
        service.end_access(row, now=now)
        flash(_("The second step of %(name)s is off.", name=row.name), "success")
    return redirect(url_for("settings.user", user_id=user_id))


def _form_of(row: User) -> UserForm:
    """The form as the row fills it."""
    form = UserForm(formdata=None, obj=row)
    form.roles.data, form.units.data = sorted(row.role_names), sorted(row.unit_ids)
    _offer_units(form)
    return form


def _offer_units(form: UserForm) -> None:
    language = page_language()
    form.units.choices = options(
        (line.unit.id, "　" * line.depth + line.unit.name_in(language)) for line in queries.unit_lines()
    )


def _form_page(
    form: UserForm,
    row: User | None,
    status: int,
    *,
    link: str | None = None,
    conflict: Conflict | None = None,
) -> Any:
    return render(
        "settings/user.html",
        form=form,
        conflict=conflict,
        user=row,
        link=link,
        role_notes=ROLE_NOTES,
        status=status,
    )


def _refused(form: UserForm, row: User | None, refused: Refused) -> Any:
    form[FIELD_OF.get(refused.code, "roles")].errors = [str(REFUSALS[refused.code])]
    return _form_page(form, row, 422)
