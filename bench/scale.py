"""`python -m bench.scale`: what it costs to find an article's copies and its story as the archive grows.

An archive is written by COPY (bench/archive.py); then articles come one by one, and as many together as a run takes,
through the real stage functions, without the language model. Ratios between sizes mean something on a busy machine,
milliseconds only on a quiet one.
"""

import argparse
import math
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.archive import OUTLETS, Archive, closing_line, read_texts, write_text
from bench.machine import describe_machine
from ingest.receive import Submission, receive
from wirewatch import migrate, outbox
from wirewatch.clock import system_clock
from wirewatch.db import Database
from wirewatch.messages import NewMessage
from wirewatch.secretbox import SecretBox
from wirewatch.settings import Settings
from wirewatch.stack.servers import embedded_servers
from wirewatch.store.receipts import Receipt
from worker import ledger, memory
from worker.catalogue import Catalogue
from worker.pipeline import STAGES
from worker.stage import Context, Outgoing

SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
PROBES, WARM_UP = 200, 20
# Runs of as many articles as come together where there is a backlog.
FULL_RUNS = 8
# Each tenth article that comes is a copy of one in the archive, with a tenth of its words changed.
COPY_EVERY = 10
CHANGED_WORDS = 0.1
FLOOR_P99_MS = 50.0
HOLDER = "bench:1"
SIZED = ("articles", "article_versions", "fingerprints", "vectors")

console = Console(width=150)


@dataclass(frozen=True, slots=True)
class Cost:
    """At one size: milliseconds of each article by stage, and of an article in each full run; copies found and sent,
    bytes on disk and in memory.
    """

    articles: int
    dedupe: list[float]
    cluster: list[float]
    together: list[float]
    found: int
    sent: int
    table_bytes: dict[str, int]
    memory_bytes: int

    @property
    def both(self) -> list[float]:
        return [sum(pair) for pair in zip(self.dedupe, self.cluster, strict=True)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="measure a million articles too")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="how many articles the archive holds")
    parser.add_argument("--probes", type=int, default=PROBES, help="how many articles come at each size")
    parser.add_argument("--archive", type=Path, help="a folder that keeps the archive, to go on from")
    options = parser.parse_args(arguments)
    sizes = (*options.sizes, MILLION) if options.million else options.sizes
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-scale-") as directory,
        embedded_servers(options.archive or Path(directory), lambda _: None) as servers,
    ):
        database = Database(servers.database_url, waits_for_disk=False, asks_first=False, scans_tables=False)
        migrate.upgrade(database)
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            costs = measure(database, connection, sizes, options.probes)
        database.close()
    return report(costs)


def measure(database: Database, connection: psycopg.Connection, sizes: Sequence[int], probes: int) -> list[Cost]:
    archive = Archive(connection, read_texts())
    context = make_context(database)
    costs = []
    for size in sizes:
        started = time.monotonic()
        if archive.size < size:
            archive.grow(size)
        memory.settle()  # as a worker does when it has loaded
        console.log(f"{archive.size} articles in the archive, {time.monotonic() - started:.0f} s")
        seed = size + archive.guests
        send(database, context, archive, WARM_UP, seed=seed + 1)  # connections and caches
        dedupe, cluster, found, sent = send(database, context, archive, probes, seed=seed)
        together = [send_together(database, context, archive, f"{seed} run {run}") for run in range(FULL_RUNS)]
        cost = Cost(size, dedupe, cluster, together, found, sent, read_sizes(connection), peak_memory())
        console.log(f"{probes} more: p50 {percentile(cost.both, 0.5):.1f} ms, p99 {percentile(cost.both, 0.99):.1f} ms")
        costs.append(cost)
    return costs


def make_context(database: Database) -> Context:
    secrets = SecretBox.from_keys(Fernet.generate_key().decode())
    outgoing = Outgoing(allow=(ip_network("127.0.0.0/8"),), secrets=secrets, api_url="http://127.0.0.1")
    return Context(database, Catalogue(Settings().model), system_clock, outgoing)


def send(
    database: Database, context: Context, archive: Archive, count: int, seed: int
) -> tuple[list[float], list[float], int, int]:
    """-> milliseconds of dedupe and of cluster for each article, copies found, copies sent."""
    chosen = random.Random(seed)
    dedupe, cluster, found, sent = list[float](), list[float](), 0, 0
    for number in range(count):
        (id_,) = accept(database, archive, chosen, str(seed), [number])
        dedupe.append(timed(database, context, "dedupe"))
        extracted(database, [id_])
        if number % COPY_EVERY == 0:
            sent += 1
            with database.transaction() as tx:
                duplicate_of = text("SELECT duplicate_of IS NOT NULL FROM articles WHERE id = :id")
                found += bool(tx.execute(duplicate_of, {"id": int(id_)}).scalar())
        cluster.append(timed(database, context, "cluster"))
        clear(database)
    return dedupe, cluster, found, sent


def send_together(database: Database, context: Context, archive: Archive, seed: str) -> float:
    """-> milliseconds of dedupe and cluster for each of the articles of a full run."""
    count = min(STAGES["dedupe"].batch, STAGES["cluster"].batch)
    ids = accept(database, archive, random.Random(seed), seed, range(count))
    dedupe = timed(database, context, "dedupe")
    extracted(database, ids)
    cluster = timed(database, context, "cluster")
    clear(database)
    return (dedupe + cluster) / count


def accept(
    database: Database, archive: Archive, chosen: random.Random, seed: str, numbers: Sequence[int]
) -> Sequence[str]:
    """-> the ids of new articles, of which every COPY_EVERYth is a copy."""
    submissions = [
        Submission(
            text=copied(archive, chosen) if number % COPY_EVERY == 0 else written(archive, chosen),
            source_name="Probe",
            external_id=f"{seed} {number}",
        )
        for number in numbers
    ]
    ids = [receipt.id for receipt in receive(database, submissions) if isinstance(receipt, Receipt)]
    if len(ids) != len(submissions):
        raise RuntimeError("an article was not accepted")
    return ids


def extracted(database: Database, ids: Sequence[str]) -> None:
    """As if the language model had read them."""
    clear(database)
    with database.transaction() as tx:
        outbox.put(tx, [NewMessage("ArticleExtracted", id_, 1) for id_ in ids])


def clear(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text("DELETE FROM messages"))


def timed(database: Database, context: Context, stage: str) -> float:
    """-> milliseconds that one run of the stage takes on what waits for it, claim and record included."""
    with database.transaction() as tx:
        ids = list(tx.execute(text("SELECT id FROM messages")).scalars())
    started = time.perf_counter()
    if ledger.run(STAGES[stage], ids, context, HOLDER) != len(ids):
        raise RuntimeError(f"{stage} did not record")
    memory.collect_after_run()
    return 1000 * (time.perf_counter() - started)


def written(archive: Archive, chosen: random.Random) -> str:
    return f"{write_text(archive.chain, chosen)} {closing_line(chosen.randrange(OUTLETS))}"


def copied(archive: Archive, chosen: random.Random) -> str:
    words = chosen.choice(archive.patterns[: archive.size]).text.split()
    return " ".join("altered" if chosen.random() < CHANGED_WORDS else word for word in words)


def read_sizes(connection: psycopg.Connection) -> dict[str, int]:
    query = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relname = ANY(%s)"
    return dict(connection.execute(query, (list(SIZED),)).fetchall())


def peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(costs: Sequence[Cost]) -> int:
    table = Table(title=f"Scale: {describe_machine()}", title_justify="left")
    columns = ("articles", "dedupe p50, p99 ms", "cluster p50, p99 ms", "both p50, p99 ms", "ms each in a full run")
    for column in (*columns, "copies found"):
        table.add_column(column, justify="right")
    table.add_column("MB: " + ", ".join(SIZED) + "; process", justify="right")
    for cost in costs:
        figures = (cost.dedupe, cost.cluster, cost.both)
        disk = ", ".join(f"{cost.table_bytes[name] / 1e6:.0f}" for name in SIZED)
        table.add_row(
            f"{cost.articles:,}",
            *(f"{percentile(one, 0.5):.1f}, {percentile(one, 0.99):.1f}" for one in figures),
            f"{percentile(cost.together, 0.5):.1f}",
            f"{cost.found} of {cost.sent}",
            f"{disk}; {cost.memory_bytes / 1e6:.0f}",
        )
    console.print(table)
    return 0 if all([check_growth(costs), check_latency(costs)]) else 1


def check_growth(costs: Sequence[Cost]) -> bool:
    """Whether an article's cost grows slower than the logarithm of the archive, so that of all grows below n log n."""
    first, last = costs[0], costs[-1]
    grown = percentile(last.both, 0.5) / percentile(first.both, 0.5)
    allowed = math.log(last.articles) / math.log(first.articles)
    holds = grown <= allowed
    console.print(f"{'' if holds else '[red]'}Growth of p50 {grown:.2f}, log-linear would be {allowed:.2f}")
    return holds


def check_latency(costs: Sequence[Cost]) -> bool:
    slowest = percentile(costs[-1].both, 0.99)
    holds = slowest <= FLOOR_P99_MS
    console.print(f"{'' if holds else '[red]'}p99 of both {slowest:.1f} ms, floor {FLOOR_P99_MS:.0f} ms")
    return holds


if __name__ == "__main__":
    raise SystemExit(main())
