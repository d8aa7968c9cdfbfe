"""The summary on paper: ordering a document, waiting for it, fetching it."""

import io
import json
import secrets
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, request, send_file, url_for
from flask_babel import gettext as _

from app import clock
from app.adapters import files
from app.adapters.documents.model import Document
from app.blueprints.complaint_summary import choosing, paper, words
from app.blueprints.complaint_summary.routes import bp, summary_of, views_of
from app.errors import Missing
from app.extensions import db
from app.models import Job
from app.queries import document_rights
from app.queries.complaints.summary import access
from app.queries.document_rights import Right
from app.rules.permissions import Permission
from app.services.jobs import request_job
from app.web.access import requires
from app.web.fragments import render
from app.web.security import acting_user

KIND = "write_document"
FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_LONGEST_KEY = 43


@bp.post("/documents")
@requires(Permission.COMPLAINTS_SUMMARY)
def order_document() -> Any:
    """Have the figures of the page written as Word or PDF, with the sentences that follow from them."""
    choice = choosing.read_choice(access.reader_of(acting_user()), request.form)
    back = url_for(".index", **(choice.typed if choice.refused else choice.address()))
    if choice.refused:
        return redirect(back)
    _state, summary = summary_of(choice)
    if summary is None or summary.state != "shown":
        flash(_("The figures are still being counted. Wait a moment and try again."), "warning")
        return redirect(back)
    views = views_of(summary, choice)
    scope = choice.scope()
    right = document_rights.of_figures(choice.kind, scope.units, scope=scope, cautious=choice.reader.cautious)
    described = paper.document(views, paper.from_figures(views))
    return wait_for(described, right=right, back=back, about={"period": choice.period.code})


def wait_for(document: Document, *, right: Right, back: str, about: dict[str, Any]) -> Any:
    """Let the worker write it and go to the page that waits for it. The same form orders one document."""
    by = acting_user()
    ending = request.form.get("ending", "")
    ending = ending if ending in FORMATS else "docx"
    key = request.form.get("key", "")[:_LONGEST_KEY] or secrets.token_urlsafe(12)
    described = json.dumps(document.to_json(), ensure_ascii=False).encode()
    stored = files.store(io.BytesIO(described), _folder())
    job = request_job(
        KIND,
        key=f"{KIND}:{by.id}:{key}:{ending}",
        by=by,
        now=clock.now(),
        content=stored.name,
        ending=ending,
        author=by.id,
        right=right,
        back=back,
        about=about,
        name=f"{document.title} {document.subtitle}.{ending}".replace("/", "-"),
    )
    return redirect(url_for(".show_document", job_id=job.id), 303)


@bp.get("/documents/<int:job_id>")
@requires(Permission.COMPLAINTS_SUMMARY)
def show_document(job_id: int) -> Response:
    """How far it is, then the link; htmx asks only for the block."""
    job = _own(job_id)
    return render(
        "complaint_summary/document.html",
        fragment="document",
        job=job,
        gone=_path(job) is None,
        title=words.FORMATS[job.params["ending"]],
    )


@bp.get("/documents/<int:job_id>/file")
@requires(Permission.COMPLAINTS_SUMMARY)
def fetch_document(job_id: int) -> Response:
    """The file itself: only for whoever ordered it, and only while he may have it."""
    job = _own(job_id)
    path = _path(job)
    if path is None:
        raise Missing("document")
    content = io.BytesIO(path.read_bytes())
    mimetype = FORMATS[job.params["ending"]]
    response = make_response(
        send_file(content, mimetype=mimetype, as_attachment=True, download_name=job.params["name"])
    )
    response.headers["Cache-Control"] = "no-store"  # send_file has said less
    return response


def _own(job_id: int) -> Job:
    """A document this user has ordered and may still have, or the 404 page."""
    job = db.session.get(Job, job_id)
    by = acting_user()
    if job is None or job.kind != KIND or job.created_by_id != by.id:
        raise Missing("document")
    if not document_rights.may_have(by, job.params["right"]):
        raise Missing("document")
    return job


def _folder() -> Any:
    return files.private_folder(current_app.config["HEED"].data, "exports")


def _path(job: Job) -> Any:
    name = job.result.get("file")
    path = _folder() / name if name else None
    return path if path and path.exists() else None
