"""`make farm`: one poller on one core against thousands of good and bad feeds, and through kills; nothing may be lost.

Fails where the feeds are not covered in time, a good one cannot be read, memory or politeness is not kept, an answer
304 costs reading anything, or an entry is missing or there twice.
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

from rich.table import Table

from bench.feeds.content import READABLE, behaviour_of, entry_count, host_of, url_of
from bench.feeds.guest import Use, View, console, running, wait_until_none
from bench.machine import describe_machine
from wirewatch import migrate
from wirewatch.db import Database
from wirewatch.stack.servers import embedded_servers

FLOOR_SECONDS = 600.0  # for 10,000 feeds
FLOOR_BYTES = 500 * 1024 * 1024
# Of what the children use to read all feeds, this share at most when hardly one has changed.
FLOOR_SHARE = 0.25

IDLE = """
    SELECT count(*) FROM articles
    WHERE NOT EXISTS (SELECT FROM messages WHERE messages.subject_id::text = articles.id::text)
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """Some or all feeds polled once more; `failed` are those that should have been read."""

    name: str
    feeds: int
    seconds: float
    use: Use
    failed: int


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
        passes = poll_all_twice(servers.database_url, view)
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
        wait_until_none(lambda: not is_listening(port), 60, "the farm opens")
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


def poll_all_twice(database_url: str, view: View) -> list[Pass]:
    """All feeds when they are new; then those again that have a validator to send, and last the others."""
    validated = "etag IS NOT NULL OR last_modified IS NOT NULL"
    return [
        poll_once_more(database_url, view, "new", view.find_feeds("true")),
        poll_once_more(database_url, view, "unchanged", view.find_feeds(validated)),
        poll_once_more(database_url, view, "others again", view.find_feeds(f"NOT ({validated})")),
    ]


def poll_once_more(database_url: str, view: View, name: str, feeds: list[int]) -> Pass:
    view.make_due(feeds)
    with running(database_url, max(os.sched_getaffinity(0))) as guest:
        seconds = wait_until_polled(view, feeds)
    errors = view.ask("SELECT url, last_error FROM feeds WHERE last_error IS NOT NULL")
    unexpected = Counter(str(error) for url, error in errors if is_good(url))
    console.log(f"{name}: {len(feeds)} feeds in {seconds:.0f} s, {guest.use}")
    for error, count in unexpected.most_common(5):
        console.log(f"  {count} good feeds: {error}")
    return Pass(name, len(feeds), seconds, guest.use, unexpected.total())


def wait_until_polled(view: View, feeds: list[int]) -> float:
    """Seconds until each of these has been polled once more from now on."""
    at = view.ask("SELECT clock_timestamp()")[0][0]
    left = "SELECT count(*) FROM feeds WHERE id = ANY(%s) AND (last_polled_at IS NULL OR last_polled_at < %s)"
    return wait_until_none(lambda: view.count(left, feeds, at), FLOOR_SECONDS * 3, "feeds to be polled")


def kill_often(database_url: str, view: View, port: int, kills: int) -> list[str]:
    """Kills the poller while polls are under way and feeds publish. -> what is missing, or there twice."""
    ask_farm(port, "publish")
    feeds = view.find_feeds("true")
    for number in range(kills):
        view.make_due(feeds)
        with running(database_url, None) as guest:
            wait_for_some(view)
            under_way = view.count("SELECT count(*) FROM feeds WHERE leased_until > clock_timestamp()")
            guest.kill()
        console.log(f"kill {number + 1} of {kills} with {under_way} polls under way, or given up by kills before")
        lost = judge(view, None)
        if lost:
            return lost
    ask_farm(port, "rest")
    versions = {int(feed): version for feed, version in ask_farm(port)["versions"].items()}
    view.make_due([])
    with running(database_url, None):
        # The polls that were killed are not done again before their leases have run out.
        seconds = wait_until_none(lambda: hurry(view, versions), FLOOR_SECONDS, "feeds of which not all is read")
    console.log(f"all that was published is read, {seconds:.0f} s after the last kill")
    return judge(view, versions)


def wait_for_some(view: View) -> None:
    """Until the poller has stored some entries: it is in the middle of more."""
    count = "SELECT count(*) FROM articles"
    before = view.count(count)
    wait_until_none(lambda: view.count(count) <= before + 10, 300, "poller that stores entries")


def hurry(view: View, versions: dict[int, int]) -> int:
    """Makes those good feeds due of which not all is known that they have published. -> how many there are."""
    known = view.ask("SELECT id, url, etag, last_success_at FROM feeds")
    behind = [
        number
        for number, url, etag, success_at in known
        if is_good(url) and (success_at is None or (etag and version_of(etag) != versions.get(feed_of(url), 0)))
    ]
    view.ask("UPDATE feeds SET next_poll_at = now() WHERE id = ANY(%s)", behind)
    return len(behind)


def judge(view: View, versions: dict[int, int] | None) -> list[str]:
    """Entries that are missing, or there twice, or have no work in the ledger.

    `versions` of the feeds that all have been read in; None: those that the poller says it has, by their ETags.
    """
    # At one moment: what a killed poller sent last, the database may be storing still.
    with view.at_one_moment():
        stored = {str(url) for (url,) in view.ask("SELECT url FROM articles WHERE url IS NOT NULL")}
        known = [(feed_of(url), etag) for url, etag in view.ask("SELECT url, etag FROM feeds")]
        twice = view.count("SELECT count(*) - count(DISTINCT url) FROM articles WHERE url IS NOT NULL")
        idle = view.count(IDLE)
    if versions is None:
        wanted = {feed: version_of(etag) for feed, etag in known if etag}
    else:
        wanted = {feed: versions.get(feed, 0) for feed, _ in known}
    lost = [
        f"entry {entry} of feed {feed}"
        for feed, version in wanted.items()
        if behaviour_of(feed) in READABLE
        for entry in range(entry_count(feed, version))
        if f"http://{host_of(feed)}/{feed}/{entry}" not in stored
    ]
    return [
        *lost,
        *([f"{twice} articles are there twice"] if twice else []),
        *([f"{idle} without work"] if idle else []),
    ]


def is_good(url: object) -> bool:
    return behaviour_of(feed_of(url)) in READABLE


def feed_of(url: object) -> int:
    return int(str(url).split("/")[4])


def version_of(etag: object) -> int:
    return int(str(etag)[2:-1])


def report(feeds: int, kills: int, passes: Sequence[Pass], seen: dict[str, int], lost: list[str]) -> int:
    table = Table("measure", "value", "floor", title=f"{feeds} feeds, one poller on one core; {describe_machine()}")
    new, unchanged, others = passes
    # A time-out takes half a minute, however few feeds there are.
    limit = min(FLOOR_SECONDS, FLOOR_SECONDS * feeds / 10_000 + 60)
    again_cpu = unchanged.use.children_cpu_seconds + others.use.children_cpu_seconds
    share = again_cpu / max(new.use.children_cpu_seconds, 0.01)
    peak = max(one.use.peak_bytes for one in passes)
    impolite = seen.get("overlaps", 0) + seen.get("too soon", 0)
    failed = sum(one.failed for one in passes)
    rows = [
        ("all feeds, new", f"{new.seconds:.0f} s", f"{limit:.0f} s", new.seconds <= limit),
        ("CPU of the poller and its readers", cpu(new.use), "", True),
        ("good feeds that failed", str(failed), "0", failed == 0),
        ("feeds with validators, again", f"{unchanged.seconds:.0f} s, {seen.get('304', 0)} answers 304", "", True),
        (
            "CPU of the poller and its readers",
            cpu(unchanged.use),
            "readers: none",
            unchanged.use.children_cpu_seconds == 0 and seen.get("304", 0) >= unchanged.feeds,
        ),
        ("all other feeds, again", f"{others.seconds:.0f} s", "", True),
        ("CPU of readers, all feeds again beside new", f"{share:.0%}", f"{FLOOR_SHARE:.0%}", share <= FLOOR_SHARE),
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
