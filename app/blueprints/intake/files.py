"""Handing out files: to the holder of the case's link, and to staff who may see the case. Never shown in place."""

from pathlib import Path
from typing import Any

from flask import Response, send_file
from flask_babel import gettext as _
from flask_security import current_user

from app.blueprints.intake.site import bp, render, wrong_link
from app.models import Attachment
from app.queries import public_forms
from app.queries.complaints import followed
from app.queries.links import feedback_by
from app.rules.attachments import KINDS
from app.rules.permissions import Permission
from app.services import attachments
from app.web import error_pages
from app.web.access import public, requires

# Should a browser show it after all, then without scripts, forms, and anything of this site.
SEALED = "sandbox; default-src 'none'; frame-ancestors 'none'"


@bp.get("/c/<token>/files/<int:attachment_id>")
@public
def own_file(token: str, attachment_id: int) -> Any:
    """A file of this case, for the customer."""
    feedback = feedback_by(token)
    found = followed.file_of(feedback, attachment_id) if feedback and attachment_id < 2**63 else None
    if found is None:
        return wrong_link()
    return _handed_out(found) or render("intake/no_file.html", status=410, token=token)


@bp.get("/attachments/<int:attachment_id>")
@requires(Permission.COMPLAINTS_READ)
def file(attachment_id: int) -> Any:
    """A file of a case, for staff."""
    found = public_forms.attachment_visible_to(current_user, attachment_id)
    return _handed_out(found) or error_pages.page(
        410,
        _("This file is no longer there"),
        _("Its entry is kept, but not its content. Ask the customer to send it again, or restore a backup."),
    )


def _handed_out(attachment: Attachment) -> Response | None:
    """The file to be saved, under the name it came with; None when its content is missing."""
    path: Path = attachments.folder() / attachment.stored
    if not path.is_file():
        return None
    response = send_file(
        path,
        mimetype=KINDS[attachment.kind].media_type,
        as_attachment=True,
        download_name=attachment.name,
        conditional=False,
        etag=False,
        last_modified=None,
    )
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
