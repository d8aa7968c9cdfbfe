"""Adding, changing and removing the contacts of a customer."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.customers import bp
from app.blueprints.customers.forms import ContactForm
from app.blueprints.customers.pages import load
from app.blueprints.customers.words import refusal_text
from app.errors import Missing, Refused, Stale
from app.models import Contact, Customer
from app.queries.changes import last_customer_change
from app.rules.permissions import Permission
from app.services.customers import contacts
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
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
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    return render(
        "customers/contact.html",
        form=form,
        customer=customer,
        contact=contact,
        conflict=conflict,
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
        return _page(_form_of(contact), customer, contact)
    if not form.validate():
        return _page(form, customer, contact, status=422)
    version = whole_number(form.version.data)
    try:
        contacts.edit_contact(
            customer, contact, form.facts(), version=version, by=acting_user(), now=clock.now()
        )
    except Stale:
        conflict = conflict_between(form, _form_of(contact), last_customer_change(customer))
        return _page(form, customer, contact, conflict=conflict, status=409)
    flash(_("Saved."), "success")
    return _back(customer)


def _form_of(contact: Contact) -> ContactForm:
    """The form as the row fills it."""
    form = ContactForm(formdata=None)
    form.show(contact)
    return form


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
