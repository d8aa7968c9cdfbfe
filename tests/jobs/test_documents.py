"""The job that writes documents: rights when it is written, no text in the ledger, and files that go."""

import io
import json
import os
from datetime import timedelta
from typing import Any

import docx
import pytest
from flask import Flask, current_app

from app import clock
from app.adapters import files
from app.extensions import db
from app.jobs import documents, exports, load, runner
from app.models import Job, User
from app.queries import document_rights
from app.queries.complaints.summary import access
from app.rules.complaints import Kind
from app.services.jobs import request_job
from tests import pdf
from tests.adapters.test_documents import document
from tests.factories import Factory

load()


def right_of(user: User) -> dict[str, Any]:
    reader = access.reader_of(user)
    scope = access.scope_of(reader, Kind.COMPLAINT, None)
    return document_rights.of_figures(Kind.COMPLAINT, None, scope=scope, cautious=reader.cautious)


def ordered(user: User, ending: str = "pdf") -> Job:
    described = json.dumps(document("投诉总结").to_json()).encode()
    stored = files.store(io.BytesIO(described), exports.exports())
    job = request_job(
        "write_document", key=f"test:{ending}:{user.id}", by=user, now=clock.now(), content=stored.name, ending=ending,
        author=user.id, right=right_of(user), back="/", about={"period": "2026-09"}, name=f"x.{ending}",
    )  # fmt: skip
    db.session.commit()
    return job


def done(job: Job) -> Job:
    found = runner.claim_job("test", clock.now())
    assert found is not None
    runner.run_job(*found, "test")
    db.session.rollback()
    return db.session.get_one(Job, job.id, populate_existing=True)


@pytest.fixture
def user(make: Factory) -> User:
    make.firm()
    return make.user(roles=("customer_service",))


@pytest.mark.parametrize("ending", ["pdf", "docx"])
def test_a_document_is_written(app: Flask, user: User, ending: str) -> None:
    job = done(ordered(user, ending))
    assert (job.state, job.progress, job.total) == ("done", 2, documents.STEPS)
    content = (exports.exports() / job.result["file"]).read_bytes()
    if ending == "pdf":
        assert "投诉总结" in pdf.text_of(content)
    else:
        assert any("投诉总结" in one.text for one in docx.Document(io.BytesIO(content)).paragraphs)
    assert "投诉总结" not in json.dumps(job.params, ensure_ascii=False)


def test_whoever_has_lost_the_right_meanwhile_gets_nothing(app: Flask, user: User) -> None:
    job = ordered(user)
    user.roles = []
    db.session.commit()
    job = done(job)
    assert (job.state, job.error, job.result) == ("failed", "not_allowed", {})


def test_another_scope_is_another_right(make: Factory) -> None:
    make.firm()
    unit, other = make.unit(), make.unit()
    handler = make.user(roles=("department",), units=(unit,))
    right = right_of(handler)
    assert document_rights.may_have(handler, right)
    assert right["scope"]["own_units"] == [unit.id]
    moved = make.user(roles=("department",), units=(other,))
    assert not document_rights.may_have(moved, right)
    viewer = make.user(roles=("viewer",))
    assert not document_rights.may_have(viewer, right_of(make.user(roles=("management",))))
    handler.active = False
    assert not document_rights.may_have(handler, right)


def test_files_and_their_descriptions_go_after_a_day(app: Flask, user: User) -> None:
    done(ordered(user))
    folder = files.private_folder(current_app.config["HEED"].data, "exports")
    old = (clock.now() - timedelta(days=1, minutes=1)).timestamp()
    for path in folder.iterdir():
        os.utime(path, (old, old))
    exports.forget_old_exports()
    assert list(folder.iterdir()) == []
