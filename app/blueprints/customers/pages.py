"""One customer's page, and changing the facts on it."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.customers import bp
from app.blueprints.customers.forms import CustomerForm, ServiceForm
from app.blueprints.customers.words import refusal_text
from app.errors import Missing, Refused, Stale
from app.models import Customer
from app.queries import customers as queries
from app.queries.changes import last_customer_change
from app.queries.complaints import cases
from app.rules.permissions import Permission, allows
from app.services.customers import register
from app.web.access import requires
from app.web.case_words import STATES
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.mail_words import address_reason
from app.web.security import acting_user


def load(customer_id: int) -> Customer:
    """The customer, or the 404 page."""
    customer = queries.get_visible(current_user, customer_id)
    if customer is None:
        raise Missing("customer")
    return customer


def show_page(customer: Customer, *, service_form: ServiceForm | None = None, status: int = 200) -> Response:
    """The customer's page, with a refused form in its place."""
    surveys = allows(current_user.role_names, Permission.SURVEYS_READ)
    return render(
        "customers/show.html",
        customer=customer,
        address_reason=address_reason,
        complaints=cases.of_customer(current_user, customer),
        states=STATES,
        happenings=queries.timeline(customer, surveys=surveys),
        service_form=service_form or ServiceForm(formdata=None),
        status=status,
    )


@bp.get("/<int:customer_id>")
@requires(Permission.CUSTOMERS_READ)
def show(customer_id: int) -> Response:
    """Facts, contacts, service dates, time line."""
    return show_page(load(customer_id))


@bp.route("/<int:customer_id>/edit", methods=["GET", "POST"])
@requires(Permission.CUSTOMERS_EDIT)
def edit(customer_id: int) -> Any:
    """Change the facts; a stale save shows both texts side by side."""
    customer, form = load(customer_id), CustomerForm()
    form.offer_units(queries.choices().units, page_language())
    if not form.is_submitted():
        return _edit_page(_form_of(customer), customer)
    if not form.validate():
        return _edit_page(form, customer, status=422)
    try:
        register.edit_customer(
            customer,
            form.facts(),
            version=whole_number(form.version.data),
            by=acting_user(),
            now=clock.now(),
        )
    except Refused as refusal:
        form.code.errors = [refusal_text(refusal.code)]
        return _edit_page(form, customer, status=422)
    except Stale:
        conflict = conflict_between(form, _form_of(customer), last_customer_change(customer))
        return _edit_page(form, customer, conflict=conflict, status=409)
    flash(_("Saved."), "success")
    return redirect(url_for("customers.show", customer_id=customer.id))


def _form_of(customer: Customer) -> CustomerForm:
    """The form as the row fills it."""
    form = CustomerForm(formdata=None)
    form.offer_units(queries.choices().units, page_language())
    form.show(customer)
    return form


def _edit_page(
    form: CustomerForm, customer: Customer, *, conflict: Conflict | None = None, status: int = 200
) -> Response:
    return render("customers/edit.html", form=form, customer=customer, conflict=conflict, status=status)


@bp.post("/<int:customer_id>/services")
@requires(Permission.CUSTOMERS_EDIT)
def add_service(customer_id: int) -> Any:
    """Add a service date."""
    customer = load(customer_id)
    form = ServiceForm()
    if form.validate():
        try:
            register.add_service(
                customer, on=form.on.data, what=form.what.data or "", by=acting_user(), now=clock.now()
            )
        except Refused as refusal:
            form.on.errors = [refusal_text(refusal.code)]
        else:
            return redirect(url_for("customers.show", customer_id=customer.id, _anchor="services"))
    return show_page(customer, service_form=form, status=422)


@bp.post("/<int:customer_id>/services/<int:event_id>/remove")
@requires(Permission.CUSTOMERS_EDIT)
def remove_service(customer_id: int, event_id: int) -> Any:
    """Remove a service date that was entered wrongly."""
    customer = load(customer_id)
    event = next((one for one in customer.service_events if one.id == event_id), None)
    if event is None:
        raise Missing("service_event")
    register.remove_service(customer, event, by=acting_user(), now=clock.now())
    return redirect(url_for("customers.show", customer_id=customer.id, _anchor="services"))
