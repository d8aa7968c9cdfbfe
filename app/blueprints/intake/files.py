"""Handing out files to the holder of the case's link."""

from typing import Any

from app.blueprints.intake.site import bp, render, wrong_link
from app.queries.complaints import followed
from app.queries.links import feedback_by
from app.rules.attachments import KINDS
from app.services import attachments
from app.web.access import public
from app.web.downloads import sealed_file


@bp.get("/c/<token>/files/<int:attachment_id>")
@public
def own_file(token: str, attachment_id: int) -> Any:
    """A file of this case."""
    feedback = feedback_by(token)
    found = followed.file_of(feedback, attachment_id) if feedback and attachment_id < 2**63 else None
    if found is None:
        return wrong_link()
    path = attachments.folder() / found.stored
    given = sealed_file(path, found.name, KINDS[found.kind].media_type)
    return given or render("intake/no_file.html", status=410, token=token)
