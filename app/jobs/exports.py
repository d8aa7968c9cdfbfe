"""Jobs that write spreadsheets for people to fetch: the customers shown, the bad rows of an import.

The file lies in the data folder under a name nobody can guess, and is removed after a day.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app import clock
from app.adapters import files
from app.adapters.workbook.outgoing import Value, csv_safe
from app.adapters.workbook.scan import column_letters
from app.extensions import db
from app.jobs import registry, runner
from app.models import Customer, CustomerImport, User
from app.queries import customers as register
from app.queries import imports
from app.queries.segments import select_customers
from app.services import audit
from app.services.customers import tables
from app.web.customer_words import field_text, problem_text
from app.web.i18n import BABEL_LOCALES

CHUNK = 500
KEPT = timedelta(days=1)
Rows = Iterator[Sequence[Value]]


def exports() -> Path:
    """The folder of files to be fetched."""
    return files.private_folder(current_app.config["HEED"].data, "exports")


@registry.job("export_customers")
def export_customers(
    progress: runner.Progress,
    filters: dict[str, Any],
    sort: str,
    ending: str,
    language: str,
    author: int,
) -> dict[str, Any]:
    """Write the customers that meet the filters, in the order of the list."""
    runner.release()
    statement = register.ordered(select_customers(filters), sort).with_only_columns(Customer.id)
    ids = list(db.session.scalars(statement))
    names = _attribute_names(ids)
    name = files.new_name(f".{ending}")
    header = tables.headers(language, names)

    def rows() -> Rows:
        for done, customers in _customers(ids):
            for customer in customers:
                yield tables.customer_row(customer, language, names)
            db.session.expunge_all()
            progress.set(done, len(ids))

    with force_locale(BABEL_LOCALES[language]):
        extra = [(_("Contacts"), _contact_headers(), lambda: _contact_rows(ids))]
        _write(exports() / name, ending, (_("Customers"), header, rows), extra)
    with runner.transaction():
        user = db.session.get(User, author)
        audit.record(
            "customers.exported", kind="customers", object_id=None, by=user, now=clock.now(), rows=len(ids)
        )
    return {"file": name, "stem": "customers", "rows": len(ids)}


def _attribute_names(ids: list[int]) -> list[str]:
    found: dict[str, None] = {}
    for start in range(0, len(ids), CHUNK):
        chosen = select(Customer.attributes).where(Customer.id.in_(ids[start : start + CHUNK]))
        for attributes in db.session.scalars(chosen):
            found |= dict.fromkeys(attributes)
    return sorted(found)


def _customers(ids: list[int]) -> Iterator[tuple[int, list[Customer]]]:
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        statement = select(Customer).where(Customer.id.in_(part))
        options = (
            selectinload(Customer.contacts),
            selectinload(Customer.service_events),
            joinedload(Customer.unit),
        )
        found = {one.id: one for one in db.session.scalars(statement.options(*options))}
        yield start + len(part), [found[one] for one in part if one in found]


def _contact_headers() -> list[str]:
    return [
        _("Customer code"), _("Customer name"), _("Contact"), _("E-mail"), _("Phone"), _("Language of mails"),
        _("Opted out"), _("Undeliverable"),
    ]  # fmt: skip


def _contact_rows(ids: list[int]) -> Rows:
    for _done, customers in _customers(ids):
        for customer in customers:
            for contact in customer.contacts:
                yield [
                    customer.code,
                    customer.name,
                    contact.name,
                    contact.email,
                    contact.phone,
                    contact.language,
                    contact.opted_out_at.date() if contact.opted_out_at else None,
                    _("Yes") if contact.address_state == "bad" else "",
                ]
        db.session.expunge_all()


@registry.job("export_bad_rows")
def export_bad_rows(
    _progress: runner.Progress,
    import_id: int,
    ending: str,
    language: str,
) -> dict[str, Any]:
    """Write every bad row of an import: row number, column, what is wrong, and how the row begins."""
    runner.release()
    imported = db.session.get(CustomerImport, import_id)
    if imported is None:
        return {}
    name = files.new_name(f".{ending}")
    with force_locale(BABEL_LOCALES[language]):
        header = [_("Row number"), _("Column"), _("Item"), _("What is wrong"), _("The row begins with")]
        title = _("Bad rows")
        _write(exports() / name, ending, (title, header, lambda: _problem_rows(imported)), [])
    return {"file": name, "stem": "bad-rows", "rows": imported.result.get("bad", 0)}


def _problem_rows(imported: CustomerImport) -> Rows:
    number = -1
    while rows := imports.bad_rows_after(imported, number, CHUNK):
        for row in rows:
            for problem in row.problems or ():
                column = column_letters(problem["column"] + 1) if problem["column"] is not None else ""
                told = problem_text(problem["code"], problem["params"])
                yield [row.number, column, field_text(problem["field"]), told, row.cells]
        number = rows[-1].number


Table = tuple[str, list[str], Callable[[], Rows]]


def _write(path: Path, ending: str, table: Table, extra: list[Table]) -> None:
    """Write the table; further tables fit only into a workbook."""
    if ending == "csv":
        _title, header, rows = table
        # With a byte order mark every spreadsheet program reads Chinese right.
        with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([csv_safe(cell) for cell in header])
            writer.writerows([csv_safe(cell) for cell in row] for row in rows())
        return
    # Imported here: the module is loaded by the web process's tests, the library only by the worker.
    from app.adapters.workbook.writer import Column, Sheet, write_table

    sheets = (
        Sheet(title, [Column(name) for name in header], rows()) for title, header, rows in (table, *extra)
    )
    write_table(path, sheets)


@registry.every(timedelta(hours=1))
def forget_old_exports() -> None:
    """Remove files that nobody has fetched for a day."""
    files.remove_older(exports(), clock.now() - KEPT)
