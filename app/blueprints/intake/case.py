"""The customer's page: /c/<token>. Opening it changes nothing; only its buttons do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, redirect, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import RequestEntityTooLarge

from app import clock
from app.blueprints.intake import issued, uploads, words
from app.blueprints.intake.forms import AddForm, AnswerForm
from app.blueprints.intake.site import bp, language_of, render, too_many_sendings, wrong_link
from app.errors import Refused, Stale
from app.models import Complaint, Feedback
from app.queries import deliveries
from app.queries.complaints import followed
from app.queries.links import feedback_by
from app.services import attachments, intake
from app.services.complaints import log
from app.web.access import public
from app.web.transactions import keep_changes, release

# Somebody of ours may take a step at the same moment; then it is tried on what has come of it.
TRIES = 3


@dataclass
class Shown:
    """What of the page's forms is filled in, and why they are shown again."""

    add: AddForm | None = None
    answer: AnswerForm | None = None
    key: str = ""
    notice: str = ""
    refused: tuple[attachments.Refused, ...] = ()


def _find(token: str) -> Feedback | None:
    feedback = feedback_by(token)
    if feedback is not None:
        g.language = language_of(feedback.language)
    return feedback


@bp.get("/c/<token>", strict_slashes=False)
@public
def follow(token: str) -> Response:
    """How the case stands."""
    feedback = _find(token)
    return wrong_link() if feedback is None else _page(token, feedback, Shown())


@bp.post("/c/<token>/add")
@public
def add(token: str) -> Any:
    """Add a message or files."""
    feedback = _find(token)
    complaint = followed.case_of(feedback) if feedback else None
    if feedback is None or complaint is None:
        return wrong_link()
    try:
        stamp = issued.read(f"follow|{feedback.id}")
    except RequestEntityTooLarge:
        return render("intake/too_large.html", status=413)
    if log.is_taken(complaint, stamp.key):
        return _back(token, "added")
    notice = stamp.doubt if not _is_aside() or stamp.doubt == "forged" else ""
    if not notice and too_many_sendings():
        notice = "many"
    form, key = AddForm(), stamp.key
    if notice not in ("", "old", "fast"):
        return _again(token, feedback, Shown(add=form, key=key, notice=notice))
    room = attachments.room_of(feedback)
    brought = uploads.take(key, room=room, sent=lambda: log.is_taken(complaint, key))
    uploads.drop(key)
    shown = Shown(add=form, key=key, notice=notice, refused=tuple(brought.refused))
    if _is_aside():
        return _page(token, feedback, shown)
    if brought.sent_before:
        return _back(token, "added")
    if notice or not form.validate() or brought.refused:
        return _again(token, feedback, shown)
    if not form.text.data and not attachments.waiting(key):
        form.text.errors = [str(words.NOTHING_TO_SEND)]
        return _again(token, feedback, shown)
    text = form.text.data or ""
    refusal = _take(token, lambda case: intake.add(case, text=text, key=key, now=clock.now()))
    return _back(token, "changed" if refusal else "added")


@bp.post("/c/<token>/answer")
@public
def answer(token: str) -> Any:
    """Say whether it is solved."""
    feedback = _find(token)
    complaint = followed.case_of(feedback) if feedback else None
    if feedback is None or complaint is None:
        return wrong_link()
    stamp, form = issued.read(f"follow|{feedback.id}"), AnswerForm()
    if log.is_taken(complaint, stamp.key):
        return _back(token, "answered")
    notice = stamp.doubt or ("many" if too_many_sendings() else "")
    if notice or not form.validate():
        return _again(token, feedback, Shown(answer=form, key=stamp.key, notice=notice))
    said = {
        "solved": form.solved.data == "yes",
        "words": form.words.data or "",
        "solution_score": _score(form.solution.data),
        "handling_score": _score(form.handling.data),
    }
    refusal = _take(token, lambda case: intake.answer(case, key=stamp.key, now=clock.now(), **said))
    if refusal:
        # Somebody of ours was quicker: what he typed stays, to be sent as a message.
        feedback = _find(token)
        assert feedback is not None, "a record is never deleted"
        kept = AddForm(formdata=None, data={"text": said["words"]})
        return _again(token, feedback, Shown(add=kept, key=stamp.key, notice="changed"), status=409)
    return _back(token, "answered")


def _is_aside() -> bool:
    return "typed" in request.args or "drop" in request.form


def _take(token: str, step: Callable[[Complaint], None]) -> str:
    """Take a step of the case; returns the code of a refusal."""
    for turn in range(TRIES):
        feedback = _find(token)
        complaint = followed.case_of(feedback) if feedback else None
        assert complaint is not None, "a record is never deleted"
        try:
            step(complaint)
        except (StaleDataError, Stale, IntegrityError):
            if turn == TRIES - 1:
                raise
            release()
        except Refused as refusal:
            release()
            return refusal.code
        else:
            return ""
    return ""


def _score(text: str | None) -> int | None:
    return int(text) if text in ("1", "2", "3", "4", "5") else None


def _again(token: str, feedback: Feedback, shown: Shown, *, status: int = 422) -> Response:
    keep_changes()  # the files that were right
    return _page(token, feedback, shown, status=429 if shown.notice == "many" else status)


def _page(token: str, feedback: Feedback, shown: Shown, *, status: int = 200) -> Response:
    key = shown.key or issued.new_key()
    return render(
        "intake/follow.html",
        status=status,
        token=token,
        seen=followed.follow(feedback, now=clock.now()),
        mailed=current_app.config["HEED"].mail is not None and deliveries.was_mailed(feedback),
        said=request.args.get("said", "") if request.method == "GET" else "",
        notice=shown.notice,
        form=shown.add or AddForm(formdata=None),
        answering=shown.answer is not None,
        verdict=shown.answer or AnswerForm(formdata=None),
        waiting=attachments.waiting(key),
        refused=[(one.name, words.FILES[one.code]) for one in shown.refused],
        stamp=issued.stamp(f"follow|{feedback.id}", key),
        trap=issued.TRAP,
    )


def _back(token: str, said: str) -> Any:
    return redirect(url_for("intake.follow", token=token, lang=g.language, said=said), 303)
