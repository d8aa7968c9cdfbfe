"""The job that writes a document for somebody to fetch: what it says has been described by the page, in his language.

The description and the file lie in the folder of exports under names nobody can guess, and are removed after a day.
"""

import json
from typing import Any

from app import clock
from app.adapters import files
from app.adapters.documents.model import Document
from app.errors import Refused
from app.extensions import db
from app.jobs import registry, runner
from app.jobs.exports import exports
from app.models import User
from app.queries.document_rights import may_have
from app.services import audit

STEPS = 3


@registry.job("write_document")
def write_document(progress: runner.Progress, **params: Any) -> dict[str, Any]:
    """Write the description `content` as `ending` (docx | pdf), if the author may still have it."""
    author = db.session.get(User, params["author"])
    if author is None or not may_have(author, params["right"]):
        raise Refused("not_allowed")
    described = (exports() / params["content"]).read_text("utf-8")
    runner.release()
    progress.set(1, STEPS, force=True)
    document = Document.from_json(json.loads(described))
    written = _written(document, params["ending"])
    progress.set(2, STEPS, force=True)
    name = files.new_name(f".{params['ending']}")
    (exports() / name).write_bytes(written)
    with runner.transaction():
        audit.record(
            "document.written", kind="job", object_id=progress.job_id, by=db.session.get(User, params["author"]),
            now=clock.now(), ending=params["ending"], **params["about"],
        )  # fmt: skip
    return {"file": name, "bytes": len(written)}


def _written(document: Document, ending: str) -> bytes:
    # Imported here: the worker starts without them, and lets them go with the process.
    from app.adapters.documents import typeset

    if ending == "pdf":
        return typeset.pdf(document)
    from app.adapters.documents.word import word

    return word(document, typeset.pictures(document))
