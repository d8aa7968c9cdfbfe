"""Adding, changing and removing the contacts of a customer."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.customers import bp
from app.blueprints.customers.forms import ContactForm
from app.blueprints.customers.pages import load
from app.blueprints.customers.words import refusal_text
from app.errors import Missing, Refused
from app.models import Contact, Customer
from app.rules.permissions import Permission
from app.services.customers import contacts
from app.web.access import requires
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.security import acting_user


def load_contact(customer: Customer, contact_id: int) -> Contact:
    """A contact of this customer, or the 404 page."""
    contact = next((one for one in customer.contacts if one.id == contact_id), None)
    if contact is None:
        raise Missing("contact")
    return contact


def _back(customer: Customer) -> Any:
    return redirect(url_for("customers.show", customer_id=customer.id, _anchor="contacts"))


def _page(
    form: ContactForm,
    customer: Customer,
    contact: Contact | None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status: int = 200,
) -> Response:
    return render(
        "customers/contact.html",
        form=form,
        customer=customer,
        contact=contact,
        conflict=conflict or [],
        status=status,
    )


@bp.route("/<int:customer_id>/contacts/new", methods=["GET", "POST"])
@requires(Permission.CUSTOMERS_EDIT)
def add_contact(customer_id: int) -> Any:
    """Add a contact."""
    customer = load(customer_id)
    form = ContactForm()
    if form.validate_on_submit():
        contacts.add_contact(customer, form.facts(), by=acting_user(), now=clock.now())
        return _back(customer)
    return _page(form, customer, None, status=422 if form.is_submitted() else 200)


@bp.route("/<int:customer_id>/contacts/<int:contact_id>", methods=["GET", "POST"])
@requires(Permission.CUSTOMERS_EDIT)
def edit_contact(customer_id: int, contact_id: int) -> Any:
    """Change a contact; a stale save shows both texts side by side."""
    customer = load(customer_id)
    contact = load_contact(customer, contact_id)
    form = ContactForm()
    if not form.is_submitted():
        form.show(contact)
        form.version.data = str(customer.version)
        return _page(form, customer, contact)
    if not form.validate():
        return _page(form, customer, contact, status=422)
    if whole_number(form.version.data) != customer.version:
        conflict = _differences(form, contact)
        form.version.data = str(customer.version)
        if conflict:
            return _page(form, customer, contact, conflict=conflict, status=409)
    contacts.edit_contact(customer, contact, form.facts(), by=acting_user(), now=clock.now())
    flash(_("Saved."), "success")
    return _back(customer)


def _differences(form: ContactForm, contact: Contact) -> list[tuple[str, str, str]]:
    stored = ContactForm(formdata=None)
    stored.show(contact)
    return [
        (mine.label.text, _shown(stored[mine.short_name].data), _shown(mine.data))
        for mine in form
        if mine.short_name in stored
        and mine.short_name not in ("version", "csrf_token")
        and (mine.data or "") != (stored[mine.short_name].data or "")
    ]


def _shown(value: Any) -> str:
    return str(_("Yes") if value else _("No")) if isinstance(value, bool) else str(value or "")


@bp.post("/<int:customer_id>/contacts/<int:contact_id>/remove")
@requires(Permission.CUSTOMERS_EDIT)
def remove_contact(customer_id: int, contact_id: int) -> Any:
    """Remove a contact that nothing depends on."""
    customer = load(customer_id)
    contact = load_contact(customer, contact_id)
    try:
        contacts.remove_contact(customer, contact, by=acting_user(), now=clock.now())
    except Refused as refusal:
        flash(refusal_text(refusal.code), "warning")
    return _back(customer)


@bp.post("/<int:customer_id>/contacts/<int:contact_id>/trust")
@requires(Permission.CUSTOMERS_EDIT)
def trust_address(customer_id: int, contact_id: int) -> Any:
    """The address is right again."""
    customer = load(customer_id)
    contact = load_contact(customer, contact_id)
    contacts.trust_address(customer, contact, by=acting_user(), now=clock.now())
    flash(_("Surveys go to %(address)s again.", address=contact.email), "success")
    return _back(customer)
