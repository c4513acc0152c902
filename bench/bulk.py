"""`python -m bench.bulk`: streams of lines into ingest alone, plain and packed; their pace, and whether memory grows.

No workers run, so the pace is that of the door and the database. Fails where the service takes more memory at the end
of a stream than in its first tenth, or an article is missing.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import zstandard
from rich.console import Console
from rich.table import Table

from bench.machine import describe_machine
from bench.texts import articles
from wirewatch import migrate
from wirewatch.db import Database
from wirewatch.stack.datadir import usable_ports
from wirewatch.stack.processes import answers
from wirewatch.stack.servers import embedded_servers

KEY = "a key for this measure alone, and long enough"
LINES_A_CHUNK = 100
MOST_GROWTH_BYTES = 32 * 1024 * 1024
NO_BACKLOG = 10_000_000
READY_SECONDS = 60.0
ANSWER_SECONDS = 600.0

console = Console(width=120)


@dataclass
class Service:
    """Ingest as a process, and what it was seen to take."""

    port: int
    process: psutil.Process

    @property
    def resident_bytes(self) -> int:
        return int(self.process.memory_info().rss)


@dataclass(frozen=True, slots=True)
class Run:
    encoding: str
    lines: int
    seconds: float
    early_bytes: int
    late_bytes: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-bulk-") as directory,
        embedded_servers(Path(directory), lambda _: None, durable=True) as servers,
    ):
        database = Database(servers.database_url)
        migrate.upgrade(database)
        database.close()
        with ingest(servers.database_url) as service:
            runs = [send(service, encoding, options.lines) for encoding in ("identity", "gzip", "zstd")]
        with psycopg.connect(servers.database_url) as connection:
            row = connection.execute("SELECT count(*) FROM articles").fetchone()
            stored = int(row[0]) if row else 0
    return report(runs, stored)


@contextmanager
def ingest(database_url: str) -> Iterator[Service]:
    (port,) = usable_ports(0)
    environment = {
        **os.environ,
        "WIREWATCH_DATABASE_URL": database_url,
        "WIREWATCH_BOOTSTRAP_KEY": KEY,
        "WIREWATCH_BACKLOG_MARK": str(NO_BACKLOG),
        "WIREWATCH_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "uvicorn", "ingest.app:create_app", "--factory", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning"], env=environment)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            if time.monotonic() > deadline:
                raise SystemExit("ingest does not get ready")
            time.sleep(0.2)
        yield Service(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(30)


def send(service: Service, encoding: str, lines: int) -> Run:
    """One request with all lines; its answer has one of each."""
    seen: list[int] = []
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
    if encoding != "identity":
        headers["Content-Encoding"] = encoding

    def watched() -> Iterator[bytes]:
        for chunk in chunks_of(encoding, lines):
            seen.append(service.resident_bytes)
            yield chunk

    started = time.perf_counter()
    connection.request("POST", "/v1/articles", body=pack(encoding, watched()), headers=headers, encode_chunked=True)
    response = connection.getresponse()
    answers_bytes = response.read()
    seconds = time.perf_counter() - started
    if response.status != 200 or answers_bytes.count(b'"accepted"') != lines:
        raise SystemExit(f"{encoding}: {response.status} {answers_bytes[:300]!r}")
    console.log(f"{encoding}: {lines} lines in {seconds:.0f} s")
    return Run(encoding, lines, seconds, max(seen[: len(seen) // 10 + 1]), max(seen[-len(seen) // 10 :]))


def chunks_of(encoding: str, lines: int) -> Iterator[bytes]:
    chunk: list[str] = []
    for number, article in enumerate(articles(lines, seed=7)):
        chunk.append(json.dumps({**article, "external_id": f"{encoding}-{number}"}))
        if len(chunk) == LINES_A_CHUNK:
            yield "\n".join(chunk).encode() + b"\n"
            chunk = []
    yield "\n".join(chunk).encode()


def pack(encoding: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if encoding == "identity":
        yield from filter(None, chunks)
        return
    packer = zlib.compressobj(6, zlib.DEFLATED, 31) if encoding == "gzip" else zstandard.ZstdCompressor().compressobj()
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def report(runs: list[Run], stored: int) -> int:
    table = Table("body", "lines", "seconds", "lines/s", "MiB early", "MiB late", title=describe_machine())
    for run in runs:
        megabytes = (f"{size / 2**20:.0f}" for size in (run.early_bytes, run.late_bytes))
        table.add_row(run.encoding, str(run.lines), f"{run.seconds:.1f}", f"{run.lines / run.seconds:.0f}", *megabytes)
    console.print(table)
    wanted = sum(run.lines for run in runs)
    grew = [run.encoding for run in runs if run.late_bytes - run.early_bytes > MOST_GROWTH_BYTES]
    console.print(f"{stored} of {wanted} articles stored" + (f"; memory grew: {', '.join(grew)}" if grew else ""))
    return 0 if stored == wanted and not grew else 1


if __name__ == "__main__":
    sys.exit(main())
