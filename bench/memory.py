"""`python -m bench.memory`: what the largest articles cost a worker in memory and time, on the whole local stack."""

import os
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.__main__ import wait_until_drained
from bench.chaos.ledger_view import LedgerView
from bench.machine import describe_machine
from bench.texts import articles
from wirewatch.client import Client
from wirewatch.settings import Settings
from wirewatch.stack.local import LocalStack, local_stack

TEXT_BYTES = 5_000_000
LARGE_ARTICLES = 2
SMALL_ARTICLES = 20
MOST_MEGABYTES, MOST_SECONDS = 900, 60
WORKER = b"worker.app"

console = Console()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="wirewatch-memory-") as directory:
        settings = Settings(data_dir=Path(directory), api_port=0, ingest_port=0, seed=False, worker_concurrency=1)
        with local_stack(settings, console.log) as stack:
            figures = stack.supervisor.run(lambda: measure(stack))
    table = Table(title=f"Largest articles, one worker process: {describe_machine()}")
    for column in ("measure", "figure", "at most"):
        table.add_column(column)
    for name, figure, most in figures:
        table.add_row(name, f"{figure:.0f}", "" if most is None else f"{most}")
    console.print(table)
    return 1 if any(most is not None and figure > most for _, figure, most in figures) else 0


def measure(stack: LocalStack) -> list[tuple[str, float, float | None]]:
    """-> (measure, figure, the most that it may be)."""
    ledger = LedgerView(stack.database_url)
    with Client(stack.api_url, stack.ingest_url, stack.key) as client:
        client.post_articles(list(articles(4, seed=3)))
        wait_until_drained(ledger)
        figures: list[tuple[str, float, float | None]] = [("MB at first", worker_megabytes("VmRSS"), None)]
        for number in range(LARGE_ARTICLES):
            started = time.perf_counter()
            client.post_articles([{"external_id": f"large-{number}", "text": large_text(number)}])
            wait_until_drained(ledger)
            figures.append((f"seconds for large article {number + 1}", time.perf_counter() - started, MOST_SECONDS))
        client.post_articles(list(articles(SMALL_ARTICLES, seed=4)))
        wait_until_drained(ledger)
        figures.append(("MB afterwards", worker_megabytes("VmRSS"), MOST_MEGABYTES))
        figures.append(("MB at most", worker_megabytes("VmHWM"), MOST_MEGABYTES))
    return figures


def large_text(number: int) -> str:
    """Articles of ours, one after the other and over again, in paragraphs."""
    texts = [body["text"] for body in articles(2_000, seed=10 + number)]
    size = sum(map(len, texts)) // len(texts)
    return "\n\n".join(islice(cycle(texts), TEXT_BYTES // size))[:TEXT_BYTES]


def worker_megabytes(field: str) -> float:
    """The largest figure of any worker process below this one in /proc/PID/status."""
    return max(_read_status(path, field) for path in worker_folders()) / 1024


def worker_folders() -> Iterator[Path]:
    below = {os.getpid()}
    for pid in sorted(int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()):
        path = Path("/proc", str(pid))
        try:
            if _read_status(path, "PPid") in below:
                below.add(pid)
                if WORKER in (path / "cmdline").read_bytes():
                    yield path
        except OSError:
            continue  # it has ended, or is another's


def _read_status(path: Path, field: str) -> int:
    lines = (path / "status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)


if __name__ == "__main__":
    raise SystemExit(main())
