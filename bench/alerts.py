"""`python -m bench.alerts`: what matching and alerting add to the time of one article, and in how many statements.

Articles go through the stages before in batches, then through `match` and `alert` one by one, as lone articles do, on
a real PostgreSQL of this run. A thousand watches are live; three of them match each article and tell one endpoint, so
that each run opens three alerts and writes one delivery. Fails above the floor.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.machine import describe_machine
from bench.texts import articles
from ingest.receive import Submission, receive
from ingest.submissions import parse_submission
from tests.factories import make_watch
from tests.pipeline import make_context
from tests.statements import statements
from wirewatch import migrate
from wirewatch.db import Database
from wirewatch.stack.servers import embedded_servers
from worker import ledger
from worker.pipeline import STAGES
from worker.stage import Context

FLOOR_MS = 100.0
MARKER = "zquorx"
WATCHES, MATCHING = 1000, 3
BEFORE, TIMED = ("dedupe", "extract", "cluster"), ("match", "alert")

console = Console(width=120)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=200)
    count = options.parse_args().articles
    with opened_database() as database:
        context = make_context(database)
        prepare(database, count)
        for name in BEFORE:
            run(context, name, waiting(database, name))
        # One article warms caches and connections up.
        measured = [measure(context, id_) for id_ in first_of_each(database)][1:]
    seconds, statements = zip(*measured, strict=True)
    report(seconds, statements)


def prepare(database: Database, count: int) -> None:
    with database.transaction() as tx:
        tx.execute(text("INSERT INTO endpoints (name, url, shown_url, secrets) VALUES ('desk', '', '', '[]')"))
    for number in range(WATCHES):
        make_watch(database, f"watch {number}", MARKER if number < MATCHING else f"{MARKER}{number} AND harbour")
    parsed = [parse_submission(body) for body in articles(count + 1, marker=MARKER)]
    receive(database, [one for one in parsed if isinstance(one, Submission)])


def measure(context: Context, message_id: int) -> tuple[float, int]:
    """-> seconds and statements of an article from `match` to its deliveries."""
    with statements() as sent:
        started = time.perf_counter()
        run(context, "match", [message_id])
        run(context, "alert", waiting(context.database, "alert"))
        elapsed = time.perf_counter() - started
    return elapsed, len(sent) - 1  # without the one that asks what waits, as the relay does


def run(context: Context, stage: str, ids: Sequence[int]) -> None:
    batch = STAGES[stage].batch
    for start in range(0, len(ids), batch):
        ledger.run(STAGES[stage], ids[start : start + batch], context, "bench:1")


def waiting(database: Database, stage: str) -> list[int]:
    with database.transaction() as tx:
        found = tx.execute(
            text("SELECT id FROM messages WHERE type = :type ORDER BY id"), {"type": STAGES[stage].takes}
        )
        return list(found.scalars())


def first_of_each(database: Database) -> list[int]:
    """-> the messages that `match` waits for, without those by which stories that grew are looked at again."""
    query = text("SELECT min(id) FROM messages WHERE type = :type GROUP BY subject_id ORDER BY 1")
    with database.transaction() as tx:
        return list(tx.execute(query, {"type": STAGES["match"].takes}).scalars())


@contextmanager
def opened_database() -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as directory,
        embedded_servers(Path(directory), lambda _: None) as servers,
    ):
        database = Database(servers.database_url, waits_for_disk=False)
        migrate.upgrade(database)
        yield database
        database.close()


def report(seconds: Sequence[float], statements: Sequence[int]) -> None:
    p99 = quantiles(seconds, n=100)[98] * 1000
    table = Table(title=f"Matching and alerting one article: {len(seconds)} articles ({describe_machine()})")
    for column in ("measure", "figure", "floor"):
        table.add_column(column)
    table.add_row("time added, median", f"{median(seconds) * 1000:.1f} ms", "")
    table.add_row("time added, p99", f"{p99:.1f} ms", f"{FLOOR_MS:.0f} ms")
    table.add_row("statements of both stages, median", f"{median(statements):.0f}", "")
    console.print(table)
    if p99 > FLOOR_MS:
        raise SystemExit("below the floor")


if __name__ == "__main__":
    main()
