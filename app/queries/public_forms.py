"""Reading public forms, and files of feedback as staff may."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.errors import Missing
from app.extensions import db
from app.models import Attachment, Complaint, Letter, PublicForm, Unit, User
from app.queries.complaints import cases, feedback
from app.queries.users import LARGEST_ID, unit_lines
from app.rules.permissions import Permission, allows

LONGEST_ADDRESS = 40


@dataclass(frozen=True)
class Place:
    """Where customers can complain: the firm (`unit` None) or a unit, with its form if it has one."""

    unit: Unit | None
    form: PublicForm | None


def places() -> list[Place]:
    """The firm, then every unit in use in the order of the tree."""
    forms = {form.unit_id: form for form in db.session.scalars(select(PublicForm))}
    units = [line.unit for line in unit_lines() if line.unit.active]
    return [Place(None, forms.get(None)), *(Place(unit, forms.get(unit.id)) for unit in units)]


def open_form(address: str) -> PublicForm | None:
    """The form at an address, if it takes anything at present."""
    if len(address) > LONGEST_ADDRESS or "\0" in address:
        return None
    form = db.session.scalar(
        select(PublicForm).where(PublicForm.address == address).options(joinedload(PublicForm.unit))
    )
    if form is None or not form.active or (form.unit is not None and not form.unit.active):
        return None
    return form


def get(form_id: int) -> PublicForm:
    """Raises `Missing`."""
    form = db.session.get(PublicForm, form_id) if form_id <= LARGEST_ID else None
    if form is None:
        raise Missing("public_form")
    return form


def url_of(form: PublicForm) -> str:
    """The address people type or scan."""
    return f"{base_url()}/{form.address}" if form.address else base_url()


def base_url() -> str:
    """The address of the firm's form, below which those of the units are."""
    return f"{current_app.config['HEED'].base_url}/complain"


def _of_letter(user: User, found: Attachment) -> Attachment:
    """A file of a mail that is not sorted yet: of a case the user sees, or before those who sort."""
    letter = db.session.get(Letter, found.letter_id) if found.letter_id is not None else None
    if letter is None:
        raise Missing("attachment")
    case_id = db.session.scalar(select(Complaint.id).where(Complaint.feedback_id == letter.feedback_id))
    if case_id is not None:
        cases.get_visible(user, case_id)
    elif not allows(user.role_names, Permission.FEEDBACK_RECORD):
        raise Missing("attachment")
    elif letter.feedback_id is not None:
        feedback.get_visible(user, letter.feedback_id)
    return found


def attachment_visible_to(user: User, attachment_id: int) -> Attachment:
    """A file of a case the user sees, or of other feedback he may read. Raises `Missing`."""
    found = db.session.get(Attachment, attachment_id) if attachment_id <= LARGEST_ID else None
    if found is None:
        raise Missing("attachment")
    if found.feedback_id is None:
        return _of_letter(user, found)
    case = db.session.scalar(select(Complaint).where(Complaint.feedback_id == found.feedback_id))
    if case is not None:
        # Whoever works on the case that goes on needs the photos of the one that ended.
        cases.get_visible(user, cases.goes_on(case).id if case.merged_into_id else case.id)
        return found
    if not allows(user.role_names, Permission.FEEDBACK_READ):
        raise Missing("attachment")
    feedback.get_visible(user, found.feedback_id)
    return found
