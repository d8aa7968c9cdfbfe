"""Reading a folder over IMAP: what is there, what is fetched, what happens to it, and every kind of trouble."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from app.adapters.mailbox import MOST_BYTES, MailboxTrouble, MailFolder
from config import MailboxServer
from tests.imap_server import PASSWORD, USER, ImapServer, Store


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def port(store: Store) -> Iterator[int]:
    with ImapServer(store) as server:
        yield server.port


def folder(port: int, *, name: str = "INBOX", password: str = PASSWORD, seconds: float = 5) -> MailFolder:
    return MailFolder(MailboxServer("127.0.0.1", port, "plain", USER, password, name), seconds=seconds)


def trouble(port: int, **values: str | float) -> str:
    with pytest.raises(MailboxTrouble) as caught, folder(port, **values) as opened:  # type: ignore[arg-type]
        opened.numbers_above(0)
    return caught.value.code


def test_looking_and_fetching_changes_nothing(store: Store, port: int) -> None:
    numbers = [store.put(f"Subject: {n}\r\n\r\nhi".encode()) for n in range(3)]
    with folder(port) as opened:
        assert opened.validity == store.validity
        assert opened.numbers_above(0) == numbers
        assert opened.numbers_above(numbers[0]) == numbers[1:]
        assert opened.numbers_above(numbers[-1]) == []
        assert {
            number: size for number, (size, _at) in opened.sizes([*numbers, 99]).items()
        } == dict.fromkeys(numbers, 16)
        assert all(at is not None for _size, at in opened.sizes(numbers).values())
        assert opened.fetch(numbers[1]) == b"Subject: 1\r\n\r\nhi"
        assert opened.fetch(99) is None
    assert [store.flags(number) for number in numbers] == [set()] * 3


def test_a_new_folder_is_read_from_some_day_on(store: Store, port: int) -> None:
    today = datetime.now(UTC).date()
    with folder(port) as opened:
        assert opened.mark_before(today) == 0
        old = [store.put(b"old", days_ago=60) for _ in range(3)]
        assert opened.mark_before(today - timedelta(days=30)) == old[-1]
        new = store.put(b"new")
        assert opened.mark_before(today - timedelta(days=30)) == new - 1


def test_no_more_is_fetched_than_was_asked_for(store: Store, port: int) -> None:
    store.sizes_lie = True
    number = store.put(b"x" * (3 * MOST_BYTES))
    with folder(port) as opened:
        assert opened.sizes([number])[number][0] == 10
        assert len(opened.fetch(number) or b"") == MOST_BYTES


@pytest.mark.parametrize(
    ("abilities", "left", "moved"),
    [
        pytest.param(("IMAP4rev1", "MOVE"), [], True, id="moves"),
        pytest.param(("IMAP4rev1", "UIDPLUS"), [], True, id="copies"),
        pytest.param(("IMAP4rev1",), [1], False, id="marks as read"),
    ],
)
def test_what_is_done_with_is_put_away(
    store: Store, port: int, abilities: tuple[str, ...], left: list[int], moved: bool
) -> None:
    store.abilities = abilities
    number, other = store.put(b"one"), store.put(b"two")
    store.folders["INBOX"][1].flags.add("\\Deleted")
    with folder(port) as opened:
        opened.put_away([number])
        opened.put_away([number])  # again, as after a crash
        opened.put_away([])
    assert store.numbers() == [*left, other], "what a person marked for deletion is none of our business"
    assert (number in store.numbers("INBOX/Heed")) is moved
    assert moved or store.flags(number) == {"\\Seen"}


def test_where_no_subfolder_can_be_made_it_is_marked_as_read(store: Store, port: int) -> None:
    store.subfolders = False
    number = store.put(b"one")
    with folder(port) as opened:
        opened.put_away([number])
    assert store.flags(number) == {"\\Seen"}


def test_folders_have_names_in_any_language_and_separators_of_any_kind(store: Store, port: int) -> None:
    store.separator = "."
    inside = 'INBOX.&kABP4Q-&-"1\\'
    store.folders[inside] = []
    number = store.put(b"one", folder=inside)
    with folder(port, name='INBOX.退信&"1\\') as opened:
        opened.put_away([number])
    assert store.numbers(f"{inside}.Heed") == [number]


def test_a_server_that_wants_to_know_who_we_are_is_told(store: Store, port: int) -> None:
    store.needs_id = True
    with folder(port) as opened:
        assert opened.numbers_above(0) == []
    store.needs_id, store.hates_id = False, True
    with folder(port) as opened:
        assert opened.numbers_above(0) == [], "to others it means nothing"


def test_a_name_or_password_in_chinese_signs_in(store: Store, port: int) -> None:
    # The test's server knows LOGIN only: it is asked in the other way and says no, instead of an error of ours.
    assert trouble(port, password="密码") == "refused"
    assert "AUTHENTICATE" in store.commands


def test_each_trouble_has_a_name(store: Store, port: int) -> None:
    assert trouble(port, password="wrong") == "refused"
    assert trouble(port, name="Elsewhere") == "no_folder"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert trouble(nobody.getsockname()[1]) == "unreachable"
    store.silent_at = len(store.commands) + 3
    assert trouble(port, seconds=0.2) in {"broken_off", "refused"}


@pytest.mark.parametrize("command", range(1, 11))
def test_a_line_that_breaks_at_any_command_is_a_trouble_not_an_error(
    store: Store, port: int, command: int
) -> None:
    number = store.put(b"one")
    store.drop_at = command
    with pytest.raises(MailboxTrouble) as caught, folder(port) as opened:
        opened.numbers_above(0)
        opened.fetch(number)
        opened.put_away([number])
    assert caught.value.code == ("unreachable" if command == 1 else "broken_off")
    store.drop_at = None
    with folder(port) as opened:
        opened.put_away([number])
    assert store.numbers("INBOX/Heed")[-1:] == [number], "never lost"


@pytest.mark.parametrize(("certified", "code"), [(True, "certificate"), (False, "unreachable")])
def test_an_encrypted_server_must_prove_who_it_is(
    store: Store, tmp_path: Path, certified: bool, code: str
) -> None:
    with ImapServer(store, tls=self_signed(tmp_path) if certified else None) as server:
        wanted = MailboxServer("127.0.0.1", server.port, "tls", USER, PASSWORD)
        with pytest.raises(MailboxTrouble, match=code), MailFolder(wanted, seconds=2):
            raise AssertionError("a stranger was believed")
    assert "LOGIN" not in store.commands


def self_signed(folder: Path) -> ssl.SSLContext:
    """What a stranger in between would show."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(made.public_bytes(pem) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context
