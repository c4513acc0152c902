"""Real servers for a test run, a fresh, migrated database for each test that asks for one, and how much is tried.

What speaks to servers is imported by the fixtures that start them: a run of unit tests needs none of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import settings as property_settings

from wirewatch import log

if TYPE_CHECKING:
    from psycopg import sql

    from wirewatch.db import Database
    from wirewatch.stack.servers import Servers

log.configure("tests", "WARNING")
# Rich measures the terminal once, when the first test imports the command line.
os.environ["COLUMNS"] = "200"

# Few examples a run, other ones each time: `make unit` is for every change. CONTRIBUTING.md tells when to ask for more.
EXAMPLES = int(os.getenv("WIREWATCH_TEST_EXAMPLES", "30"))
# Without a deadline: a busy machine is no failure.
property_settings.register_profile("wirewatch", max_examples=EXAMPLES, deadline=None)
property_settings.load_profile("wirewatch")


TOLD = pytest.StashKey[list[str]]()


def tell_at_the_end(config: pytest.Config, lines: list[str]) -> None:
    """Lines for the summary of the run, whether tests run in one process or in several."""
    config.stash[TOLD] = config.stash.get(TOLD, []) + lines
    if hasattr(config, "workeroutput"):
        config.workeroutput["told"] = config.stash[TOLD]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of several is done: what it had to tell comes with its results."""
    tell_at_the_end(node.config, getattr(node, "workeroutput", {}).get("told", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(TOLD, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey for the whole run: those of the environment, or embedded ones in a throw-away directory."""
    from wirewatch.stack.servers import Servers, embedded_servers

    database_url, broker_url = os.getenv("WIREWATCH_TEST_DATABASE_URL"), os.getenv("WIREWATCH_TEST_BROKER_URL")
    if database_url and broker_url:
        yield Servers(database_url, broker_url)
        return
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-test-") as directory,
        embedded_servers(Path(directory), lambda _: None) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def template(servers: Servers) -> Iterator[str]:
    """The name of a database that has every table and the built-in catalogue."""
    from wirewatch import migrate
    from wirewatch.db import Database

    with _temporary_database(servers.database_url, "template0") as url:
        database = Database(url)
        migrate.upgrade(database)
        database.close()
        yield url.rpartition("/")[2]


@pytest.fixture
def database_url(servers: Servers, template: str) -> Iterator[str]:
    with _temporary_database(servers.database_url, template) as url:
        yield url


@pytest.fixture
def empty_database_url(servers: Servers) -> Iterator[str]:
    """Of a database without any table."""
    with _temporary_database(servers.database_url, "template0") as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    from wirewatch.db import Database

    opened = Database(database_url, pool_size=10)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_database(servers: Servers, template: str) -> Iterator[Database]:
    """One database for all tests of a module, for those that leave nothing behind."""
    from wirewatch.db import Database

    with _temporary_database(servers.database_url, template) as url:
        opened = Database(url, pool_size=10)
        yield opened
        opened.close()


@contextmanager
def _temporary_database(server_url: str, template: str) -> Iterator[str]:
    """A copy of a template for as long as the block runs; gives its address."""
    from psycopg import sql

    server, name = server_url.rpartition("/")[0], f"test_{uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    _run(f"{server}/postgres", create.format(sql.Identifier(name), sql.Identifier(template)))
    yield f"{server}/{name}"
    _run(f"{server}/postgres", sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(url: str, statement: sql.Composed) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
