"""`python -m bench.feeds.compare`: reading and storing the same feeds by the library `reader` and by our poller.

Both fetch from the farm, read with feedparser and store: `reader` into SQLite with as many threads as suit it best, the
poller into PostgreSQL, with the work that follows. Fails if ours takes longer.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import feedparser_sgmllib
from reader import make_reader
from rich.console import Console
from rich.table import Table

from bench.feeds.__main__ import farm
from bench.feeds.content import FEEDS_PER_HOST, behaviour_of, url_of
from bench.feeds.guest import View
from bench.machine import describe_machine
from ingest.confine import FeedReader
from ingest.poll import Poller, Surroundings
from wirewatch import log, migrate
from wirewatch.db import Database
from wirewatch.http import OutgoingClient
from wirewatch.stack.servers import embedded_servers

# reader's copy of feedparser asks for this under a name that feedparser itself no longer installs.
sys.modules.setdefault("sgmllib", feedparser_sgmllib)

WORKERS = (1, 4, 16)  # threads of reader
LOOPBACK = (ip_network("127.0.0.0/8"),)
FLOOR_RATIO = 1.0

console = Console()


@dataclass(frozen=True, slots=True)
class Run:
    """`cpu_seconds` of this process and its children; the database server's are not among them."""

    name: str
    entries: int
    seconds: float
    cpu_seconds: float

    @property
    def pace(self) -> float:
        """Entries read and stored a second; feeds that cannot be read bring none."""
        return self.entries / self.seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=300)
    options = parser.parse_args()
    log.configure("bench", "CRITICAL")
    with (
        farm() as port,
        tempfile.TemporaryDirectory(prefix="wirewatch-compare-") as directory,
        embedded_servers(Path(directory) / "stack", lambda _: None, durable=True) as servers,
    ):
        urls = [url_of(feed, port) for feed in plain_feeds(options.feeds)]
        runs = [time_reader(urls, Path(directory) / f"{workers}.sqlite", workers) for workers in WORKERS]
        runs.append(time_poller(urls, servers.database_url))
    return report(runs)


def plain_feeds(count: int) -> list[int]:
    """One good feed of each host, so that nobody's politeness counts."""
    good = {"etag", "last_modified", "no_validators"}
    return [feed for feed in range(0, count * 3 * FEEDS_PER_HOST, FEEDS_PER_HOST) if behaviour_of(feed) in good][:count]


def time_reader(urls: Sequence[str], path: Path, workers: int) -> Run:
    with make_reader(str(path)) as reader:
        for url in urls:
            reader.add_feed(url)
        seconds, cpu = timed(lambda: reader.update_feeds(workers=workers))
        return Run(f"reader, {workers} threads", reader.get_entry_counts().total or 0, seconds, cpu)


def time_poller(urls: Sequence[str], database_url: str) -> Run:
    database, view = Database(database_url, pool_size=10), View(database_url)
    migrate.upgrade(database)
    view.add_feeds(list(urls))
    left = "SELECT count(*) FROM feeds WHERE last_polled_at IS NULL"

    async def poll() -> None:
        async with OutgoingClient(LOOPBACK) as client, FeedReader() as reader:
            poller = asyncio.create_task(Poller(Surroundings(database, client, reader)).run())
            while await asyncio.to_thread(view.count, left):
                await asyncio.sleep(0.05)
            poller.cancel()
            await asyncio.gather(poller, return_exceptions=True)

    seconds, cpu = timed(lambda: asyncio.run(poll()))
    database.close()
    return Run("our poller", view.count("SELECT count(*) FROM articles"), seconds, cpu)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds, those of children that have ended among them."""
    cpu, started = cpu_seconds(), time.perf_counter()
    work()
    return time.perf_counter() - started, cpu_seconds() - cpu


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def report(runs: Sequence[Run]) -> int:
    *readers, ours = runs
    best = max(readers, key=lambda run: run.pace)
    ratio = best.pace / ours.pace
    is_kept = ratio <= FLOOR_RATIO and ours.entries >= best.entries
    table = Table("who", "entries", "seconds", "entries/s", "CPU seconds", title=describe_machine())
    for run in runs:
        table.add_row(run.name, str(run.entries), f"{run.seconds:.1f}", f"{run.pace:.0f}", f"{run.cpu_seconds:.1f}")
    console.print(table)
    console.print(
        f"time for an entry beside reader: {ratio:.2f} (at most {FLOOR_RATIO:.2f})", style="" if is_kept else "red"
    )
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
