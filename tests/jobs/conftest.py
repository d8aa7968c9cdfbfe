"""A mailbox of the tests, and staff to sort what is in it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.jobs.mailbox import Reader
from config import MailboxServer
from tests.factories import Factory, complaints
from tests.imap_server import PASSWORD, USER, ImapServer, Store


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def reader(app: Flask, make: Factory, store: Store) -> Iterator[Reader]:
    make.firm()
    with ImapServer(store) as server:
        yield Reader(MailboxServer("127.0.0.1", server.port, "plain", USER, PASSWORD))


@pytest.fixture
def staff(make: Factory) -> complaints.Staff:
    return complaints.Staff(make)
