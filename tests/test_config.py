"""Settings: safe defaults, one clear sentence for each bad value, and one secret key whatever happens."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from config import ROOT, MailboxServer, MailServer, SettingError, Settings

GOOD_KEY = "kP3vR8yQ1nW6tZ4xC9mB2sL7dF5gH0jA-u"


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"HEED_DATA": str(tmp_path / "data"), **env})


def test_everything_has_a_safe_default(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert (made.port, made.bind, made.base_url) == (8000, "127.0.0.1", "http://localhost:8000")
    assert (made.timezone, made.locale, made.assets) == ("Asia/Shanghai", "zh", "cdn")
    assert (made.trusted_proxies, made.redis_url, made.mail, made.mailbox) == (0, None, None, None)
    assert made.sqlite_path == tmp_path / "data" / "heed.sqlite3"
    assert len(made.secret_key) >= 32


def test_the_data_folder_is_private_and_counts_from_the_project(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert stat.S_IMODE(made.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((made.data / "secret_key").stat().st_mode) == 0o600
    relative = Settings.from_env({"HEED_DATA": os.path.relpath(tmp_path / "other", ROOT)})
    assert relative.data.is_relative_to(ROOT)
    assert (tmp_path / "other" / "secret_key").is_file()


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    assert settings(tmp_path, PORT="", REDIS_URL=" ", MAIL_URL="").port == 8000


BAD = [
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "-1"),
    ("PORT", "http"),
    ("PORT", "８０００"),
    ("HEED_BIND", "all of them"),
    ("BASE_URL", "survey.example.com"),
    ("BASE_URL", "ftp://survey.example.com"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https://survey.example.com/heed"),
    ("BASE_URL", "https://survey.example.com?x=1"),
    ("BASE_URL", "https://me:pw@survey.example.com"),
    ("BASE_URL", "https://survey.example.com:99999"),
    ("BASE_URL", "https://survey.example\r\n.com"),
    ("DATABASE_URL", "mysql://root@localhost/heed"),
    ("DATABASE_URL", "postgresql://localhost:5432"),
    ("DATABASE_URL", "postgresql://localhost:nan/heed"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "heed.sqlite3"),
    ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "redis://"),
    ("MAIL_URL", "mail.example.com"),
    ("MAIL_URL", "smtp://"),
    ("MAIL_URL", "smtp://user@mail.example.com"),
    ("MAIL_URL", "smtp://mail.example.com:0"),
    ("MAIL_URL", "smtp://mail.example.com:twentyfive"),
    ("MAIL_URL", "smtp://mail.example.com/path"),
    ("MAIL_URL", "imap://mail.example.com"),
    ("MAILBOX_URL", "mail.example.com"),
    ("MAILBOX_URL", "imaps://"),
    ("MAILBOX_URL", "smtps://me:pw@mail.example.com"),
    ("MAILBOX_URL", "imaps://mail.example.com"),
    ("MAILBOX_URL", "imaps://me@mail.example.com"),
    ("MAILBOX_URL", "imaps://me:@mail.example.com"),
    ("MAILBOX_URL", "imaps://me:pw@mail.example.com:0"),
    ("MAILBOX_URL", "imaps://me:pw@mail.example.com?folder=INBOX"),
    ("MAILBOX_URL", "imap://me:pw@mail.example.com"),
    ("MAILBOX_URL", "imap://me:pw@192.0.2.7"),
    ("MAILBOX_URL", "imaps://me:pw@mail.example.com/a%0Ab"),
    ("MAILBOX_URL", "imaps://me:pw@mail.example.com/" + "x" * 101),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "changeme"),
    ("SECRET_KEY", "a" * 40),
    ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
    ("SECRET_KEY", "this-is-my-default-secret-key-0123456789"),
    ("HEED_TIMEZONE", "Beijing"),
    ("HEED_TIMEZONE", "../../etc/passwd"),
    ("HEED_TIMEZONE", "UTC+8"),
    ("HEED_LOCALE", "fr"),
    ("HEED_LOCALE", "zh_CN"),
    ("HEED_ASSETS", "both"),
    ("HEED_TRUSTED_PROXIES", "yes"),
    ("HEED_TRUSTED_PROXIES", "-1"),
    ("HEED_TIMEZON", "UTC"),
    ("FLASK_DEBUG", "1"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_setting_is_refused_in_one_sentence_before_anything_is_made(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingError) as caught:
        settings(tmp_path, **{name: value})
    sentence = str(caught.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://root:hunter2@localhost/heed"),
        ("MAIL_URL", "imap://me:hunter2@mail.example.com"),
        ("MAILBOX_URL", "imap://me:hunter2@mail.example.com"),
        ("MAILBOX_URL", "imaps://me:hunter2@mail.example.com:0"),
        ("REDIS_URL", "http://:hunter2@cache"),
        ("SECRET_KEY", "hunter2"),
    ],
)
def test_a_complaint_never_repeats_a_password(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        settings(tmp_path, **{name: value})
    assert "hunter2" not in str(caught.value)


def test_what_is_printed_of_the_settings_holds_no_secret(tmp_path: Path) -> None:
    made = settings(
        tmp_path,
        SECRET_KEY=GOOD_KEY,
        DATABASE_URL="postgresql://heed:hunter2@db/heed",
        MAIL_URL="smtps://heed:hunter2@mail.example.com",
        MAILBOX_URL="imaps://heed:hunter2@mail.example.com",
        REDIS_URL="redis://:hunter2@cache/0",
    )
    assert "hunter2" not in repr(made)
    assert GOOD_KEY not in repr(made)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SettingError, match="HEED_DATA must be a folder"):
        settings(tmp_path)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://heed:p%40ss@db:5432/heed", "postgresql+psycopg://heed:p%40ss@db:5432/heed"),
        ("postgres://db/heed", "postgresql+psycopg://db/heed"),
        ("postgresql+psycopg:///heed", "postgresql+psycopg:///heed"),
        ("postgresql://db/heed?sslmode=require", "postgresql+psycopg://db/heed?sslmode=require"),
        ("sqlite:////srv/客户 数据/heed.sqlite3", "sqlite:////srv/客户 数据/heed.sqlite3"),
        ("sqlite:///kept/heed.sqlite3", f"sqlite:///{ROOT}/kept/heed.sqlite3"),
    ],
)
def test_database_addresses(tmp_path: Path, given: str, used: str) -> None:
    assert settings(tmp_path, DATABASE_URL=given).database_url == used


@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, "plain")),
        ("smtp://mail.example.com", MailServer("mail.example.com", 25, "plain")),
        (
            "smtps://a%40b.com:p%3Aw@mail.example.com",
            MailServer("mail.example.com", 465, "tls", "a@b.com", "p:w"),
        ),
        ("smtp+starttls://u:p@mail.example.com", MailServer("mail.example.com", 587, "starttls", "u", "p")),
    ],
)
def test_mail_addresses(tmp_path: Path, given: str, server: MailServer) -> None:
    assert settings(tmp_path, MAIL_URL=given).mail == server


@pytest.mark.parametrize(
    ("given", "server"),
    [
        (
            "imaps://a%40b.com:p%3Aw@mail.example.com",
            MailboxServer("mail.example.com", 993, "tls", "a@b.com", "p:w", "INBOX"),
        ),
        (
            "imap+starttls://u:p@mail.example.com/INBOX/%E9%80%80%E4%BF%A1",
            MailboxServer("mail.example.com", 143, "starttls", "u", "p", "INBOX/退信"),
        ),
        ("imap://u:p@localhost:1143/", MailboxServer("localhost", 1143, "plain", "u", "p", "INBOX")),
        ("imap://u:p@[::1]", MailboxServer("::1", 143, "plain", "u", "p", "INBOX")),
    ],
)
def test_mailbox_addresses(tmp_path: Path, given: str, server: MailboxServer) -> None:
    made = settings(tmp_path, MAILBOX_URL=given).mailbox
    assert made == server
    assert made.name == f"{server.user}@{server.host}/{server.folder}"


def test_cookies_follow_the_address_people_type(tmp_path: Path) -> None:
    plain = settings(tmp_path).flask_config()
    secure = settings(tmp_path, BASE_URL="https://Survey.Example.com/").flask_config()
    assert (plain["SESSION_COOKIE_NAME"], plain["SESSION_COOKIE_SECURE"]) == ("heed", False)
    assert (secure["SESSION_COOKIE_NAME"], secure["SESSION_COOKIE_SECURE"]) == ("__Host-heed", True)
    assert secure["REMEMBER_COOKIE_SECURE"] is True
    assert secure["SESSION_COOKIE_HTTPONLY"] is True
    assert secure["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert secure["SERVER_NAME"] == "survey.example.com"


def test_flask_accepts_only_the_hosts_of_this_installation(tmp_path: Path) -> None:
    app = Flask("hosts")
    app.config.update(settings(tmp_path, BASE_URL="https://survey.example.com").flask_config())
    app.add_url_rule("/", view_func=lambda: "ok")
    client = app.test_client()
    for host in ("survey.example.com", "localhost:8000", "127.0.0.1:8000"):
        assert client.get("/", headers={"Host": host}).status_code == 200, host
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_the_secret_key_stays_the_same(tmp_path: Path) -> None:
    assert settings(tmp_path).secret_key == settings(tmp_path).secret_key
    assert settings(tmp_path, SECRET_KEY=GOOD_KEY).secret_key == GOOD_KEY


def test_a_damaged_key_file_is_named_not_replaced(tmp_path: Path) -> None:
    settings(tmp_path)
    kept = tmp_path / "data" / "secret_key"
    kept.write_text("half")
    with pytest.raises(SettingError, match="damaged"):
        settings(tmp_path)
    assert kept.read_text() == "half"


def test_first_starts_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from config import Settings\n"
        "print(Settings.from_env({'HEED_DATA': sys.argv[1]}).secret_key)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "data")]
    starts = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    keys = {start.communicate(timeout=30)[0] for start in starts}
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def limited_app(made: Settings) -> Flask:
    app = Flask("limited")
    app.config.update(made.flask_config())
    limiter = Limiter(get_remote_address, app=app)
    app.add_url_rule("/", view_func=limiter.limit("2/minute")(lambda: "ok"))
    return app


def test_limits_go_on_when_redis_is_gone(tmp_path: Path) -> None:
    client = limited_app(settings(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")).test_client()
    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.redis
def test_limits_are_shared_through_redis(tmp_path: Path) -> None:
    if "HEED_TEST_REDIS" not in os.environ:
        pytest.skip("no Redis in HEED_TEST_REDIS")
    made = settings(tmp_path, REDIS_URL=os.environ["HEED_TEST_REDIS"])
    first, second = limited_app(made).test_client(), limited_app(made).test_client()
    statuses = [client.get("/").status_code for client in (first, second, first, second)]
    assert statuses == [200, 200, 429, 429]
