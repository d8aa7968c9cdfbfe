"""A stale save: 409, both texts with who stored the other one and when, nothing lost, and both ways on."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock
from app.extensions import db
from app.models import Segment, Survey
from app.services import questionnaires
from tests.blueprints.forms import fields_of
from tests.factories import Factory, surveys
from tests.html import parse


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


class Edited:
    """A form on a page, and one of its fields as two people want it: as typed, and as shown."""

    def __init__(
        self,
        page: str,
        field: str,
        label: str,
        *,
        theirs: str,
        mine: str,
        shown: tuple[str, str] | None = None,
        form: str = "edit-form",
        action: str = "",
    ) -> None:
        self.page, self.field, self.label, self.form = page, field, label, form
        self.theirs, self.mine = theirs, mine
        self.shown = shown or (mine, theirs)
        self.action = action or page

    def fields(self, client: FlaskClient) -> dict[str, list[str]]:
        return fields_of(client.get(self.page).text, self.form)

    def stored(self, client: FlaskClient) -> str:
        return self.fields(client)[self.field][0]


def firm(make: Factory) -> Edited:
    return Edited("/settings/", "name", "Name of the firm", theirs="Their firm", mine="My firm")


def user(make: Factory) -> Edited:
    row = make.user(roles=("viewer",))
    return Edited(f"/settings/users/{row.id}", "name", "Name of the person", theirs="Their Li", mine="My Li")


def unit(make: Factory) -> Edited:
    return Edited(
        f"/settings/units/{make.unit().id}", "name", "Name of the unit", theirs="Their shop", mine="My shop"
    )


def customer(make: Factory) -> Edited:
    page = f"/customers/{make.customer().id}/edit"
    return Edited(page, "attributes", "Further facts", theirs="a：1\nb：2", mine="a：1\nb：3")


def contact(make: Factory) -> Edited:
    row = make.customer().contacts[0]
    page = f"/customers/{row.customer_id}/contacts/{row.id}"
    return Edited(page, "name", "Name of the person", theirs="Their Wang", mine="My Wang")


def segment(make: Factory) -> Edited:
    row = make.save(Segment(name="East", filters={}, created_at=make.now))
    page = f"/customers/segments/{row.id}"
    shown = ("contains “mine”", "contains “theirs”")
    return Edited(page, "q", "Conditions", theirs="theirs", mine="mine", shown=shown, form="segment-form")


def survey(make: Factory) -> Edited:
    row = surveys.survey(make, state="draft")
    page = f"/surveys/{row.id}/edit"
    return Edited(page, "name_en", "Name in English", theirs="Their wave", mine="My wave")


def recipients(make: Factory) -> Edited:
    row = surveys.survey(make, state="draft")
    east, west = (make.save(Segment(name=name, filters={}, created_at=make.now)) for name in ("East", "West"))
    page = f"/surveys/{row.id}/recipients"
    return Edited(page, "segment", "Segment", theirs=str(east.id), mine=str(west.id), shown=("West", "East"))


def text(make: Factory) -> Edited:
    page = f"/surveys/{surveys.survey(make, state='draft').id}/texts/invitation/en"
    return Edited(page, "body", "Text", theirs="Theirs & long\n\n{link}", mine="Mine <long>\n\n{link}")


def sending(make: Factory) -> Edited:
    page = f"/surveys/{surveys.survey(make, state='draft').id}/sending"
    return Edited(page, "quiet_from", "No mails from", theirs="20:30", mine="22:15")


def end(make: Factory) -> Edited:
    page = f"/surveys/{surveys.survey(make).id}"
    return Edited(
        page,
        "closes_at",
        "New end",
        theirs="2026-11-01T10:00",
        mine="2026-11-02T18:30",
        shown=("Nov 2, 2026 18:30", "Nov 1, 2026 10:00"),
        action=f"{page}/extend",
    )


def texts_of_questionnaire(make: Factory) -> Edited:
    row = questionnaires.create_from_template("touchpoints", by=None, now=make.now)
    db.session.commit()
    page = f"/questionnaires/{row.id}/settings"
    return Edited(page, "intro-zh", "Introduction · Chinese", theirs="对方的说明", mine="我的说明")


def question(make: Factory) -> Edited:
    row = questionnaires.create_from_template("touchpoints", by=None, now=make.now)
    db.session.commit()
    one = row.versions[0].content["pages"][0]["questions"][0]["id"]
    return Edited(
        f"/questionnaires/{row.id}/edit/{one}",
        "text-en",
        "Wording · English",
        theirs="Theirs?",
        mine="Mine?",
        form="question-form",
        action=f"/questionnaires/{row.id}/questions/{one}",
    )


def indicator(make: Factory) -> Edited:
    row = questionnaires.create_from_template("touchpoints", by=None, now=make.now)
    db.session.commit()
    node = row.system.indicators[0]
    label = f"{node.name['en']} · Weight"
    page = f"/questionnaires/{row.id}/indicators"
    return Edited(page, f"{node.code}-weight", label, theirs="31", mine="17.5")


OFFICE = [firm, user, unit]
MARKET = [customer, contact, segment, survey, recipients, text, sending, end]
MARKET += [texts_of_questionnaire, question, indicator]


@pytest.mark.parametrize("made", [*OFFICE, *MARKET], ids=lambda made: made.__name__)
def test_a_stale_save_loses_neither_text(
    make: Factory, sign_in: Any, made: Callable[[Factory], Edited]
) -> None:
    role = "administrator" if made in OFFICE else "marketing"
    me, other = sign_in(role), sign_in(role, name="Zhao Min")
    form = made(make)
    db.session.rollback()
    early = form.fields(me)
    assert other.post(form.action, data=form.fields(other) | {form.field: form.theirs}).status_code < 400

    answer = me.post(form.action, data=early | {form.field: form.mine})
    assert answer.status_code == 409
    assert rows(answer.text) == [(form.label, *form.shown)]
    assert "Zhao Min stored the other version on Oct 12, 2026 10:00." in answer.text
    assert form.stored(me) == form.theirs, "nothing was overwritten"
    assert fields_of(answer.text, form.form)[form.field][0] == form.mine, "what was typed stands in the form"

    assert f'type="submit" form="{form.form}">Keep mine' in answer.text
    theirs = me.get(link(answer.text, "Take theirs"))
    assert fields_of(theirs.text, form.form)[form.field][0] == form.theirs

    kept = me.post(form.action, data=fields_of(answer.text, form.form))
    assert kept.status_code < 400
    assert form.stored(me) == form.mine


def rows(body: str) -> list[tuple[str, ...]]:
    """Label, mine and theirs of every line of the comparison."""
    lines = parse(body).findall(".//section[@class='conflict']//tbody/tr")
    return [tuple("".join(cell.itertext()) for cell in line) for line in lines]


def link(body: str, words: str) -> str:
    found = [one for one in parse(body).iter("a") if "".join(one.itertext()).strip() == words]
    assert len(found) == 1
    return str(found[0].get("href"))


def test_the_same_text_twice_leaves_nothing_to_choose(make: Factory, sign_in: Any) -> None:
    me, other = sign_in("administrator"), sign_in("administrator")
    form = unit(make)
    early = form.fields(me)
    other.post(form.page, data=early | form.fields(other) | {form.field: "The same"})
    answer = me.post(form.page, data=early | {form.field: "The same"})
    assert answer.status_code == 409
    assert "What is stored says the same as what you typed." in answer.text
    assert "Keep mine" not in answer.text


def test_choices_are_compared_by_their_names(make: Factory, sign_in: Any) -> None:
    me, other = sign_in("administrator"), sign_in("administrator")
    form = user(make)
    early = form.fields(me)
    other.post(form.page, data=form.fields(other) | {"roles": ["viewer", "marketing"]})
    answer = me.post(form.page, data={name: early[name] for name in early if name != "active"})
    assert answer.status_code == 409
    assert rows(answer.text) == [("Roles", "Viewer", "Marketing\nViewer"), ("May sign in", "No", "Yes")]


def test_an_import_is_named_by_its_time_only(make: Factory, sign_in: Any) -> None:
    me = sign_in("marketing")
    row = make.customer(updated_at=make.now)
    page = f"/customers/{row.id}/edit"
    sent = fields_of(me.get(page).text, "edit-form")
    row.region = "杭州"
    db.session.commit()  # as an import does, without an entry for the customer
    answer = me.post(page, data=sent)
    assert answer.status_code == 409
    assert "The other version was stored on Oct 12, 2026 10:00." in answer.text
    assert rows(answer.text) == [("Region", "–", "杭州")]


@pytest.mark.parametrize("made", [survey, text, sending])
def test_what_was_typed_outlives_a_survey_that_was_made_ready(
    make: Factory, sign_in: Any, made: Callable[[Factory], Edited]
) -> None:
    me = sign_in("marketing")
    form = made(make)
    sent = form.fields(me) | {form.field: form.mine}
    db.session.get_one(Survey, int(form.page.split("/")[2])).state = "ready"
    db.session.commit()
    answer = me.post(form.page, data=sent)
    assert answer.status_code == 409
    assert "That is not possible in the present state." in answer.text
    assert fields_of(answer.text, "edit-form")[form.field][0] == form.mine


def test_a_name_typed_for_a_removed_indicator_is_still_shown(make: Factory, sign_in: Any) -> None:
    me, other = sign_in("marketing"), sign_in("marketing")
    form = indicator(make)
    sent, code = form.fields(me), form.field.removesuffix("-weight")
    other.post(form.page, data=form.fields(other) | {"do": f"remove:{code}"})
    answer = me.post(form.page, data=sent | {f"{code}-en": "My name for it"})
    assert answer.status_code == 409
    assert ("Indicator in English", "My name for it", "–") in rows(answer.text)
