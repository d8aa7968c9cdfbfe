"""Signing in, with the second factor where there is one, and signing out."""

import math
from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user
from sqlalchemy import select

from app import clock
from app.blueprints.accounts.forms import CodeForm, SignInForm
from app.blueprints.accounts.routes import bp
from app.extensions import db
from app.models import User
from app.queries import users as queries
from app.rules import throttle
from app.services import audit, passwords, second_factor, throttling
from app.web.access import public
from app.web.addresses import local_path
from app.web.fragments import render
from app.web.security import close_session, open_session, store_and_release
from app.web.transactions import keep_changes

PENDING = "second_factor"
PENDING_LIFETIME = timedelta(minutes=10)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """Address and password."""
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next")) or url_for("home.index"))
    form = SignInForm()
    form.next.data = target = local_path(request.values.get("next"))
    if not form.validate_on_submit():
        return _page(form, 422 if form.is_submitted() else 200)
    email = (form.email.data or "").lower()
    wait = _count_try(email)
    if wait:
        return _page(form, 429, wait)
    user = _checked(email, form.password.data)
    if user is None:
        form.password.errors = [_("Address and password do not match.")]
        return _page(form, 422)
    return _go_on(user, target)


def _page(form: SignInForm, status: int, wait: timedelta | None = None) -> Any:
    response = render("accounts/sign_in.html", form=form, wait=wait_text(wait), status=status)
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return response


def wait_text(wait: timedelta | None) -> str | None:
    """How long somebody has to wait, in words."""
    if not wait:
        return None
    minutes = math.ceil(wait.total_seconds() / 60)
    return ngettext(
        "Too many tries. Wait a minute, then try again.",
        "Too many tries. Wait %(num)d minutes, then try again.",
        minutes,
    )


def _count_try(email: str) -> timedelta:
    # Per account *and* place: nobody can lock somebody else out. Per place: nobody can try a
    # thousand accounts. Committed before the password is looked at, so that parallel tries count.
    now, source = clock.now(), request.remote_addr or ""
    wait = throttling.try_once("sign-in", email, source, policy=throttle.SIGN_IN, now=now)
    if not wait:
        wait = throttling.try_once("sign-in-from", source, policy=throttle.SIGN_IN_SOURCE, now=now)
    return wait


def _checked(email: str, password: str) -> User | None:
    user = queries.by_email(email)
    stored = user.password if user is not None and user.active else None
    store_and_release()
    if not passwords.matches(password, stored):
        return None
    now, source = clock.now(), request.remote_addr or ""
    throttling.succeeded("sign-in", email, source, now=now)
    throttling.take_back("sign-in-from", source, now=now)
    # Read again: the password may have been changed while this one was being checked.
    user = queries.by_email(email)
    return user if user is not None and user.active and user.password == stored else None


def _go_on(user: User, target: str | None) -> Any:
    if user.tf_totp_secret:
        session.clear()
        session[PENDING] = {
            "user": user.fs_uniquifier,
            "until": (clock.now() + PENDING_LIFETIME).timestamp(),
            "next": target,
        }
        return redirect(url_for("accounts.sign_in_code"))
    return _welcome(user, target)


def _welcome(user: User, target: str | None) -> Any:
    open_session(user)
    audit.record("user.signed_in", kind="user", object_id=user.id, by=user, now=clock.now())
    return redirect(target or url_for("home.index"))


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def sign_in_code() -> Any:
    """The six digits of the second factor, or a recovery code."""
    user = _pending_user()
    if user is None:
        session.pop(PENDING, None)
        flash(_("Please sign in again."), "info")
        return redirect(url_for("accounts.sign_in"))
    form = CodeForm()
    if not form.validate_on_submit():
        return render(
            "accounts/sign_in_code.html", form=form, wait=None, status=422 if form.is_submitted() else 200
        )
    now = clock.now()
    keep_changes()
    wait = throttling.try_once("code", str(user.id), policy=throttle.SECOND_FACTOR, now=now)
    if wait:
        return render("accounts/sign_in_code.html", form=form, wait=wait_text(wait), status=429)
    code = form.code.data or ""
    if not (
        second_factor.fits(user, user.tf_totp_secret or "", code, now=now)
        or second_factor.spend_recovery_code(user, code, now=now)
    ):
        form.code.errors = [_("This code is not right, or was used before.")]
        return render("accounts/sign_in_code.html", form=form, wait=None, status=422)
    throttling.succeeded("code", str(user.id), now=now)
    return _welcome(user, local_path(session[PENDING].get("next")))


def _pending_user() -> User | None:
    pending = session.get(PENDING)
    if not isinstance(pending, dict) or pending.get("until", 0) < clock.now().timestamp():
        return None
    user = db.session.scalar(select(User).where(User.fs_uniquifier == pending.get("user"), User.active))
    return user if user is not None and user.tf_totp_secret else None


@bp.post("/sign-out")
@public
def sign_out() -> Any:
    """End this session, also for every copy of its cookie."""
    if current_user.is_authenticated:
        close_session()
    session.clear()
    return redirect(url_for("accounts.sign_in"))
