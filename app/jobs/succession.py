"""One worker on one data folder, and what it finds of its dead predecessors."""

import fcntl
import hashlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from app import clock
from app.extensions import db
from app.jobs.runner import transaction
from app.models import Job
from app.services import sending

log = logging.getLogger("heed.worker")

WAIT_SECONDS = 0.2


def take_post(data: Path, stop: Callable[[], bool]) -> bool:
    """Hold the worker's place on this data folder for as long as this process lives.

    Waits while another worker holds it: two would send at twice the pace. Returns False when `stop()`
    came first. Killing the holder frees the place, so whoever gets it knows that the others are dead.
    """
    handle = os.open(data / "worker.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    told = False
    while not stop():
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                log.warning("another worker works on this data folder; waiting until it ends")
                told = True
            time.sleep(WAIT_SECONDS)
        else:
            return True
    os.close(handle)
    return False


def home(data: Path) -> str:
    """Eight characters that stand for this machine and data folder."""
    return hashlib.sha256(f"{socket.gethostname()}:{data.resolve()}".encode()).hexdigest()[:8]


def name_of_worker(data: Path) -> str:
    """A name that no other worker ever has. Process numbers come again after a restart, the rest does not."""
    return f"{home(data)}-{os.getpid()}-{secrets.token_hex(4)}"


def settle(data: Path) -> tuple[int, int]:
    """Take back at once what dead workers of this folder had claimed, instead of waiting for the leases.

    Only with the place taken. Were a predecessor alive after all, he would still send nothing twice: he has to
    ask for each mail again before its text begins. Returns how many mails go again and how many are uncertain.
    """
    now, mine = clock.now(), f"{home(data)}-%"
    try:
        with transaction():
            db.session.execute(
                update(Job).where(Job.state == "running", Job.claimed_by.like(mine)).values(lease_until=now)
            )
            back, uncertain = sending.expire_leases(now, of_workers=mine)
    except OperationalError:
        # The database is away or busy: what the dead left comes back when its leases run out.
        return 0, 0
    if back or uncertain:
        log.warning("a sender has died: %d mails go again, %d are uncertain", back, uncertain)
    return back, uncertain
