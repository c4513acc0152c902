"""`make farm`: one poller on one core against thousands of good and bad feeds, and through kills; nothing may be lost.

Fails where the feeds are not covered in time, memory or politeness is not kept, an unchanged feed costs the reading of
it, or an entry is missing or there twice.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.feeds.content import READABLE, behaviour_of, entry_count, host_of, url_of
from bench.feeds.guest import Use, View, running, wait_until
from bench.machine import describe_machine
from wirewatch import migrate
from wirewatch.db import Database
from wirewatch.stack.servers import embedded_servers

FLOOR_SECONDS = 600.0  # for 10,000 feeds
FLOOR_BYTES = 500 * 1024 * 1024
# Of what the children use to read all feeds, this share at most when hardly one has changed.
FLOOR_READING_SHARE = 0.25
KILL_AFTER_SECONDS = 4.0

console = Console()


@dataclass(frozen=True, slots=True)
class Pass:
    """All feeds polled once more."""

    name: str
    seconds: float
    use: Use
    articles: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--short", action="store_true", help="600 feeds and 4 kills")
    options = parser.parse_args()
    feeds, kills = (600, 4) if options.short else (options.feeds, options.kills)
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-farm-") as directory,
        embedded_servers(Path(directory), lambda _: None, durable=True) as servers,
        farm() as port,
    ):
        database = Database(servers.database_url)
        migrate.upgrade(database)
        database.close()
        view = View(servers.database_url)
        view.add_feeds([url_of(feed, port) for feed in range(feeds)])
        passes = poll_twice(servers.database_url, view, feeds)
        seen = ask_farm(port)["seen"]
        lost = kill_often(servers.database_url, view, port, kills)
    return report(feeds, kills, passes, seen, lost)


@contextmanager
def farm() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "bench.feeds.farm", str(port)])
    try:
        wait_until(lambda: is_listening(port), 60, "the farm opens")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask_farm(port: int, path: str = "stats") -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=60) as answer:
        return json.load(answer)


def poll_twice(database_url: str, view: View, feeds: int) -> list[Pass]:
    passes = []
    core = max(os.sched_getaffinity(0))
    for name in ("new", "again"):
        view.make_due()
        with running(database_url, core) as guest:
            seconds = wait_until_polled(view)
        articles = view.count("SELECT count(*) FROM articles")
        passes.append(Pass(name, seconds, guest.use, articles))
        console.log(f"{name}: {feeds} feeds in {seconds:.0f} s, {articles} articles, {guest.use}")
        for error, count in unexpected_errors(view):
            console.log(f"  {count} good feeds: {error}")
    return passes


def wait_until_polled(view: View) -> float:
    """Seconds until every feed has been polled once more from now on."""
    at = view.ask("SELECT clock_timestamp()")[0][0]
    left = "SELECT count(*) FROM feeds WHERE last_polled_at IS NULL OR last_polled_at < %s"
    return wait_until(lambda: view.count(left, at) == 0, FLOOR_SECONDS * 3, "all polled")


def wait_until_read(view: View) -> None:
    """Until every good feed has been read once more from now on, those tried again that a busy machine timed out."""
    at = view.ask("SELECT clock_timestamp()")[0][0]
    view.make_due()

    def is_read() -> bool:
        left = view.ask("SELECT id, url, failures FROM feeds WHERE last_success_at IS NULL OR last_success_at < %s", at)
        good = [(number, failures) for number, url, failures in left if is_good(url)]
        again = [number for number, failures in good if failures]
        view.ask("UPDATE feeds SET next_poll_at = now() WHERE id = ANY(%s)", again)
        return not good

    wait_until(is_read, FLOOR_SECONDS * 3, "all read")


def is_good(url: object) -> bool:
    return behaviour_of(int(str(url).split("/")[4])) in READABLE


def unexpected_errors(view: View) -> list[tuple[str, int]]:
    errors = view.ask("SELECT url, last_error FROM feeds WHERE last_error IS NOT NULL")
    return Counter(str(error) for url, error in errors if is_good(url)).most_common(5)


def kill_often(database_url: str, view: View, port: int, kills: int) -> list[str]:
    """Kills the poller while polls are under way and feeds publish. -> what is missing, or there twice."""
    ask_farm(port, "publish")
    for number in range(kills):
        view.make_due()
        with running(database_url, None) as guest:
            wait_for_some(view)
            under_way = view.count("SELECT count(*) FROM feeds WHERE leased_until > clock_timestamp()")
            guest.kill()
        console.log(f"kill {number + 1} with {under_way} polls under way, or given up by kills before")
        lost = judge(view, None)
        if lost:
            return lost
    ask_farm(port, "rest")
    with running(database_url, None):
        wait_until_read(view)
    return judge(view, {int(feed): version for feed, version in ask_farm(port)["versions"].items()})


def wait_for_some(view: View) -> None:
    """Until the poller has stored some entries: it is in the middle of more."""
    count = "SELECT count(*) FROM articles"
    before = view.count(count)
    wait_until(lambda: view.count(count) > before + 10, 300, "the poller stores entries")


def judge(view: View, versions: dict[int, int] | None) -> list[str]:
    """Entries that are missing, or there twice, or have no work in the ledger.

    `versions` of the feeds that all have been read in; None: those that the poller says it has, by their ETags.
    """
    stored = {str(url) for (url,) in view.ask("SELECT url FROM articles WHERE url IS NOT NULL")}
    known = [
        (int(str(feed)), etag)
        for feed, etag in view.ask("SELECT substring(url from '/feed/([0-9]+)'), etag FROM feeds")
    ]
    if versions is None:
        wanted = {feed: int(str(etag)[2:-1]) for feed, etag in known if etag}
    else:
        wanted = {feed: versions.get(feed, 0) for feed, _ in known}
    lost = [
        f"entry {entry} of feed {feed}"
        for feed, version in wanted.items()
        if behaviour_of(feed) in READABLE
        for entry in range(entry_count(feed, version))
        if f"http://{host_of(feed)}/{feed}/{entry}" not in stored
    ]
    twice = view.count("SELECT count(*) - count(DISTINCT url) FROM articles WHERE url IS NOT NULL")
    idle = view.count("SELECT count(*) FROM articles WHERE id::text NOT IN (SELECT subject_id::text FROM messages)")
    return [
        *lost,
        *([f"{twice} articles are there twice"] if twice else []),
        *([f"{idle} without work"] if idle else []),
    ]


def report(feeds: int, kills: int, passes: Sequence[Pass], seen: dict[str, int], lost: list[str]) -> int:
    table = Table("measure", "value", "floor", title=f"{feeds} feeds, one poller on one core; {describe_machine()}")
    new, again = passes
    limit = FLOOR_SECONDS * feeds / 10_000 + 60  # a time-out takes half a minute, however few feeds there are
    reading = again.use.children_cpu_seconds / max(new.use.children_cpu_seconds, 0.01)
    peak = max(one.use.peak_bytes for one in passes)
    impolite = seen.get("overlaps", 0) + seen.get("too soon", 0)
    rows = [
        ("all feeds, new", f"{new.seconds:.0f} s, {new.articles} articles", f"{limit:.0f} s", new.seconds <= limit),
        ("all feeds, again", f"{again.seconds:.0f} s, {seen.get('304', 0)} unchanged", "", True),
        ("CPU of the poller and its readers, new", cpu(new.use), "", True),
        (
            "CPU of the poller and its readers, again",
            cpu(again.use),
            f"{FLOOR_READING_SHARE:.0%}",
            reading <= FLOOR_READING_SHARE,
        ),
        ("peak memory", f"{peak / 2**20:.0f} MiB", f"{FLOOR_BYTES / 2**20:.0f} MiB", peak <= FLOOR_BYTES),
        ("impolite requests", f"{impolite} of {seen['requests']}", "0", impolite == 0),
        (f"lost or doubled in {kills} kills", str(len(lost)), "0", not lost),
    ]
    for name, value, floor, is_kept in rows:
        table.add_row(name, value, floor, style="" if is_kept else "red")
    console.print(table)
    for one in lost[:10]:
        console.print(one)
    return 0 if all(is_kept for *_, is_kept in rows) else 1


def cpu(use: Use) -> str:
    return f"{use.own_cpu_seconds:.1f} s + {use.children_cpu_seconds:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
