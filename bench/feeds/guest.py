"""The poller under watch: as a process on one core, with what it uses, and the database it works for."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil
import psycopg
from rich.console import Console

from wirewatch.secretbox import new_key

SAMPLE_SECONDS = 0.5
SAY_SECONDS = 30.0

console = Console(width=120)


@dataclass
class Use:
    """Of a poller and its children: CPU seconds (its own, theirs), and the most memory at a time, in bytes."""

    own_cpu_seconds: float = 0.0
    children_cpu_seconds: float = 0.0
    peak_bytes: int = 0

    def __str__(self) -> str:
        return (
            f"{self.own_cpu_seconds:.1f} s + {self.children_cpu_seconds:.1f} s CPU, {self.peak_bytes / 2**20:.0f} MiB"
        )


@dataclass
class Guest:
    """A running poller."""

    process: subprocess.Popen[bytes]
    use: Use = field(default_factory=Use)
    _children: dict[int, float] = field(default_factory=dict)

    def sample(self) -> None:
        with suppress(psutil.Error):
            poller = psutil.Process(self.process.pid)
            family = [poller, *poller.children(recursive=True)]
            self.use.peak_bytes = max(self.use.peak_bytes, sum(one.memory_info().rss for one in family))
            own, *others = [(one.pid, sum(one.cpu_times()[:2])) for one in family]
            self.use.own_cpu_seconds = own[1]
            self._children.update(others)
            self.use.children_cpu_seconds = sum(self._children.values())

    def kill(self) -> None:
        """kill -9; its children must end by themselves."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        _, left = psutil.wait_procs(family, timeout=20)
        if left:
            raise SystemExit(f"children outlive their killed poller: {left}")


@contextmanager
def running(database_url: str, core: int | None) -> Iterator[Guest]:
    """A poller on one core (None: on all) for as long as the block runs, watched by a thread."""
    environment = {
        **os.environ,
        "WIREWATCH_DATABASE_URL": database_url,
        "WIREWATCH_EGRESS_ALLOW": "127.0.0.0/8",
        "WIREWATCH_SECRET_KEY": new_key(),
        "WIREWATCH_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen([sys.executable, "-m", "ingest.poll"], env=environment)
    if core is not None:
        os.sched_setaffinity(process.pid, {core})  # before it has children, which inherit it
    guest, stop = Guest(process), threading.Event()

    def watch() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            guest.sample()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield guest
    finally:
        stop.set()
        thread.join()
        if process.poll() is None:
            guest.sample()
            process.terminate()
            process.wait(60)


class View:
    """The database, seen from outside."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def ask(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        cursor = self._connection.execute(query.encode(), parameters)
        return cursor.fetchall() if cursor.description else []

    def count(self, query: str, *parameters: object) -> int:
        return int(str(self.ask(query, *parameters)[0][0]))

    def add_feeds(self, urls: list[str]) -> None:
        with self._connection.cursor() as cursor, cursor.copy("COPY feeds (url) FROM STDIN") as copy:
            for url in urls:
                copy.write_row((url,))

    def find_feeds(self, condition: str) -> list[int]:
        """The ids of feeds."""
        return [int(str(number)) for (number,) in self.ask(f"SELECT id FROM feeds WHERE {condition}")]

    def make_due(self, feeds: list[int]) -> None:
        """These feeds and no others; their hosts may be asked after a second."""
        self.ask("UPDATE feeds SET next_poll_at = 'infinity' WHERE id <> ALL(%s)", feeds)
        self.ask("UPDATE feeds SET next_poll_at = now(), enabled = true, failures = 0 WHERE id = ANY(%s)", feeds)
        self.ask("UPDATE feed_hosts SET free_at = least(free_at, now() + interval '1 s')")

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """All that is asked in the block is answered as of its first question."""
        with self._connection.transaction():
            self.ask("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def wait_until_none(left: Callable[[], int], limit_seconds: float, what: str) -> float:
    """Seconds until nothing is left of it, with a line now and then; ends the measurement where that takes too long."""
    started = said_at = time.monotonic()
    while count := left():
        now = time.monotonic()
        if now - started > limit_seconds:
            raise SystemExit(f"{what}: {count} left after {limit_seconds:.0f} s")
        if now - said_at > SAY_SECONDS:
            said_at = now
            console.log(f"{what}: {count} left after {now - started:.0f} s")
        time.sleep(0.5)
    return time.monotonic() - started
