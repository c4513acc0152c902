"""The way to PostgreSQL: an engine per process and one kind of transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import psycopg
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from wirewatch.errors import WirewatchError

Transaction = Connection

CONNECT_TIMEOUT_SECONDS = 5
# How long a caller waits for one of the pool's connections while others use them all.
POOL_TIMEOUT_SECONDS = 30.0


class DatabaseUnavailableError(WirewatchError):
    """The database went away or cannot be reached; nothing of the transaction was kept."""


class ContentionError(DatabaseUnavailableError):
    """PostgreSQL chose this transaction to end a deadlock or a conflict; the same work may succeed at once."""


class Database:
    """Opens transactions. Make one per process, after any fork."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        waits_for_disk: bool = True,
        asks_first: bool = True,
        scans_tables: bool = True,
    ) -> None:
        """`waits_for_disk` False: for one whose writes are made again if a crash of the server takes the last of them.

        `scans_tables` False: for one who looks up rows by key alone. PostgreSQL thinks that comparing arrays costs next
        to nothing, and in tables of some hundred rows and more it read all of them for each key, instead of an index
        (measured: the same look-ups took several times as long). Such look-ups have one plan whatever the keys; made
        anew each time, the plans took an eighth of what placing an article takes.

        `asks_first`: whether a pooled connection is tried before each transaction, for callers that cannot try again.
        """
        self.url = url
        # PostgreSQL compiles a statement that it thinks costly; finding who is near 100,000 articles takes 3 ms, and is
        # thought to cost 2.4 million, 5 times what makes it compile with all optimizations.
        settings = ["jit=off"]
        if not waits_for_disk:
            settings += ["synchronous_commit=off"]
        if not scans_tables:
            settings += ["enable_seqscan=off", "plan_cache_mode=force_generic_plan"]
        connect = {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "application_name": "wirewatch",
            "options": " ".join(f"-c {one}" for one in settings),
        }
        make_engine = partial(
            create_engine,
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            pool_pre_ping=asks_first,
            connect_args=connect,
        )
        self._engine = make_engine()
        # With connections of its own, so that none is switched to the other mode and back at each turn; on one that is
        # given back there is nothing to roll back.
        self._autocommitting = make_engine(isolation_level="AUTOCOMMIT", pool_reset_on_return=None)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction: committed at the end of the block, rolled back if the block raises.

        Raises DatabaseUnavailableError where the connection is lost or none is free, so that callers tell our outage
        from a fault of the data.
        """
        with _telling_outages(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def statements(self) -> Iterator[Transaction]:
        """Each statement is a transaction of its own: for reading, and for a single one that writes.

        Reads see no less of each other's moment than in `transaction`, where each has its own snapshot as well; what
        is saved is the way to the server and back for BEGIN and for COMMIT (measured: half of a short look-up's time).
        """
        with _telling_outages(), self._autocommitting.connect() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()
        self._autocommitting.dispose()


@contextmanager
def _telling_outages() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            _tell_outage(error.orig, is_gone=error.connection_invalidated)
        raise
    except psycopg.Error as error:
        _tell_outage(error)
        raise
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError("every connection has been in use for too long") from error


def _tell_outage(error: psycopg.Error, *, is_gone: bool = False) -> None:
    if (error.sqlstate or "").startswith("40"):
        raise ContentionError(str(error)) from error
    if is_gone or is_outage(error):
        raise DatabaseUnavailableError(str(error)) from error


def is_outage(error: psycopg.Error) -> bool:
    """Whether the server, and not the statement, is at fault.

    By SQLSTATE class: 08 connection, 53 resources, 57 operator intervention (57014 is a cancelled statement, which the
    statement may deserve), 40 rollback for concurrency; no SQLSTATE at all: never connected.
    """
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state[:2] in ("08", "40", "53", "57") and state != "57014"


def sqlalchemy_url(url: str) -> str:
    """`postgresql://...` as users write it -> the form that names our driver."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def psycopg_url(url: str) -> str:
    """The same address for a direct connection (LISTEN)."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def wait_for_disk(tx: Transaction) -> None:
    """Let this transaction's commit return only when it, and with it all committed before it, is on disk."""
    tx.execute(text("SET LOCAL synchronous_commit TO on"))


def lock_in_transaction(tx: Transaction, name: str) -> None:
    """Wait for the named advisory lock and hold it until the transaction ends."""
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def share_in_transaction(tx: Transaction, name: str) -> None:
    """Wait until nobody holds the named advisory lock, and keep everybody from it until the transaction ends."""
    tx.execute(text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))"), {"name": name})
