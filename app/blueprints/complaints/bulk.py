"""Many cases at once: choosing the step, taking it case by case, and what became of each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request, url_for
from flask_security import current_user
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.blueprints.complaints import bp, forms, words
from app.blueprints.complaints.narrowing import address, filters_of
from app.blueprints.complaints.steps import BULK, Offered, bulk_form
from app.errors import HeedError, Missing, Refused, Stale
from app.models import Complaint
from app.queries import users
from app.queries.complaints import cases, chosen, desk
from app.queries.complaints.trees import tree
from app.queries.users import LARGEST_ID
from app.rules.complaints.bulk import ACTIONS, DONE, MOST
from app.rules.permissions import Permission
from app.services.complaints import bulk as services
from app.web.access import requires
from app.web.fragments import render
from app.web.i18n import firm_timezone
from app.web.security import acting_user
from app.web.transactions import release, store_and_release

_SEEN = re.compile(r"([0-9]{1,9}):([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """The cases a step is to be taken for; `total` is how many were found where not all can be chosen."""

    rows: Sequence[Complaint]
    total: int


@bp.get("/complaints/bulk")
@requires(Permission.COMPLAINTS_WORK)
def bulk() -> Response:
    """The form of a step for the chosen cases."""
    action = request.args.get("action", "")
    action = action if action in ACTIONS else "assign"
    if "all" in request.args:
        present = desk.Moment.of(clock.now(), firm_timezone())
        choice = Choice(*chosen.all_found(current_user, filters_of(current_user), present))
    else:
        rows = chosen.by_ids(current_user, _numbers(request.args.getlist("ids")))
        choice = Choice(rows, len(rows))
    return _page(action, choice, _form(action))


@bp.post("/complaints/bulk/<any({}):action>".format(", ".join(ACTIONS)))
@requires(Permission.COMPLAINTS_WORK)
def take_bulk(action: str) -> Any:
    """Take the step for each case by itself."""
    seen = _seen()
    form = _form(action)
    if not form.validate() or not seen:
        return _page(action, Choice(chosen.by_ids(current_user, list(seen)), len(seen)), form, status=422)
    by = acting_user()
    run, fresh = services.begin(action, key=form.key.data or "", by=by, now=clock.now())
    run_id = run.id
    if fresh:
        store_and_release()
        results = [_one(action, ident, version, form) for ident, version in seen.items()]
        run = chosen.run_of(current_user, run_id)
        services.finish(run, results, by=acting_user(), now=clock.now())
    return redirect(url_for("complaints.bulk_done", run_id=run_id))


@bp.get("/complaints/bulk/<int:run_id>")
@requires(Permission.COMPLAINTS_WORK)
def bulk_done(run_id: int) -> Response:
    """Which cases took the step, and why the others did not."""
    run = chosen.run_of(current_user, run_id)
    results = [services.Result(**one) for one in run.results]
    left = [(one, words.refusal_text(Refused(one.code, **one.params))) for one in results if one.code != DONE]
    return render(
        "complaints/bulk_done.html",
        run=run,
        step=words.STEPS[run.action],
        done=[one for one in results if one.code == DONE],
        left=left,
    )


def _one(action: str, ident: int, version: int, form: Any) -> services.Result:
    """One case in a transaction of its own: done, or taken back with the reason."""
    number, params = "", {}
    try:
        complaint = cases.get_visible(current_user, ident)
        number = complaint.number
        common = {"seen": version, "key": form.key.data or "", "by": acting_user(), "now": clock.now()}
        BULK[action].take(complaint, form, common)
        store_and_release()
    except StaleDataError:
        code = "changed_meanwhile"
    except (Refused, Stale, Missing) as error:
        code, params = _code_of(error), error.params
    else:
        return services.Result(ident, number, DONE, {})
    release()
    return services.Result(ident, number, code, params)


def _code_of(error: HeedError) -> str:
    return "not_visible" if isinstance(error, Missing) else error.code


def _seen() -> dict[int, int]:
    """The cases that were sent, each with the version that was seen."""
    pairs = (_SEEN.fullmatch(text) for text in request.form.getlist("cases")[:MOST])
    found = {int(pair[1]): int(pair[2]) for pair in pairs if pair}
    return {ident: version for ident, version in found.items() if ident <= LARGEST_ID}


def _numbers(texts: Sequence[str]) -> list[int]:
    return [int(one) for one in texts[:MOST] if one.isascii() and one.isdigit() and len(one) < 10]


def _form(action: str) -> Any:
    offered = Offered(tree(), {line.unit.id: line.unit for line in users.unit_lines()}, cases.handlers())
    return bulk_form(action, offered)


def _page(action: str, choice: Choice, form: forms.StepForm, *, status: int = 200) -> Response:
    form.key.data = form.key.data or forms.new_key()
    ids = [row.id for row in choice.rows]
    return render(
        "complaints/bulk.html",
        status=status,
        action=action,
        choice=choice,
        form=form,
        steps=words.STEPS,
        states=words.STATES,
        tabs=[(name, words.STEPS[name], _address(name, ids), name == action) for name in ACTIONS],
        most=MOST,
        back=address("complaints.index"),
    )


def _address(action: str, ids: list[int]) -> str:
    if "all" in request.args:
        return address("complaints.bulk", all="1", action=action)
    return url_for("complaints.bulk", action=action, ids=ids)
