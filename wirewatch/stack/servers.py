"""The embedded servers alone: PostgreSQL and Valkey in a directory, for as long as a block runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wirewatch.stack import postgres, valkey
from wirewatch.stack.datadir import DataDir, StackState, broker_url, database_url
from wirewatch.stack.supervisor import Report, Supervisor, supervised


@dataclass(frozen=True, slots=True)
class Servers:
    database_url: str
    broker_url: str


def prepare(supervisor: Supervisor, data: DataDir, state: StackState) -> None:
    """Makes the database cluster where there is none yet."""
    if postgres.needs_cluster(data):
        supervisor.start((postgres.initdb(data, state),))
        postgres.keep_cluster(data)


@contextmanager
def embedded_servers(directory: Path, report: Report, *, durable: bool = False) -> Iterator[Servers]:
    """PostgreSQL and Valkey in `directory`, running until the block ends; not `durable`: for data thrown away."""
    data = DataDir(directory)
    data.open()
    try:
        state = data.get_or_make_state()
        with supervised(data, report) as supervisor:
            prepare(supervisor, data, state)
            supervisor.start((postgres.server(data, state, durable=durable), valkey.server(data, state)))
            yield Servers(database_url(state), broker_url(state))
    finally:
        data.close()
