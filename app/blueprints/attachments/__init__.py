"""Files that customers have sent, for staff who may see what they belong to."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from flask_security import current_user

from app.queries import public_forms
from app.rules.attachments import KINDS
from app.rules.permissions import Permission
from app.services import attachments
from app.web import error_pages
from app.web.access import requires
from app.web.downloads import sealed_file

bp = Blueprint("attachments", __name__)


@bp.get("/attachments/<int:attachment_id>")
@requires(Permission.COMPLAINTS_READ)
def file(attachment_id: int) -> Any:
    """One file, to be saved."""
    found = public_forms.attachment_visible_to(current_user, attachment_id)
    path = attachments.folder() / found.stored
    return sealed_file(path, found.name, KINDS[found.kind].media_type) or error_pages.page(
        410,
        _("This file is no longer there"),
        _("Its entry is kept, but not its content. Ask the customer to send it again, or restore a backup."),
    )
