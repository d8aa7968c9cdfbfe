"""Asking for a spreadsheet, waiting for it, fetching it."""

import secrets
from typing import Any

from flask import Response, current_app, redirect, request, send_file, url_for
from flask_security import current_user

from app import clock
from app.adapters import files
from app.blueprints.customers import bp, filtering
from app.errors import Missing
from app.extensions import db
from app.models import Job
from app.rules.permissions import Permission
from app.services.jobs import request_job
from app.web.access import requires
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
KINDS = ("export_customers", "export_bad_rows")


def chosen_format() -> str:
    """The format the form asks for."""
    asked = request.form.get("format", "")
    return asked if asked in FORMATS else "xlsx"


def wait_for(kind: str, **params: Any) -> Any:
    """Let the worker write a file and go to the page that waits for it."""
    key = f"{kind}:{secrets.token_urlsafe(12)}"
    params |= {"ending": chosen_format(), "language": page_language()}
    job = request_job(kind, key=key, by=acting_user(), now=clock.now(), **params)
    return redirect(url_for("customers.show_export", job_id=job.id), 303)


def _own(job_id: int) -> Job:
    """An export this user asked for, or the 404 page."""
    job = db.session.get(Job, job_id)
    if job is None or job.kind not in KINDS or job.created_by_id != current_user.id:
        raise Missing("export")
    return job


@bp.post("/export")
@requires(Permission.CUSTOMERS_READ)
def export() -> Any:
    """Write what the list shows."""
    filters = filtering.read_filters(request.form)
    sort = filtering.read_sort(request.form)
    return wait_for("export_customers", filters=filters, sort=sort, author=current_user.id)


@bp.get("/exports/<int:job_id>")
@requires(Permission.CUSTOMERS_READ)
def show_export(job_id: int) -> Response:
    """How far it is, then the link; htmx asks only for the block."""
    job = _own(job_id)
    return render("customers/export.html", fragment="export_job", job=job, gone=_path(job) is None)


@bp.get("/exports/<int:job_id>/file")
@requires(Permission.CUSTOMERS_READ)
def fetch_export(job_id: int) -> Response:
    """The file itself, only for whoever asked for it."""
    job = _own(job_id)
    path = _path(job)
    if path is None:
        raise Missing("export")
    ending = job.params["ending"]
    return send_file(
        path,
        mimetype=FORMATS[ending],
        as_attachment=True,
        download_name=f"{job.result['stem']}-{job.created_at.date().isoformat()}.{ending}",
        max_age=0,
    )


def _path(job: Job) -> Any:
    name = job.result.get("file")
    if not name:
        return None
    path = files.private_folder(current_app.config["HEED"].data, "exports") / name
    return path if path.exists() else None
