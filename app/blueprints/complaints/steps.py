"""The doors to the steps of a case: which form each has, what is offered in it, and which service takes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_security import current_user

from app.blueprints.complaints import forms, words
from app.blueprints.complaints.forms import StepForm, number_of
from app.errors import Refused
from app.models import Complaint, Unit, User
from app.queries import users
from app.queries.complaints import cases
from app.queries.complaints.trees import Tree
from app.rules import complaints as rules
from app.rules.clocks import Severity
from app.rules.complaints import Channel, Outcome, Resolution, Satisfaction, Step
from app.services import complaints as services
from app.web.forms import options
from app.web.i18n import page_language

Take = Callable[..., None]


@dataclass(frozen=True)
class Door:
    """One form and what it does. Two doors may be the same step of the table."""

    step: Step
    form: type[StepForm]
    take: Take


@dataclass(frozen=True)
class Offered:
    """What lists in forms hold; read once a page."""

    tree: Tree
    units: Mapping[int, Unit]
    handlers: list[tuple[User, int]]


def _unit(form: Any) -> Unit:
    return users.get_unit(number_of(form.unit) or 0)


def _handler(form: Any) -> User | None:
    chosen = number_of(form.handler)
    return users.get(chosen) if chosen else None


def _assign(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    services.assign(case, unit=_unit(form), handler=_handler(form), reason=form.reason.data or "", **common)


def _transfer(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    services.transfer(case, unit=_unit(form), handler=_handler(form), reason=form.reason.data or "", **common)


def _classify(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    severity = Severity(form.severity.data)
    services.classify(case, category_id=number_of(form.category) or 0, severity=severity, **common)


def _classify_alike(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    severity = Severity(form.severity.data or case.severity)
    services.classify(
        case, category_id=number_of(form.category) or case.category_id, severity=severity, **common
    )


def _reply(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    at = forms.instant(form.at.data) if form.at.data else None
    services.reply(case, text=form.text.data or "", channel=Channel(form.channel.data), at=at, **common)


def _add(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    services.add(case, text=form.text.data or "", channel=Channel(form.channel.data), **common)


def _wait(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    services.wait(
        case, party=form.party.data, what=form.what.data or "", until=form.until_instant(), **common
    )


def _resolve(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    resolution = Resolution(
        result=form.result.data or "",
        reply=form.reply.data or "",
        remedy=form.remedy.data or "",
        cause_id=number_of(form.cause),
        cause_text=form.cause_text.data or "",
        prevention=form.prevention.data or "",
        no_prevention_because=form.no_prevention_because.data or "",
    )
    told = Channel(form.told.data) if form.told.data else None
    try:
        services.resolve(case, resolution=resolution, told=told, **common)
    except Refused as refusal:
        for name in refusal.params.get("missing", ()):
            form[name].errors = [str(words.RESOLUTION[name])]
        raise


def _call_back(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    channel = Channel(form.channel.data)
    answer = None
    if form.answer.data != forms.NOBODY:
        answer = services.Answer(
            Satisfaction(form.answer.data),
            form.words.data or "",
            number_of(form.solution_score),
            number_of(form.handling_score),
        )
    services.call_back(case, channel=channel, answer=answer, handler=_handler(form), **common)


def _close(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    services.close(case, outcome=Outcome(form.outcome.data), reason=form.reason.data or "", **common)


def _reopen(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    services.reopen(case, reason=form.reason.data or "", handler=_handler(form), **common)


def _other(form: Any) -> Complaint:
    try:
        return cases.by_number(current_user, form.chosen())
    except Refused as refusal:
        form.number.errors = [words.refusal_text(refusal)]
        raise


def _merge(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    into, sure = _other(form), bool(form.sure.data)
    services.merge(case, into=into, reason=form.reason.data or "", sure=sure, **common)


def _link(case: Complaint, form: Any, common: dict[str, Any]) -> None:
    services.link(case, other=_other(form), **{name: common[name] for name in ("key", "by", "now")})


def _with_reason(service: Take) -> Take:
    return lambda case, form, common: service(case, reason=form.reason.data or "", **common)


DOORS: dict[str, Door] = {
    "assign": Door(Step.ASSIGN, forms.AssignForm, _assign),
    "accept": Door(
        Step.ACCEPT, forms.NothingForm, lambda case, _form, common: services.accept(case, **common)
    ),
    "send_back": Door(Step.SEND_BACK, forms.ReasonForm, _with_reason(services.send_back)),
    "transfer": Door(Step.TRANSFER, forms.TransferForm, _transfer),
    "wait": Door(Step.WAIT, forms.WaitForm, _wait),
    "resume": Door(Step.RESUME, forms.ReasonForm, _with_reason(services.resume)),
    "resolve": Door(Step.RESOLVE, forms.ResolveForm, _resolve),
    "callback": Door(Step.CALLBACK, forms.CallbackForm, _call_back),
    "close": Door(Step.CLOSE, forms.CloseForm, _close),
    "reopen": Door(Step.REOPEN, forms.ReopenForm, _reopen),
    "classify": Door(Step.CLASSIFY, forms.ClassifyForm, _classify),
    "reject": Door(Step.REJECT, forms.ReasonForm, _with_reason(services.reject)),
    "withdraw": Door(Step.WITHDRAW, forms.ReasonForm, _with_reason(services.withdraw)),
    "merge": Door(Step.MERGE, forms.MergeForm, _merge),
    "link": Door(Step.LINK, forms.OtherCaseForm, _link),
    "reply": Door(Step.REPLY, forms.ReplyForm, _reply),
    "add": Door(Step.REPLY, forms.MessageForm, _add),
    "note": Door(
        Step.NOTE,
        forms.TextForm,
        lambda case, form, common: services.note(case, text=form.text.data or "", **common),
    ),
}
SAID = ("reply", "add", "note")
# Doors that many cases can go through together.
BULK: dict[str, Door] = {
    "assign": DOORS["assign"],
    "classify": Door(Step.CLASSIFY, forms.BulkClassifyForm, _classify_alike),
    "note": DOORS["note"],
    "close": DOORS["close"],
}


def bulk_form(name: str, offered: Offered) -> Any:
    """The form of a step for many cases, with its lists; nothing in it is taken from a single case."""
    form, lang = BULK[name].form(name), page_language()
    if "category" in form:
        kept = [("", _("leave as it is")), *forms.tree_options(offered.tree, "category", lang)[1:]]
        form.category.choices = options(kept)
    if "unit" in form:
        units = [one for one in offered.units.values() if one.active]
        form.unit.choices = options(forms.unit_options(units, lang))
        form.handler.choices = options(_with_units(offered.handlers, offered))
    return form


def open_doors(complaint: Complaint, now: Any) -> list[str]:
    """The doors that the present user can go through now, in the order in which they are offered."""
    case = cases.as_ruled(complaint)
    steps = rules.open_steps(case, cases.parts_of(current_user, complaint))
    shut = set()
    if not case.alone and cases.was_handler(current_user, complaint):
        shut |= {Step.CALLBACK, Step.CLOSE}
    if not complaint.present_round.satisfaction and not _was_tried(complaint):
        shut.add(Step.CLOSE)
    if case.sent_back >= rules.MOST_SEND_BACKS:
        shut.add(Step.SEND_BACK)
    if not services.may_reopen(complaint, now=now):
        shut.add(Step.REOPEN)
    return [name for name, door in DOORS.items() if door.step in steps - shut]


def _was_tried(complaint: Complaint) -> bool:
    return any(one.round == complaint.round for one in complaint.tries)


def form_of(name: str, complaint: Complaint, offered: Offered, **kwargs: Any) -> Any:
    """The form of a door with its lists, filled from the case where nothing was sent."""
    form = DOORS[name].form(name, data=_beginnings(name, complaint, offered), **kwargs)
    lang = page_language()
    if "category" in form:
        categories = forms.tree_options(offered.tree, "category", lang, also=complaint.category_id)
        form.category.choices = options(categories)
    if "cause" in form:
        form.cause.choices = options(forms.tree_options(offered.tree, "cause", lang))
        form.told.choices = options(
            [("", _("Not yet"))] + [(c, words.CHANNELS[c]) for c in words.REPLY_CHANNELS]
        )
    if "unit" in form:
        units = [one for one in offered.units.values() if one.active]
        if name == "transfer":
            units = [one for one in units if one.id != complaint.unit_id]
        form.unit.choices = options(forms.unit_options(units, lang))
    if "other" in form:
        form.other.choices = options(_others(name, complaint))
    if "handler" in form:
        form.handler.choices = options(_handlers(name, complaint, offered))
    return form


def _others(name: str, complaint: Complaint) -> list[tuple[str, str]]:
    """Cases this one may belong to: of the same customer first, then similar ones; to be merged into, only open ones."""
    likely = [*cases.earlier_of(current_user, complaint), *cases.similar_to(current_user, complaint)]
    return [("", "–")] + [
        (one.number, f"{one.number} · {one.feedback.summary}")
        for one in likely
        if name == "link" or one.state != rules.State.CLOSED
    ]


def _beginnings(name: str, complaint: Complaint, offered: Offered) -> dict[str, Any]:
    if name == "classify":
        return {"category": str(complaint.category_id), "severity": complaint.severity}
    if name == "assign":
        return {"unit": str(complaint.feedback.unit_id or "")}
    if name == "resolve":
        present = complaint.present_round
        return {"result": present.result, "remedy": present.remedy, "reply": present.reply}
    if name in ("callback", "reopen"):
        # By default another one goes on than the one whose work did not satisfy.
        others = [user for user, _unit_id in _of_unit(complaint, offered) if user.id != complaint.handler_id]
        return {"handler": str(others[0].id if others else complaint.handler_id or "")}
    return {}


def _of_unit(complaint: Complaint, offered: Offered) -> list[tuple[User, int]]:
    return [
        (user, unit_id)
        for user, unit_id in offered.handlers
        if unit_id == complaint.unit_id and user.id != complaint.about_user_id
    ]


def _handlers(name: str, complaint: Complaint, offered: Offered) -> list[tuple[str, str]]:
    """People with their units; in steps that stay in the unit only its own."""
    if name in ("callback", "reopen"):
        inside = [(str(user.id), user.name) for user, _unit_id in _of_unit(complaint, offered)]
        return inside or [("", "–")]
    others = [(user, unit_id) for user, unit_id in offered.handlers if user.id != complaint.about_user_id]
    return _with_units(others, offered)


def _with_units(people: list[tuple[User, int]], offered: Offered) -> list[tuple[str, str]]:
    lang = page_language()
    return [("", "–")] + [
        (str(user.id), f"{user.name} · {offered.units[unit_id].name_in(lang)}")
        for user, unit_id in people
        if unit_id in offered.units
    ]
