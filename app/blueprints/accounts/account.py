"""Everybody's own account: name, language, appearance, sessions."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.accounts.forms import ProfileForm
from app.blueprints.accounts.routes import bp
from app.rules.permissions import Permission
from app.services import accounts, users
from app.web.access import requires
from app.web.fragments import render
from app.web.security import acting_user, open_session, session_key


@bp.route("/account", methods=["GET", "POST"])
@requires(Permission.HOME)
def account() -> Any:
    """Show and change what belongs to oneself; roles and units are shown only."""
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        users.change_own(
            acting_user(),
            name=form.name.data,
            language=form.language.data,
            theme=form.theme.data,
            now=clock.now(),
        )
        flash(_("Saved."), "success")
        return redirect(url_for("accounts.account"))
    now = clock.now()
    return render(
        "accounts/account.html",
        form=form,
        sessions=accounts.open_sessions(current_user, now=now),
        present=accounts.hash_key(session_key()),
        status=422 if form.is_submitted() else 200,
    )


@bp.post("/account/sign-out-everywhere")
@requires(Permission.HOME)
def sign_out_everywhere() -> Any:
    """End all own sessions and begin this one anew."""
    user, now = acting_user(), clock.now()
    users.end_access(user, now=now)
    open_session(user)
    flash(_("You are signed out everywhere else."), "success")
    return redirect(url_for("accounts.account"))
