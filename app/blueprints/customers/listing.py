"""The list of customers, and adding one."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.customers import bp, filtering
from app.blueprints.customers.forms import CustomerForm
from app.blueprints.customers.words import refusal_text
from app.errors import Refused
from app.queries import customers as queries
from app.queries.paging import PER_PAGE
from app.rules.permissions import Permission
from app.rules.segments import filter_fields
from app.services.customers import register
from app.web.access import requires
from app.web.addresses import page_number
from app.web.fragments import render
from app.web.i18n import firm_timezone, page_language
from app.web.security import acting_user


@bp.get("/")
@requires(Permission.CUSTOMERS_READ)
def index() -> Response:
    """The list with search, filters, order and columns, all in the address."""
    filters = filtering.read_filters(request.args)
    sort = filtering.read_sort(request.args)
    columns = filtering.read_columns()
    today = clock.now().astimezone(firm_timezone()).date()
    page = queries.search(filters, sort=sort, page=page_number(), today=today)
    chosen = columns if columns != list(filtering.DEFAULT_COLUMNS) else []

    def address(**more: Any) -> str:
        return filtering.address("customers.index", filters, **({"sort": sort, "cols": chosen} | more))

    choices = queries.choices()
    return render(
        "customers/index.html",
        page_rows=page,
        filters=filters,
        choices=choices,
        sort=sort,
        columns=columns,
        column_words=filtering.column_words(),
        reach_words=filtering.reach_words(),
        filter_words=filtering.filter_words(filters, choices, page_language()),
        address=address,
        per_page=PER_PAGE,
        fields=filter_fields(filters),
        segment_url=filtering.address("customers.create_segment", filters),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.CUSTOMERS_EDIT)
def create() -> Any:
    """Add one customer by hand."""
    form = CustomerForm()
    form.offer_units(queries.choices().units, page_language())
    if form.validate_on_submit():
        try:
            customer = register.create_customer(form.facts(), by=acting_user(), now=clock.now())
        except Refused as refusal:
            form.code.errors = [refusal_text(refusal.code)]
        else:
            flash(
                _(
                    "%(name)s was added. Now add a contact, so that surveys can reach them.",
                    name=customer.name,
                ),
                "success",
            )
            return redirect(url_for("customers.show", customer_id=customer.id))
    status = 422 if form.is_submitted() else 200
    return render("customers/edit.html", form=form, customer=None, status=status)
