"""The pages about groups in messengers: only administrators change them, and what opens a group is never shown."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Messenger, MessengerPost
from tests.factories import Factory
from tests.posting import with_token

PATH = "/settings/messengers"
TOKEN = "66b1-very-secret"
ADDRESS = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
SECRET = "SEC000-hidden"
FIELDS = {
    "kind": "dingtalk", "name": "投诉群", "address": ADDRESS, "secret": SECRET, "unit": "0", "least": "deadlines",
    "language": "zh", "active": "y",
}  # fmt: skip


@pytest.fixture
def browser(sign_in: Any) -> FlaskClient:
    return with_token(sign_in("administrator", language="en"))


def stored() -> Messenger:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Messenger)).one()


def added(browser: FlaskClient) -> tuple[str, int]:
    """A group that has just been added: its address and version."""
    answer = browser.post(f"{PATH}/new", data=FIELDS)
    assert answer.status_code == 302
    return answer.location, stored().version


def entries() -> list[AuditEntry]:
    db.session.rollback()
    wanted = select(AuditEntry).where(AuditEntry.object_kind == "messenger").order_by(AuditEntry.id)
    return list(db.session.scalars(wanted))


def test_a_group_is_added_and_its_address_is_shown_nowhere(browser: FlaskClient) -> None:
    assert "No group is told yet" in browser.get(PATH).text
    path, _version = added(browser)
    row = stored()
    assert (row.kind, row.address, row.secret, row.unit_id) == ("dingtalk", ADDRESS, SECRET, None)
    db.session.rollback()
    for page in (PATH, path, "/audit/", "/settings/"):
        text = browser.get(page).text
        assert TOKEN not in text
        assert SECRET not in text
    assert "投诉群" in browser.get(PATH).text
    assert not any(TOKEN in str(one.detail) or SECRET in str(one.detail) for one in entries())


def test_an_empty_address_keeps_the_stored_one(browser: FlaskClient) -> None:
    path, version = added(browser)
    fields = FIELDS | {"address": "", "secret": "", "name": "客诉", "version": str(version)}
    assert browser.post(path, data=fields).status_code == 302
    row = stored()
    assert (row.name, row.address, row.secret) == ("客诉", ADDRESS, SECRET)
    version = row.version
    fields = FIELDS | {
        "address": ADDRESS + "2", "secret": "", "forget_secret": "y", "name": "客诉", "version": str(version),
    }  # fmt: skip
    assert browser.post(path, data=fields).status_code == 302
    row = stored()
    assert (row.address, row.secret) == (ADDRESS + "2", "")
    details = [one.detail for one in entries()]
    assert details[1]["changed"] == {"name": ["投诉群", "客诉"]}
    assert details[2]["fields"] == ["address", "secret"]
    assert details[2]["changed"] == {}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://oapi.dingtalk.com/robot/send?access_token=1", "has to begin with https://"),
        ("https://127.0.0.1/robot/send?access_token=1", "no address of the chosen messenger"),
        ("https://hooks.slack.com/services/T0/B0/X", "no address of the chosen messenger"),
        ("https://oapi.dingtalk.com/robot/send", "not complete"),
        ("file:///etc/passwd", "has to begin with https://"),
        ("", "Enter the address"),
    ],
)
def test_a_wrong_address_is_refused_and_what_was_typed_stays(
    browser: FlaskClient, address: str, words: str
) -> None:
    answer = browser.post(f"{PATH}/new", data=FIELDS | {"address": address})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="投诉群"' in answer.text
    assert not db.session.scalars(select(Messenger)).all()


def test_another_messenger_needs_its_own_address(browser: FlaskClient) -> None:
    path, version = added(browser)
    fields = FIELDS | {"kind": "slack", "address": "", "version": str(version)}
    answer = browser.post(path, data=fields)
    assert answer.status_code == 422
    assert "Enter the address" in answer.text
    assert stored().kind == "dingtalk"


def test_a_stale_save_shows_both_texts_but_no_secret(browser: FlaskClient) -> None:
    path, version = added(browser)
    assert (
        browser.post(path, data=FIELDS | {"name": "一", "address": "", "version": str(version)}).status_code
        == 302
    )
    answer = browser.post(
        path, data=FIELDS | {"name": "二", "address": "", "secret": "", "version": str(version)}
    )
    assert answer.status_code == 409
    assert "一" in answer.text
    assert "二" in answer.text
    assert TOKEN not in answer.text
    assert SECRET not in answer.text


def test_a_test_message_is_queued_once(browser: FlaskClient) -> None:
    path, _version = added(browser)
    for _ in range(2):
        assert browser.post(f"{path}/test").status_code == 302
    db.session.rollback()
    (post,) = db.session.scalars(select(MessengerPost))
    assert (post.kind, post.state) == ("test", "queued")
    db.session.rollback()
    page = browser.get(path).text
    assert "The test message is on its way." in page
    fragment = browser.get(path, headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<section class="section" id="posts"')
    post = db.session.scalars(select(MessengerPost)).one()
    post.state, post.reason = "failed", "code_310000"
    db.session.commit()
    assert "refused it with the code 310000" in browser.get(path).text


def test_a_group_that_is_switched_off_gets_no_test(browser: FlaskClient) -> None:
    path, version = added(browser)
    off = {name: value for name, value in FIELDS.items() if name != "active"}
    browser.post(path, data=off | {"address": "", "version": str(version)})
    browser.post(f"{path}/test")
    assert "Switch it on first" in browser.get(path).text
    assert not db.session.scalars(select(MessengerPost)).all()


def test_management_reads_and_changes_nothing(browser: FlaskClient, sign_in: Any) -> None:
    path, version = added(browser)
    manager = with_token(sign_in("management", language="en"))
    text = manager.get(path).text
    assert "Only administrators change these." in text
    assert TOKEN not in text
    assert manager.post(path, data=FIELDS | {"version": str(version)}).status_code == 403
    assert manager.post(f"{path}/test").status_code == 403
    assert with_token(sign_in("customer_service", language="en")).get(PATH).status_code == 403


def test_a_unit_can_be_chosen(browser: FlaskClient, make: Factory) -> None:
    unit = make.unit(name="城西店", name_en="Chengxi branch")
    number = unit.id
    db.session.rollback()
    browser.post(f"{PATH}/new", data=FIELDS | {"unit": str(number)})
    assert stored().unit_id == number
    db.session.rollback()
    assert "Chengxi branch" in browser.get(PATH).text
    assert browser.post(f"{PATH}/new", data=FIELDS | {"unit": "999"}).status_code == 422
