"""Forgotten passwords, setting one by a link, and changing one's own."""

from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.accounts.forms import ChangePasswordForm, ForgotPasswordForm, NewPasswordForm
from app.blueprints.accounts.routes import bp
from app.queries import users as queries
from app.rules import throttle
from app.rules.permissions import Permission
from app.services import passwords, throttling, users
from app.web.access import public, requires
from app.web.fragments import render
from app.web.security import acting_user, open_session, release, store_and_release

LINK = "password_link"


@bp.route("/forgot-password", methods=["GET", "POST"])
@public
def forgot_password() -> Any:
    """Ask for a link. The answer is the same whether or not there is such an account."""
    form = ForgotPasswordForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render("accounts/forgot_password.html", form=form, sent=False, status=status)
    now, email = clock.now(), form.email.data or ""
    # A stranger must not be able to fill somebody's mailbox, nor use us to write to many.
    wait = throttling.try_once("reset-to", email, policy=throttle.RESET_ADDRESS, now=now)
    source = request.remote_addr or ""
    wait = wait or throttling.try_once("reset-from", source, policy=throttle.RESET_SOURCE, now=now)
    user = queries.by_email(email)
    if not wait and user is not None and user.active:
        users.send_reset(user, now=now)
    return render("accounts/forgot_password.html", form=form, sent=True)


@bp.get("/reset-password/<token>")
@public
def open_link(token: str) -> Any:
    """Take the token out of the address, so that it stands in no log and no Referer. Changes nothing."""
    session[LINK] = token
    return redirect(url_for("accounts.set_password"))


@bp.route("/set-password", methods=["GET", "POST"])
@public
def set_password() -> Any:
    """Choose a password after opening the link."""
    token = str(session.get(LINK, ""))
    user = passwords.user_of_link(token, now=clock.now())
    if user is None:
        return render("accounts/link_expired.html", status=404)
    form = NewPasswordForm()
    form.person = user
    if not form.validate_on_submit():
        return render(
            "accounts/set_password.html",
            form=form,
            email=user.email,
            status=422 if form.is_submitted() else 200,
        )
    release()
    password_hash = passwords.hashed(form.password.data)
    # Asked again inside the writing transaction: of two uses at once only the first finds its user.
    user = passwords.user_of_link(token, now=clock.now())
    if user is None:
        return render("accounts/link_expired.html", status=404)
    passwords.change(user, password_hash=password_hash, by=user, now=clock.now())
    session.clear()
    flash(_("Your password is set. Sign in with it."), "success")
    return redirect(url_for("accounts.sign_in"))


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.HOME)
def change_password() -> Any:
    """Change one's own password; every other session ends."""
    form = ChangePasswordForm()
    form.person = current_user
    if not form.validate_on_submit():
        return render("accounts/change_password.html", form=form, status=422 if form.is_submitted() else 200)
    if not is_present_password(form.present.data):
        form.present.errors = [_("This is not your present password.")]
        return render("accounts/change_password.html", form=form, status=422)
    release()
    password_hash = passwords.hashed(form.password.data)
    user = acting_user()
    passwords.change(user, password_hash=password_hash, by=user, now=clock.now())
    open_session(user)
    flash(_("Your password is changed. Everywhere else you are signed out."), "success")
    return redirect(url_for("accounts.account"))


def is_present_password(password: str) -> bool:
    """Whether the signed-in user knows his password. Tries are counted; ends the transaction."""
    now, subject = clock.now(), ("present", str(current_user.id))
    stored = current_user.password
    wait = throttling.try_once(*subject, policy=throttle.SIGN_IN, now=now)
    store_and_release()
    if wait or not passwords.matches(password, stored):
        return False
    throttling.succeeded(*subject, now=now)
    store_and_release()
    return True
