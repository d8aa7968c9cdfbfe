"""The customer's page: what it shows and hides, messages, and the verdict."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.blueprints.intake import case as pages
from app.blueprints.intake import site
from app.errors import Refused
from app.extensions import db
from app.models import Attachment, ComplaintEvent
from app.rules.clocks import Party
from app.rules.complaints import Channel, Outcome, Satisfaction, State
from app.services import attachments, audit, complaints, intake
from tests.blueprints.intake.people import ISSUED, Opens, Passing
from tests.conftest import NOW
from tests.factories import complaints as made
from tests.factories import sent_files as sent
from tests.factories.complaints import Staff
from tests.uploading import post_files

LATE: dict[str, Any] = {"seen": None, "key": ""}


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (State.RECEIVED, ("We have received it", "You get our answer by Oct 15, 2026 18:00")),
        (State.ASSIGNED, ("We have received it", "You get our answer by Oct 15, 2026 18:00")),
        (State.IN_PROGRESS, ("We are working on it", "You get our answer by Oct 15, 2026 18:00")),
        (State.WAITING, ("We need something from you", "约时间", "Please answer by Oct 19, 2026 10:00")),
        (
            State.RESOLVED,
            ("Is it solved?", "您好，水泵已经更换。", "we ask you ourselves by Oct 14, 2026 18:00"),
        ),
        (State.CLOSED, ("The case is closed", "It was solved.", "You said: solved")),
    ],
)
def test_each_state_in_plain_words(opens: Opens, state: State, says: tuple[str, ...]) -> None:
    page = opens(state).look()
    assert page.status_code == 200
    for words in says:
        assert words in page.text


def test_a_promise_that_was_broken_is_not_hidden(opens: Opens, passing: Passing) -> None:
    holder = opens(State.IN_PROGRESS)
    passing(7 * 24 * 3600)
    assert "We had promised you an answer by Oct 15, 2026 18:00 and are late" in holder.look().text


def test_waiting_for_others_gives_no_reasons(opens: Opens, staff: Staff) -> None:
    holder = opens(State.IN_PROGRESS)
    soon = {"until": NOW + timedelta(days=3), "by": staff.handler, "now": NOW}
    complaints.wait(holder.case(), party=Party.THIRD_PARTY, what="SUPPLIER-NAME", **soon, **LATE)
    db.session.commit()
    text = holder.look().text
    assert "waiting for somebody else" in text
    assert "SUPPLIER-NAME" not in text


def test_nothing_internal_is_shown(opens: Opens, staff: Staff) -> None:
    """T46: notes, reasons, names of staff, causes, severity."""
    holder = opens(State.RESOLVED)
    complaint = holder.case()
    late = {"by": staff.service, "now": clock.now()} | LATE
    complaints.note(complaint, text="NOTE-INSIDE", **late)
    answer = complaints.Answer(Satisfaction.PARTLY, "WORDS-OF-OURS", 3, 3)
    complaints.call_back(complaint, channel=Channel.PHONE, answer=answer, **late)
    complaints.close(complaint, outcome=Outcome.DISSATISFIED_ACCEPTED, reason="REASON-INSIDE", **late)
    db.session.commit()
    text = holder.look().text
    for inside in (
        "NOTE-INSIDE",
        "WORDS-OF-OURS",
        "REASON-INSIDE",
        "沈一凡",
        "零件老化",
        "每季度检查",
        "换了排水泵",
    ):
        assert inside not in text
    assert "We could not agree" in text


def test_a_result_that_was_not_told_yet_is_not_told_by_the_page(opens: Opens, staff: Staff) -> None:
    holder = opens(State.IN_PROGRESS)
    complaints.resolve(
        holder.case(), resolution=made.RESOLUTION, told=None, by=staff.handler, now=clock.now(), **LATE
    )
    db.session.commit()
    text = holder.look().text
    assert "We are working on it" in text
    assert "水泵已经更换" not in text
    assert holder.send("answer", solved="yes").status_code == 409
    assert holder.case().state == "resolved"


def test_opening_the_page_changes_nothing(opens: Opens) -> None:
    """T13: a scanner follows every address of a mail, with every method that is safe."""
    holder = opens(State.RESOLVED)
    before = (holder.case().version, len(holder.case().events))
    db.session.rollback()
    for path in (
        holder.path,
        holder.path + "/add",
        holder.path + "/answer",
        holder.path + "?said=answered&solved=yes",
    ):
        for method in ("GET", "HEAD", "OPTIONS"):
            holder.browser.open(path, method=method, check_html=False)
    assert (holder.case().version, len(holder.case().events)) == before


@pytest.mark.parametrize("state", list(State))
def test_a_message_is_taken_in_every_state_and_moves_only_what_waits_for_it(
    opens: Opens, state: State
) -> None:
    holder = opens(state)
    answer = holder.send("add", ("photo.jpg", sent.jpeg()), text="周三上午可以")
    assert answer.status_code == 303
    assert "Whoever works on your case sees it" in holder.browser.get(answer.location).text
    expected = State.IN_PROGRESS if state is State.WAITING else state
    assert holder.case().state == expected
    added = next(event for event in holder.case().events if event.kind == "added")
    assert (added.text, added.by_id, added.data) == ("周三上午可以", None, {"channel": "web"})
    file = db.session.scalars(select(Attachment)).one()
    assert (file.event_id, file.feedback_id) == (added.id, holder.case().feedback_id)
    text = holder.look().text
    assert "photo.jpg" in text
    assert "周三上午可以" in text


def test_files_alone_are_a_message(opens: Opens) -> None:
    holder = opens(State.IN_PROGRESS)
    assert holder.send("add", ("账单.pdf", sent.pdf())).status_code == 303
    assert holder.case().events[-1].text == "账单.pdf"
    empty = holder.send("add", text=" ")
    assert empty.status_code == 422
    assert "Write something, or choose a file." in empty.text


def test_the_same_message_twice_is_one(opens: Opens) -> None:
    """T06."""
    holder = opens(State.WAITING)
    stamp = holder.stamp()
    for _ in range(3):
        assert holder.send("add", ("a.png", sent.png()), stamp=stamp, text="好的").status_code == 303
    assert holder.kinds().count("added") == 1
    assert holder.kinds().count("continued") == 1
    assert db.session.scalar(select(func.count(Attachment.id))) == 1


def test_a_message_that_is_refused_stays_with_its_files(opens: Opens) -> None:
    holder = opens(State.IN_PROGRESS)
    answer = holder.send("add", ("a.png", sent.png()), ("b.exe", b"MZ"), text="MARK")
    assert answer.status_code == 422
    for words in ("MARK", "a.png", "b.exe", "This kind of file is not taken"):
        assert words in answer.text
    found = ISSUED.search(answer.text)
    assert found
    assert holder.send("add", stamp=found.group(1), text="MARK").status_code == 303
    assert [one.name for one in db.session.scalars(select(Attachment))] == ["a.png"]


def test_a_case_takes_no_files_without_end(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    """T32."""
    monkeypatch.setattr(attachments.rules, "MOST_PER_CASE", 2)
    holder = opens(State.IN_PROGRESS)
    assert holder.send("add", ("a.png", sent.png()), ("b.png", sent.png())).status_code == 303
    assert "as many files as one case takes" in holder.send("add", ("c.png", sent.png())).text


def test_solved_closes_the_case_and_keeps_both_scores(opens: Opens) -> None:
    holder = opens(State.RESOLVED)
    answer = holder.send("answer", solved="yes", words="谢谢！", solution="5", handling="4")
    assert "Thank you for your answer" in holder.browser.get(answer.location).text
    complaint = holder.case()
    assert (complaint.state, complaint.outcome) == ("closed", "satisfied")
    present = complaint.present_round
    assert (present.satisfaction, present.solution_score, present.handling_score) == ("satisfied", 5, 4)
    called = next(event for event in complaint.events if event.kind == "called_back")
    assert (called.by_id, called.by_name, called.data["channel"]) == (None, "", "web")
    assert "谢谢！" in holder.look().text


def test_not_solved_opens_the_next_round_and_needs_a_word_why(opens: Opens) -> None:
    holder = opens(State.RESOLVED)
    without = holder.send("answer", solved="no", solution="1")
    assert without.status_code == 422
    assert "what is still missing" in without.text
    assert holder.send("answer", solved="no", words="还是不行", solution="1").status_code == 303
    complaint = holder.case()
    assert (complaint.state, complaint.round) == ("in_progress", 2)
    assert [one.satisfaction for one in complaint.rounds] == ["not", ""]
    assert (complaint.rounds[0].solution_score, complaint.rounds[0].handling_score) == (1, None)


@pytest.mark.parametrize("fields", [{}, {"solved": "maybe"}, {"solved": "no", "words": " "}, {"solved": "yes", "words": "长" * 5001}])  # fmt: skip
def test_a_verdict_that_says_nothing_is_asked_again(opens: Opens, fields: dict[str, str]) -> None:
    holder = opens(State.RESOLVED)
    assert holder.send("answer", **fields).status_code == 422
    assert holder.case().state == "resolved"


def test_scores_that_are_none_count_for_none(opens: Opens) -> None:
    holder = opens(State.RESOLVED)
    assert holder.send("answer", solved="yes", solution="99", handling="-1").status_code == 303
    present = holder.case().present_round
    assert (present.solution_score, present.handling_score) == (None, None)


def test_the_same_verdict_twice_is_one(opens: Opens) -> None:
    holder = opens(State.RESOLVED)
    stamp = holder.stamp()
    for _ in range(2):
        assert holder.send("answer", stamp=stamp, solved="no", words="还漏").status_code == 303
    assert holder.case().round == 2


def test_a_verdict_after_somebody_else_has_closed_keeps_its_words(opens: Opens, staff: Staff) -> None:
    """Two at once: whoever comes second is told, and loses nothing."""
    holder = opens(State.RESOLVED)
    stamp = holder.stamp()
    answer = complaints.Answer(Satisfaction.SATISFIED, "", 5, 5)
    complaints.call_back(
        holder.case(), channel=Channel.PHONE, answer=answer, by=staff.service, now=clock.now(), **LATE
    )
    db.session.commit()
    late = holder.send("answer", stamp=stamp, solved="no", words="MARK")
    assert late.status_code == 409
    assert "MARK" in late.text
    assert "Somebody of ours has just gone on" in late.text
    assert holder.case().state == "closed"


def test_a_step_of_ours_at_the_same_moment_costs_the_customer_nothing(
    opens: Opens, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, real, tried = opens(State.IN_PROGRESS), intake.add, []

    def first_too_late(*args: Any, **kwargs: Any) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise StaleDataError
        real(*args, **kwargs)

    monkeypatch.setattr(pages.intake, "add", first_too_late)
    assert holder.send("add", ("a.png", sent.png()), text="好的").status_code == 303
    assert holder.kinds().count("added") == 1
    assert db.session.scalars(select(Attachment.event_id)).one() is not None, "its file came along"


def test_only_the_customer_is_taken_for_the_customer(opens: Opens, staff: Staff) -> None:
    """By the link he can do what the table says and no more."""
    holder = opens(State.RESOLVED)
    with pytest.raises(Refused, match="not_allowed"):
        complaints.close(
            holder.case(),
            outcome=Outcome.UNREACHABLE,
            reason="",
            by=None,
            now=clock.now(),
            **LATE,
        )
    with pytest.raises(Refused, match="not_allowed"):
        complaints.call_back(
            holder.case(), channel=Channel.PHONE, answer=None, by=staff.stranger, now=clock.now(), **LATE
        )


def test_the_language_is_that_of_the_customer_until_another_is_asked_for(
    opens: Opens, client: FlaskClient
) -> None:
    holder = opens(State.RECEIVED, language="zh")
    assert "已受理" in client.get(holder.path, headers={"Accept-Language": "en"}).text
    assert "We have received it" in client.get(holder.path + "?lang=en").text


def test_messages_are_limited_per_place(opens: Opens) -> None:
    """T28."""
    holder = opens(State.IN_PROGRESS)
    stamps = [holder.stamp() for _ in range(site.SENDINGS[0].amount + 1)]
    codes = [
        holder.send("add", stamp=one, text=f"MARK-{n}", wait=2 if n == 0 else 0)
        for n, one in enumerate(stamps)
    ]
    assert [one.status_code for one in codes][-2:] == [303, 429]
    assert f"MARK-{len(stamps) - 1}" in codes[-1].text


def test_everything_that_happened_is_in_the_log(opens: Opens) -> None:
    holder = opens(State.RESOLVED)
    holder.send("answer", solved="no", words="还漏")
    holder.send("add", text="周四再来")
    events = list(db.session.scalars(select(ComplaintEvent).order_by(ComplaintEvent.id)))
    assert [one.kind for one in events][-4:] == ["customer_told", "called_back", "reopened", "added"]
    assert audit.verify().broken_id is None
    assert isinstance(events[-1].at, datetime)


def test_the_same_message_at_once_is_one_with_one_file(opens: Opens, app: Flask, passing: Passing) -> None:
    holder = opens(State.WAITING)
    stamp = holder.stamp()
    passing(3)
    db.session.rollback()
    codes: list[int] = []

    def press() -> None:
        fields = {"issued": stamp, "text": "好的"}
        answer = post_files(app.test_client(), f"{holder.path}/add", fields, [("a.png", sent.png())])
        codes.append(answer.status_code)

    threads = [threading.Thread(target=press) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [303] * 5
    assert holder.kinds().count("added") == 1
    joined = select(Attachment.id).where(Attachment.event_id.is_not(None))
    assert len(db.session.scalars(joined).all()) == 1
