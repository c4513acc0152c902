"""Polling real servers on loopback into a real database."""

import asyncio
import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import text

from ingest import fetch, parts
from ingest.confine import FeedReader
from ingest.entries import ParsedFeed
from ingest.poll import TICK_SECONDS, Pace, Poller, Surroundings
from wirewatch.db import Database
from wirewatch.http import OutgoingClient
from wirewatch.secretbox import SecretBox, new_key
from wirewatch.store import feeds, polls
from wirewatch.store.polls import DueFeed, PollRecord

LOOPBACK = (ip_network("127.0.0.0/8"),)
BOX = SecretBox.from_keys(new_key())
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def rss(*numbers: int) -> bytes:
    items = "".join(
        f"<item><guid>item-{n}</guid><link>https://news.example/{n}</link><title>Ferry timetable change {n}</title>"
        f"<description>The night ferry will sail {n} minutes later from Monday.</description>"
        "<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>Harbour News</title>{items}</channel></rss>".encode()


@dataclass
class FeedServer:
    """Answers every request with what it is set to, and remembers what it was asked."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)  # path -> what is there in place of `body`
    asked: list[str] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    release: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.release.set()

    @contextmanager
    def running(self, host: str = "127.0.0.1") -> Iterator["FeedServer"]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.requests.append({name.lower(): value for name, value in self.headers.items()})
                owner.asked.append(self.path)
                body = owner.bodies.get(self.path, owner.body)
                owner.release.wait(30)
                self.send_response(owner.status)
                for name, value in owner.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer((host, 0), Handler)
        self.url = f"http://{host}:{server.server_address[1]}/feed.xml"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer(body=rss(1, 2)).running() as running:
        yield running


def add_feed(database: Database, url: str) -> str:
    with database.transaction() as tx:
        row = tx.execute(
            text("INSERT INTO feeds (url, next_poll_at) VALUES (:url, :due) RETURNING id"), {"url": url, "due": NOW}
        )
        return str(row.scalar_one())


def poll_due(database: Database, at: datetime = NOW) -> int:
    async def run() -> int:
        async with OutgoingClient(LOOPBACK) as client, FeedReader(children=1) as reader:
            around = Surroundings(database, client, reader, BOX, lambda: at)
            return await Poller(around, Pace(host_gap_seconds=0.0)).poll_due()

    return asyncio.run(run())


def a_record(feed: DueFeed, **changes: Any) -> PollRecord:
    known = {name: getattr(feed, name, None) for name in PollRecord.__dataclass_fields__}
    given = {"next_poll_at": NOW + timedelta(hours=1), "last_status": 200, "host_pause_seconds": 0.0, "events": ()}
    return PollRecord(**{**known, **given, **changes})


def read(database: Database, query: str) -> list[Any]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


def test_entries_become_articles_with_work_in_the_ledger(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)

    assert poll_due(database) == 1

    titles = read(database, "SELECT title FROM articles ORDER BY id")
    assert titles == [("Ferry timetable change 1",), ("Ferry timetable change 2",)]
    assert read(database, "SELECT count(*) FROM messages WHERE type = 'ArticleReceived'") == [(2,)]
    assert read(database, "SELECT name, failures, last_error FROM feeds") == [("Harbour News", 0, None)]
    assert poll_due(database) == 0, "not due again yet"


def test_an_entry_is_stored_once_however_often_it_is_read(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    poll_due(database)
    server.body = rss(1, 2, 3)

    assert poll_due(database, NOW + timedelta(days=2)) == 1

    assert read(database, "SELECT count(*), max(version) FROM articles") == [(3, 1)]


def test_an_edited_entry_is_a_new_version(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    poll_due(database)
    server.body = rss(1).replace(b"1 minutes later", b"one hour later")

    poll_due(database, NOW + timedelta(days=2))

    assert read(database, "SELECT version FROM articles ORDER BY id") == [(2,), (1,)]


def test_an_entry_with_an_absurd_date_is_kept_without_it(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    server.body = rss(1).replace(b"02 Mar 2026", b"02 Mar 2099")

    poll_due(database)

    assert read(database, "SELECT published_at FROM articles") == [(None,)]


def test_validators_are_sent_back_and_304_costs_no_parsing(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    server.headers = {"etag": '"v1"', "last-modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
    poll_due(database)
    server.status, server.body = 304, b""

    poll_due(database, NOW + timedelta(days=2))

    assert server.requests[1]["if-none-match"] == '"v1"'
    assert server.requests[1]["if-modified-since"] == "Mon, 02 Mar 2026 10:00:00 GMT"
    assert read(database, "SELECT etag, failures, last_error FROM feeds") == [('"v1"', 0, None)]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"", "the server answered 500"),
        (404, b"", "the server answered 404"),
        (200, b"<html><body>Please log in</body></html>", "web page"),
        (200, b"\x00\x01\x02", "no feed"),
    ],
)
def test_what_is_no_feed_is_an_error_in_words_and_is_tried_less_often(
    database: Database, server: FeedServer, status: int, body: bytes, error: str
) -> None:
    add_feed(database, server.url)
    server.status, server.body = status, body

    poll_due(database)
    ((failures, last_error, first_wait),) = read(database, "SELECT failures, last_error, next_poll_at FROM feeds")
    poll_due(database, NOW + timedelta(days=2))
    ((_, _, second),) = read(database, "SELECT failures, last_error, next_poll_at FROM feeds")

    assert failures == 1
    assert error in last_error
    assert second - (NOW + timedelta(days=2)) > first_wait - NOW


def test_a_feed_that_is_gone_is_paused(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    server.status = 410

    poll_due(database)

    ((enabled, reason),) = read(database, "SELECT enabled, disabled_reason FROM feeds")
    assert not enabled
    assert "410" in reason


def test_a_private_address_is_refused_and_other_feeds_go_on(database: Database, server: FeedServer) -> None:
    add_feed(database, "http://10.0.0.1/feed.xml")
    add_feed(database, server.url)

    assert poll_due(database) == 2

    errors = read(database, "SELECT last_error IS NOT NULL FROM feeds ORDER BY id")
    assert errors == [(True,), (False,)]
    assert read(database, "SELECT count(*) FROM articles") == [(2,)]


def test_two_pollers_never_poll_one_feed_at_a_time(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    with database.transaction() as tx:
        first = polls.claim_due(tx, NOW, limit=10, lease_seconds=60)
    with database.transaction() as tx:
        assert polls.claim_due(tx, NOW, limit=10, lease_seconds=60) == []
    assert len(first) == 1


def test_a_poller_that_lost_its_lease_records_nothing(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    with database.transaction() as tx:
        (feed,) = polls.claim_due(tx, NOW, limit=10, lease_seconds=0)
    with database.transaction() as tx:
        assert len(polls.claim_due(tx, NOW, limit=10, lease_seconds=60)) == 1
    with database.transaction() as tx:
        assert not polls.record(tx, feed, a_record(feed), NOW)


def test_an_address_changed_in_mid_poll_stays_changed(database: Database, server: FeedServer) -> None:
    add_feed(database, "http://127.0.0.1:1/old.xml")
    with database.transaction() as tx:
        (feed,) = polls.claim_due(tx, NOW, limit=10, lease_seconds=60)
    with database.transaction() as tx:
        feeds.update(tx, BOX, feed.id, url=server.url)
    with database.transaction() as tx:
        assert not polls.record(tx, feed, a_record(feed), NOW)
    assert read(database, "SELECT url, failures FROM feeds") == [(server.url, 0)]


def test_guids_made_anew_bring_no_article_twice_and_edits_go_to_the_first(
    database: Database, server: FeedServer
) -> None:
    add_feed(database, server.url)
    poll_due(database)
    for time in range(2):
        server.body = rss(1, 2).replace(b"<guid>", b"<guid>%d-" % time).replace(b"will sail 2", b"will sail %d" % time)
        poll_due(database, NOW + timedelta(days=2 + time))
    assert read(database, "SELECT external_id, version FROM articles ORDER BY id") == [("item-1", 1), ("item-2", 3)]


def test_the_same_bytes_are_not_read_again(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    poll_due(database)
    with database.transaction() as tx:
        tx.execute(text("DELETE FROM seen_entries"))  # reading would remember anew
    poll_due(database, NOW + timedelta(days=2))
    assert read(database, "SELECT failures, last_status FROM feeds") == [(0, 200)]
    assert read(database, "SELECT count(*) FROM seen_entries") == [(0,)]


def test_nothing_of_a_poll_is_kept_when_its_end_is_lost(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    server.headers = {"etag": '"v1"'}
    with database.transaction() as tx:
        tx.execute(text("ALTER TABLE articles ADD CHECK (title <> 'Ferry timetable change 2') NOT VALID"))
    poll_due(database)
    assert read(database, "SELECT count(*) FROM articles") == [(0,)]
    assert read(database, "SELECT count(*) FROM seen_entries") == [(0,)]
    ((etag, error),) = read(database, "SELECT etag, last_error FROM feeds")
    assert etag is None
    assert "IntegrityError" in error


def add_sitemap(database: Database, url: str) -> None:
    add_feed(database, url)
    with database.transaction() as tx:
        tx.execute(text("UPDATE feeds SET kind = 'sitemap'"))


def sitemap(*pages: str) -> bytes:
    urls = "".join(f"<url><loc>https://news.example/{page}</loc></url>" for page in pages)
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()


def test_an_index_of_sitemaps_brings_the_pages_of_those_it_names(
    database: Database, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "GAP_SECONDS", 0.0)
    add_sitemap(database, server.url)
    names = "".join(f"<sitemap><loc>/{name}.xml</loc></sitemap>" for name in ("a", "b", "missing"))
    server.headers = {"etag": '"v1"'}
    server.body = f"<sitemapindex>{names}</sitemapindex>".encode()
    server.bodies = {"/a.xml": sitemap("1", "2"), "/b.xml": sitemap("2", "3"), "/missing.xml": b"<html>gone</html>"}

    poll_due(database)
    first = read(database, "SELECT url FROM articles ORDER BY url")
    ((warning, error),) = read(database, "SELECT last_warning, last_error FROM feeds")
    poll_due(database, NOW + timedelta(days=2))
    server.bodies["/b.xml"] = sitemap("2", "3", "4")
    poll_due(database, NOW + timedelta(days=4))

    assert first == [(f"https://news.example/{n}",) for n in (1, 2, 3)]
    assert "/missing.xml: this is no sitemap" in warning
    assert error is None
    assert read(database, "SELECT count(*) FROM articles") == [(4,)], "though the index is as it was"
    assert all("if-none-match" not in request for request in server.requests)


def test_an_index_of_indexes_is_an_error_and_not_followed_without_end(
    database: Database, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "GAP_SECONDS", 0.0)
    add_sitemap(database, server.url)
    server.body = b"<sitemapindex><sitemap><loc>/feed.xml</loc></sitemap></sitemapindex>"

    poll_due(database)

    assert "this is an index itself" in read(database, "SELECT last_error FROM feeds")[0][0]
    assert len(server.asked) == 2


@pytest.mark.parametrize("places", [1, 3])
def test_of_large_bodies_so_many_are_held_at_a_time(
    database: Database, places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "LARGE_BODIES", places)
    large = rss(1).replace(b"Monday", b"Monday " * 100_000)
    held = [0, 0]

    class Watched(FeedReader):
        async def read(self, kind: str, body: bytes, content_type: str, url: str) -> ParsedFeed:
            held[0] += 1
            held[1] = max(held)
            try:
                return await super().read(kind, body, content_type, url)
            finally:
                held[0] -= 1

    async def poll() -> None:
        async with OutgoingClient(LOOPBACK) as client, Watched(children=1) as reader:
            around = Surroundings(database, client, reader, clock=lambda: NOW)
            await Poller(around, Pace(host_gap_seconds=0.0)).poll_due()

    with ExitStack() as running:
        for host in range(2, 5):
            add_feed(database, running.enter_context(FeedServer(body=large).running(f"127.0.0.{host}")).url)
        asyncio.run(poll())

    assert read(database, "SELECT count(*) FROM feeds WHERE failures = 0 AND last_status = 200") == [(3,)]
    assert held == [0, 1] if places == 1 else held[1] > 1


def test_secrets_and_headers_are_sent(database: Database, server: FeedServer) -> None:
    given = {"credentials": {"username": "ann", "password": "süß"}, "headers": {"X-Key": "k", "Accept": "text/xml"}}
    with database.transaction() as tx:
        feeds.create(tx, BOX, server.url, **given)
    poll_due(database, datetime.now(UTC) + timedelta(minutes=1))
    (asked,) = server.requests
    assert (asked["x-key"], asked["accept"]) == ("k", "text/xml")
    assert base64.b64decode(asked["authorization"].removeprefix("Basic ")).decode() == "ann:süß"


def test_secrets_of_a_lost_key_are_an_error_in_words(database: Database, server: FeedServer) -> None:
    with database.transaction() as tx:
        feeds.create(tx, SecretBox.from_keys(new_key()), server.url, credentials={"token": "x"})
    poll_due(database, datetime.now(UTC) + timedelta(minutes=1))
    assert "cannot be opened" in read(database, "SELECT last_error FROM feeds")[0][0]
    assert server.requests == []


def test_a_feed_moves_where_it_was_sent_twice_and_tells_of_it(database: Database, server: FeedServer) -> None:
    with FeedServer(status=301, headers={"location": server.url}).running() as old:
        add_feed(database, old.url)
        poll_due(database)
        assert read(database, "SELECT url FROM feeds") == [(old.url,)]
        poll_due(database, NOW + timedelta(days=2))
    assert read(database, "SELECT url, failures FROM feeds") == [(server.url, 0)]
    assert read(database, "SELECT kind FROM feed_events") == [("moved",)]


def test_a_feed_that_moves_to_another_feeds_address_is_paused(database: Database, server: FeedServer) -> None:
    with FeedServer(status=308, headers={"location": server.url}).running() as old:
        add_feed(database, old.url)
        poll_due(database)
        with database.transaction() as tx:
            tx.execute(text("INSERT INTO feeds (url, next_poll_at) VALUES (:url, 'infinity')"), {"url": server.url})
        poll_due(database, NOW + timedelta(days=2))
    assert read(database, "SELECT enabled, url = :old FROM feeds ORDER BY id".replace(":old", f"'{old.url}'"))[0] == (
        False,
        True,
    )
    assert read(database, "SELECT kind FROM feed_events") == [("paused",)]


def test_a_busy_host_is_left_alone_with_all_its_feeds(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    add_feed(database, server.url + "?2")
    server.status, server.headers = 429, {"retry-after": "120"}
    assert [poll_due(database), poll_due(database)] == [1, 0]
    assert read(database, "SELECT free_at > clock_timestamp() + interval '100 s' FROM feed_hosts") == [(True,)]


def test_a_slow_host_holds_up_no_other_and_gets_one_request_at_a_time(database: Database) -> None:
    async def run(slow: FeedServer, quick: FeedServer) -> None:
        async with OutgoingClient(LOOPBACK) as client, FeedReader(children=1) as reader:
            pollers = [Poller(Surroundings(database, client, reader), Pace(host_gap_seconds=0.0)) for _ in range(2)]
            tasks = [asyncio.create_task(poller.run()) for poller in pollers]
            try:
                await until(lambda: len(quick.requests) == 3 and len(slow.requests) == 1)
                await asyncio.sleep(2 * TICK_SECONDS)  # both pollers have had the chance to ask the slow one again
                assert (len(slow.requests), len(quick.requests)) == (1, 3)
                slow.release.set()
                await until(lambda: len(slow.requests) == 3)
            finally:
                slow.release.set()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    with FeedServer(body=rss(1)).running("127.0.0.2") as slow, FeedServer(body=rss(2)).running("127.0.0.3") as quick:
        slow.release.clear()
        for number in range(3):
            add_feed(database, f"{slow.url}?{number}")
            add_feed(database, f"{quick.url}?{number}")
        asyncio.run(run(slow, quick))


def test_a_poller_that_is_stopped_gives_its_leases_back(database: Database, server: FeedServer) -> None:
    async def run() -> None:
        async with OutgoingClient(LOOPBACK) as client, FeedReader(children=1) as reader:
            task = asyncio.create_task(Poller(Surroundings(database, client, reader)).run())
            await until(lambda: len(server.requests) == 1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    server.release.clear()
    add_feed(database, server.url)
    asyncio.run(run())
    server.release.set()
    assert read(database, "SELECT leased_until, last_polled_at FROM feeds") == [(None, None)]
    with database.transaction() as tx:
        tx.execute(text("UPDATE feed_hosts SET free_at = free_at - interval '2 s'"))  # the usual pause
    assert poll_due(database) == 1


def test_fresh_entries_wait_for_their_pages_and_known_ones_do_not(database: Database, server: FeedServer) -> None:
    add_feed(database, server.url)
    with database.transaction() as tx:
        tx.execute(text("UPDATE feeds SET full_text = 'on'"))
    poll_due(database)
    assert read(database, "SELECT count(*) FROM articles") == [(0,)]
    assert read(database, "SELECT url FROM pages ORDER BY url") == [
        ("https://news.example/1",),
        ("https://news.example/2",),
    ]
    with database.transaction() as tx:
        tx.execute(text("DELETE FROM pages"))  # as if they were read
    server.body = rss(1, 2, 3)
    poll_due(database, NOW + timedelta(days=2))
    assert read(database, "SELECT url FROM pages") == [("https://news.example/3",)]


def test_refused_entries_are_told(database: Database, server: FeedServer) -> None:
    server.body = rss(1).replace(b"will sail 1", b"will sail" + b" on" * 2_000_000)
    add_feed(database, server.url)
    poll_due(database)
    ((failures, warning),) = read(database, "SELECT failures, last_warning FROM feeds")
    assert failures == 0
    assert "1 entries were refused" in warning


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not reached():
            await asyncio.sleep(0.01)
