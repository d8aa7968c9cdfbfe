"""Switching the second factor on and off, and recovery codes."""

from typing import Any

import segno
from flask import flash, redirect, session, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.accounts.forms import ConfirmPasswordForm, SwitchOnForm
from app.blueprints.accounts.password import is_present_password
from app.blueprints.accounts.routes import bp
from app.rules.permissions import Permission
from app.services import second_factor
from app.web.access import requires
from app.web.fragments import render
from app.web.security import acting_user

NEW_SECRET = "new_second_factor"  # noqa: S105 - the name of a place in the session


@bp.route("/account/second-factor", methods=["GET", "POST"])
@requires(Permission.HOME)
def second_factor_page() -> Any:
    """Switch it on; when it is on, switch it off or renew the recovery codes."""
    if current_user.tf_totp_secret:
        return render("accounts/second_factor_on.html", form=ConfirmPasswordForm(), left=_codes_left())
    form = SwitchOnForm()
    # The secret is encrypted, and belongs to nobody before a code of it was entered.
    secret = session.setdefault(NEW_SECRET, second_factor.new_secret())
    if not form.validate_on_submit():
        return _set_up_page(form, secret, 422 if form.is_submitted() else 200)
    if not is_present_password(form.present.data):
        form.present.errors = [_("This is not your present password.")]
        return _set_up_page(form, secret, 422)
    user, now = acting_user(), clock.now()
    if not second_factor.fits(user, secret, form.code.data or "", now=now):
        form.code.errors = [_("These digits are not right. Check the clock of your phone.")]
        return _set_up_page(form, secret, 422)
    codes = second_factor.switch_on(user, secret=secret, by=user, now=now)
    session.pop(NEW_SECRET)
    return render("accounts/recovery_codes.html", codes=codes)


def _set_up_page(form: SwitchOnForm, secret: str, status: int) -> Any:
    address = second_factor.address(current_user, secret)
    return render(
        "accounts/second_factor_off.html",
        form=form,
        picture=segno.make(address, micro=False).svg_data_uri(
            scale=5, border=3, dark="#1a2330", light="#fff"
        ),
        key=second_factor.readable_key(secret),
        status=status,
    )


def _codes_left() -> int:
    return len(current_user.mf_recovery_codes or [])


@bp.post("/account/second-factor/off")
@requires(Permission.HOME)
def second_factor_off() -> Any:
    """Remove the second factor, with the password."""
    form = ConfirmPasswordForm()
    if not _is_confirmed(form):
        return render("accounts/second_factor_on.html", form=form, left=_codes_left(), status=422)
    user = acting_user()
    second_factor.switch_off(user, by=user, now=clock.now())
    flash(_("The second step is off."), "success")
    return redirect(url_for("accounts.account"))


@bp.post("/account/second-factor/codes")
@requires(Permission.HOME)
def renew_recovery_codes() -> Any:
    """Make new recovery codes, with the password."""
    form = ConfirmPasswordForm()
    if not current_user.tf_totp_secret:
        return redirect(url_for("accounts.second_factor_page"))
    if not _is_confirmed(form):
        return render("accounts/second_factor_on.html", form=form, left=_codes_left(), status=422)
    user = acting_user()
    codes = second_factor.renew_recovery_codes(user, by=user, now=clock.now())
    return render("accounts/recovery_codes.html", codes=codes)


def _is_confirmed(form: ConfirmPasswordForm) -> bool:
    if not form.validate_on_submit():
        return False
    if is_present_password(form.present.data):
        return True
    form.present.errors = [_("This is not your present password.")]
    return False
