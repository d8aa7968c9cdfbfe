"""The import of a customer list, step by step."""

from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.adapters import files
from app.adapters.workbook.encodings import CHOICES as ENCODINGS
from app.blueprints.customers import bp
from app.blueprints.customers.exports import wait_for
from app.blueprints.customers.forms import DecisionForm, UploadForm
from app.blueprints.customers.words import ENCODINGS as ENCODING_WORDS
from app.blueprints.customers.words import finding_text, mapping_text, refusal_text
from app.errors import Missing, Refused
from app.models import CustomerImport
from app.queries import imports as queries
from app.rules.customers.import_mapping import FIELDS, guess
from app.rules.permissions import Permission
from app.services.customers import imports
from app.web.access import requires
from app.web.addresses import page_number
from app.web.customer_words import FIELDS as FIELD_WORDS
from app.web.customer_words import field_text, problem_text
from app.web.fragments import render
from app.web.security import acting_user

DELIMITERS = {",": ",", ";": ";", "\t": "tab"}
BUSY = {
    "uploaded": ("reading", 0),
    "reading": ("reading", 0),
    "checking": ("checking", 1),
    "running": ("running", 3),
    "undoing": ("undoing", 3),
}


def _load(import_id: int) -> CustomerImport:
    imported = queries.get_visible(current_user, import_id)
    if imported is None:
        raise Missing("import")
    return imported


def _uploads() -> Any:
    return files.private_folder(current_app.config["HEED"].data, "uploads")


def _to(imported: CustomerImport) -> Any:
    return redirect(url_for("customers.show_import", import_id=imported.id), 303)


def _refused(imported: CustomerImport, refusal: Refused) -> Any:
    """A second click or a second tab comes too late: the page tells how things stand."""
    if refusal.code != "not_now":
        flash(refusal_text(refusal.code), "warning")
    return _to(imported)


@bp.route("/imports", methods=["GET", "POST"])
@requires(Permission.CUSTOMERS_IMPORT)
def import_list() -> Any:
    """Earlier imports, and the form that takes a new file."""
    form = UploadForm()
    if form.is_submitted():
        upload = request.files.get("file")
        if form.validate() and upload is not None and upload.filename:
            try:
                imports.check_room(by=acting_user(), folder_bytes=files.folder_size(_uploads()))
            except Refused as refusal:
                form.file.errors = [refusal_text(refusal.code)]
            else:
                stored = files.store(upload.stream, _uploads())
                name = upload.filename.replace("\x00", "").rpartition("/")[2].rpartition("\\")[2]
                return _to(
                    imports.receive(filename=name or "?", file=stored, by=acting_user(), now=clock.now())
                )
        else:
            form.file.errors = [_("Choose a file first.")]
    found = queries.latest(current_user, page=page_number())
    return render(
        "customers/imports.html", form=form, found=found, status=422 if form.is_submitted() else 200
    )


@bp.get("/imports/<int:import_id>")
@requires(Permission.CUSTOMERS_IMPORT)
def show_import(import_id: int) -> Response:
    """Wherever the import stands: waiting, columns, decision, result."""
    return _show(_load(import_id))


def _show(
    imported: CustomerImport,
    *,
    targets: list[str] | None = None,
    problems: list[str] | None = None,
    decision: DecisionForm | None = None,
    status: int = 200,
) -> Response:
    interrupted = imports.was_interrupted(imported)
    common: dict[str, Any] = {
        "imported": imported,
        "job": queries.job_of(imported),
        "busy": None if interrupted else BUSY.get(imported.state),
        "interrupted": interrupted,
        "earlier": queries.earlier_with_same_file(imported),
        "finding_text": finding_text,
        "status": status,
    }
    if imported.state == "read" and not common["busy"]:
        return render(
            "customers/import_columns.html",
            fragment="import_job",
            **common,
            **_columns(imported, targets),
            problems=problems or [],
        )
    return render(
        "customers/import.html",
        fragment="import_job",
        **common,
        bad_rows=queries.bad_rows(imported, page=page_number()) if imported.result.get("bad") else None,
        problem_text=problem_text,
        field_text=field_text,
        decision=decision or DecisionForm(formdata=None),
        customers=queries.created_customers(imported) if imported.state == "done" else [],
    )


def _columns(imported: CustomerImport, targets: list[str] | None) -> dict[str, Any]:
    """What the page of the columns needs: the sheet in view and a target for each of its columns."""
    sheets = imported.preview["sheets"]
    usable = [place for place, sheet in enumerate(sheets) if sheet["header"]] or [0]
    asked = request.values.get("sheet", str(imported.options.get("sheet") or usable[0]))
    chosen = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else usable[0]
    chosen = chosen if chosen < len(sheets) else usable[0]
    sheet = sheets[chosen]
    if targets is None:
        kept = imported.options.get("targets") if imported.options.get("sheet") == chosen else None
        targets = kept or list(guess(sheet["header"]).targets)
    return {
        "sheets": sheets,
        "chosen": chosen,
        "sheet": sheet,
        "targets": targets,
        "fields": [(name, field_text(name)) for name in (*FIELDS, "attribute", "ignore")],
        "field_words": FIELD_WORDS,
        "encodings": [(name, ENCODING_WORDS[name]) for name in ENCODINGS],
        "delimiters": DELIMITERS,
        "day_first": imported.options.get("day_first"),
        "clear_blank": imported.options.get("clear_blank", False),
    }


@bp.post("/imports/<int:import_id>/read")
@requires(Permission.CUSTOMERS_IMPORT)
def read_import_again(import_id: int) -> Any:
    """Look into the file with another encoding, separator or header row."""
    imported = _load(import_id)
    delimiters = {word: delimiter for delimiter, word in DELIMITERS.items()}
    reading: dict[str, Any] = {}
    if request.form.get("encoding") in ENCODINGS:
        reading["encoding"] = request.form["encoding"]
    if request.form.get("delimiter") in delimiters:
        reading["delimiter"] = delimiters[request.form["delimiter"]]
    row = request.form.get("header_row", "")
    if row.isascii() and row.isdigit() and len(row) < 4 and int(row) > 0:
        reading["header_row"] = int(row)
    try:
        imports.read_again(imported, reading=reading, by=acting_user(), now=clock.now())
    except Refused as refusal:
        return _refused(imported, refusal)
    return _to(imported)


@bp.post("/imports/<int:import_id>/columns")
@requires(Permission.CUSTOMERS_IMPORT)
def choose_columns(import_id: int) -> Any:
    """Take what each column means, and check every row."""
    imported = _load(import_id)
    if imported.state not in ("read", "checked"):
        return _to(imported)
    view = _columns(imported, None)
    targets = [request.form.get(f"target-{place}", "") for place in range(len(view["sheet"]["header"]))]
    try:
        problems = imports.choose_mapping(
            imported,
            sheet=view["chosen"],
            targets=targets,
            day_first={"day": True, "month": False}.get(request.form.get("day_first", "")),
            clear_blank=request.form.get("clear_blank") == "y",
            by=acting_user(),
            now=clock.now(),
        )
    except Refused as refusal:
        return _refused(imported, refusal)
    if problems:
        words = [mapping_text(one.code, one.target, one.header) for one in problems]
        return _show(imported, targets=targets, problems=words, status=422)
    return _to(imported)


@bp.post("/imports/<int:import_id>/change")
@requires(Permission.CUSTOMERS_IMPORT)
def change_columns(import_id: int) -> Any:
    """Go back to the columns."""
    imported = _load(import_id)
    try:
        imports.change_mapping(imported)
    except Refused as refusal:
        return _refused(imported, refusal)
    return _to(imported)


@bp.post("/imports/<int:import_id>/run")
@requires(Permission.CUSTOMERS_IMPORT)
def run_import(import_id: int) -> Any:
    """Bring the list in."""
    imported = _load(import_id)
    form = DecisionForm()
    if not form.validate():
        return _show(imported, decision=form, status=422)
    try:
        imports.start_run(imported, good_only=form.mode.data == "good", by=acting_user(), now=clock.now())
    except Refused as refusal:
        if refusal.code == "not_now":
            return _to(imported)
        form.mode.errors = [refusal_text(refusal.code)]
        return _show(imported, decision=form, status=422)
    return _to(imported)


@bp.post("/imports/<int:import_id>/continue")
@requires(Permission.CUSTOMERS_IMPORT)
def continue_import(import_id: int) -> Any:
    """Go on with an interrupted import."""
    imported = _load(import_id)
    try:
        imports.continue_run(imported, by=acting_user(), now=clock.now())
    except Refused as refusal:
        return _refused(imported, refusal)
    return _to(imported)


@bp.post("/imports/<int:import_id>/undo")
@requires(Permission.CUSTOMERS_IMPORT)
def undo_import(import_id: int) -> Any:
    """Take the import back."""
    imported = _load(import_id)
    try:
        imports.start_undo(imported, by=acting_user(), now=clock.now())
    except Refused as refusal:
        return _refused(imported, refusal)
    return _to(imported)


@bp.post("/imports/<int:import_id>/discard")
@requires(Permission.CUSTOMERS_IMPORT)
def discard_import(import_id: int) -> Any:
    """Forget a file that has changed nothing."""
    imported = _load(import_id)
    try:
        name = imports.discard(imported, by=acting_user(), now=clock.now())
    except Refused as refusal:
        return _refused(imported, refusal)
    files.remove(_uploads(), name)
    flash(_("The file was discarded. No customer was changed."), "success")
    return redirect(url_for("customers.import_list"), 303)


@bp.post("/imports/<int:import_id>/bad-rows")
@requires(Permission.CUSTOMERS_IMPORT)
def export_bad_rows(import_id: int) -> Any:
    """Write the list of bad rows as a spreadsheet."""
    imported = _load(import_id)
    return wait_for("export_bad_rows", import_id=imported.id)
