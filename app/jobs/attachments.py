"""Sweeping up files that nobody sent, and files without a row: a request that died between the two leaves one."""

from datetime import timedelta

from app import clock
from app.adapters import files
from app.jobs import registry, runner
from app.services import attachments


@registry.every(timedelta(hours=1))
def sweep_attachments() -> None:
    """Rows of forms that were never sent go first, then every file without a row."""
    now = clock.now()
    with runner.transaction():
        attachments.forget_unsent(now=now)
    runner.release()
    files.remove_unknown(attachments.folder(), attachments.known_files, now - attachments.ORPHAN_AFTER)
    runner.release()
