"""Routes of the outbox."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.adapters.mail import KEPT, KeptMail
from app.blueprints.mail import words
from app.errors import Refused
from app.models import Delivery
from app.queries import deliveries as queries
from app.rules.deliveries import Decision, State
from app.rules.permissions import Permission
from app.services import deliveries as service
from app.services.sending.showing import Showing, Shown
from app.web.access import requires
from app.web.addresses import filter_text, page_number
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.headers import mail_in_frame
from app.web.i18n import in_language
from app.web.security import acting_user

bp = Blueprint("mail", __name__, url_prefix="/mail")

# "claimed" and "data" pass in a moment and have one name.
SHOWN_STATES = (
    State.QUEUED,
    State.DATA,
    State.SENT,
    queries.KEPT_STATE,
    State.FAILED,
    State.BOUNCED,
    State.UNKNOWN,
    State.DROPPED,
)


@bp.get("/")
@requires(Permission.DELIVERIES_READ)
def index() -> Response:
    """Deliveries with filters and counts."""
    survey_id = whole_number(request.args.get("survey"))
    filters = queries.Filters(
        q=filter_text("q"),
        state=filter_text("state"),
        kind=filter_text("kind"),
        survey_id=survey_id if survey_id > 0 else None,
    )
    chosen: dict[str, Any] = {
        "q": filters.q,
        "state": filters.state,
        "kind": filters.kind,
        "survey": filters.survey_id,
    }
    chosen = {key: value for key, value in chosen.items() if value}
    counts = queries.counts_by_state(current_user)
    found = queries.search(current_user, filters, page_number())
    return render(
        "mail/index.html",
        found=found,
        seen=_seen(found.rows),
        given=filters,
        chosen=chosen,
        surveys=[(s.id, in_language(s.name)) for s in queries.surveys_with_mail()],
        uncertain=counts.get(State.UNKNOWN, 0),
        state_options=[("", _("All")), *_states(counts)],
        keeps=_keeps(),
        url_of=lambda page: url_for("mail.index", page=page, **chosen),
        **_words(),
    )


@bp.get("/<int:delivery_id>")
@requires(Permission.DELIVERIES_READ)
def show(delivery_id: int) -> Response:
    """One delivery with its history."""
    delivery = queries.get_visible(current_user, delivery_id)
    surveys = {s.id: s for s in queries.surveys_with_mail([delivery.survey_id or 0])}
    person, said = _seen([delivery])[delivery.id]
    return render(
        "mail/show.html",
        delivery=delivery,
        survey=surveys.get(delivery.survey_id or 0),
        person=person,
        said=said,
        readable=queries.is_readable(current_user, delivery) and _folder().has(delivery.message_id),
        **_words(),
    )


@bp.post("/<int:delivery_id>/decide")
@requires(Permission.DELIVERIES_DECIDE)
def decide(delivery_id: int) -> Any:
    """Settle an uncertain mail."""
    delivery = queries.get_visible(current_user, delivery_id)
    try:
        decision = Decision(request.form.get("decision", ""))
    except ValueError:
        abort(400)
    try:
        service.decide(delivery, decision, by=acting_user(), now=clock.now())
    except Refused:
        flash(_("This mail is no longer uncertain. Look at its history."), "error")
    else:
        flash(_("Decided, and put on record."), "success")
    return redirect(url_for("mail.show", delivery_id=delivery_id))


@bp.get("/kept")
@requires(Permission.KEPT_MAIL_READ)
def kept() -> Response:
    """Mails kept on this machine because no server is set. Whose, the query decides."""
    folder, q = _folder(), filter_text("q")
    found = queries.kept(current_user, q=q, page=page_number())
    rows = [(row, folder.read(row.message_id)) for row in found.rows]
    return render(
        "mail/kept.html",
        found=found,
        rows=[(row, mail) for row, mail in rows if mail is not None],
        q=q,
        keeps=_keeps(),
        url_of=lambda page: url_for("mail.kept", page=page, q=q),
        **_words(),
    )


@bp.get("/kept/<int:delivery_id>")
@requires(Permission.KEPT_MAIL_READ)
def kept_mail(delivery_id: int) -> Response:
    """One kept mail with its links."""
    delivery = queries.get_readable(current_user, delivery_id)
    mail = _folder().read(delivery.message_id)
    if mail is None:
        abort(404)
    return render("mail/kept_mail.html", delivery=delivery, mail=mail, **_words())


@bp.get("/kept/<int:delivery_id>/html")
@requires(Permission.KEPT_MAIL_READ)
def kept_html(delivery_id: int) -> Response:
    """The HTML of a kept mail, for the frame on its page."""
    mail = _folder().read(queries.get_readable(current_user, delivery_id).message_id)
    if mail is None:
        abort(404)
    return mail_in_frame(mail.html)


def _seen(rows: Sequence[Delivery]) -> dict[int, tuple[queries.Addressee, Shown | None]]:
    """Whom these mails are for and what they say, as far as the user may know."""
    people, showing = queries.addressees(current_user, rows), Showing(_("[link]"))
    found = {}
    for row in rows:
        person = people[row.id]
        found[row.id] = (person, showing.of(row, person.invitation) if person.may_read else None)
    return found


def _states(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What the list can be narrowed to. Where every mail is sent, none was kept."""
    shown = (code for code in SHOWN_STATES if code != queries.KEPT_STATE or counts.get(code) or _keeps())
    return [(code, _counted(code, counts)) for code in shown]


def _counted(state: str, counts: Mapping[str, int]) -> str:
    """A state with the number of mails that are in it."""
    return str(_("%(name)s (%(count)s)", name=words.STATES[state][0], count=counts.get(state, 0)))


def _folder() -> KeptMail:
    return KeptMail(current_app.config["HEED"].data / "mail")


def _keeps() -> bool:
    return current_app.config["HEED"].mail is None


def _words() -> dict[str, Any]:
    return {
        "states": words.STATES,
        "shown_state": words.shown_state,
        "kinds": words.KINDS,
        "reasons": words.REASONS,
        "kept_reply": KEPT,
        "kind_options": [("", _("All")), *words.KINDS.items()],
    }
