"""Entries that wait for their pages: real servers on loopback, a real database, real children that read."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import text

from ingest.pages import fetch, queue
from ingest.pages.choose import domains_of_all
from ingest.pages.fetch import PageFetcher, Rules
from ingest.pages.queue import PageQueue, divide
from ingest.pages.reader import PageReader
from ingest.receive import Submission
from wirewatch.db import Database
from wirewatch.http import OutgoingClient
from wirewatch.store import domains, pages

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SENTENCES = [f"The night ferry sails {n} minutes later because of ice, the port said in notice {n}." for n in range(9)]
HEAD = "<html lang=en><head><title>Ferry</title><meta name=author content='Ada Brook'></head>"
STORY = HEAD + "<body><article>%s</article></body></html>"
WHOLE = STORY % "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
Answer = tuple[int, dict[str, str], bytes]
# Long enough for a second request to be seen beside the first.
ANSWERING_SECONDS = 0.01


def html(body: str, **headers: str) -> Answer:
    return 200, {"content-type": "text/html", **headers}, body.encode()


ANSWERS: dict[str, Answer] = {
    "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private/\n"),
    "/whole": html(WHOLE),
    "/tracked": html(WHOLE.replace("<title>", "<link rel=canonical href=/whole><title>")),
    "/paywall": html(STORY % "<p>The ferry is late. This article is for subscribers only.</p>"),
    "/consent": html(STORY % "<p>We use cookies. Accept all cookies, or reject all tracking by our partners.</p>"),
    "/private/a": html(WHOLE),
    "/to-private": (302, {"location": "/private/a"}, b""),
    "/noarchive": html(WHOLE.replace("<title>", "<meta name=robots content=noarchive><title>")),
    "/tagged": html(WHOLE, **{"x-robots-tag": "noarchive"}),
    "/paper.pdf": (200, {"content-type": "application/pdf"}, b"%PDF-1.7"),
    "/image": (200, {"content-type": "text/html"}, b"\x89PNG\r\n\x1a\n\0\0"),
    "/frames": html("<html><frameset><frame src=a></frameset></html>"),
    "/gone": (410, {}, b""),
    "/forbidden": (403, {}, b""),
    "/pay": (402, {}, b""),
    "/loop": (302, {"location": "/loop"}, b""),
    "/metadata": (302, {"location": "http://169.254.169.254/latest"}, b""),
    "/bomb": html("<html><body>" + "<p>" * 200_000),
    "/broken": (500, {}, b""),
    "/cookies": (302, {"location": "/cookies2", "set-cookie": "seen=1"}, b""),
    "/cookies2": (302, {"location": "/cookies", "set-cookie": "seen=2"}, b""),
}


class Site:
    """Answers by path, and counts what it was asked and how much at once."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.now = self.most = 0
        self.lock = threading.Lock()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with site.lock:
                    site.asked[self.path] += 1
                    site.now += 1
                    site.most = max(site.most, site.now)
                status, headers, body = ANSWERS.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                time.sleep(ANSWERING_SECONDS)
                # Before the answer leaves: who has it asks again while this thread still counts.
                with site.lock:
                    site.now -= 1
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        return Handler


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Site]]:
    site = Site()
    made = ThreadingHTTPServer(("127.0.0.1", 0), site.handler())
    threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}", site
    made.shutdown()
    made.server_close()


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "GAP_SECONDS", 0.0)
    monkeypatch.setattr(queue, "LOOK_SECONDS", 0.05)


def entry(url: str, **fields: Any) -> Submission:
    return Submission(
        title="Ferry late", text="The ferry is late ...", url=url, external_id=url, source_name="Harbour", **fields
    )


def hold(database: Database, *entries: Submission) -> list[Submission]:
    with database.transaction() as tx:
        choices = pages.find_choices(tx, domains_of_all(one.url for one in entries))
        division = divide("1", "on", choices, entries)
        pages.put(tx, division.waiting)
    return division.now


def read_all(database: Database, rules: Rules | None = None, clock: Callable[[], datetime] = lambda: NOW) -> int:
    async def run() -> int:
        async with OutgoingClient((ip_network("127.0.0.0/8"),)) as client, PageReader() as reader:
            return await PageQueue(database, PageFetcher(client, reader, clock, rules), clock).run_round()

    return asyncio.run(run())


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


def test_the_page_s_text_becomes_the_article(database: Database, server: tuple[str, Site]) -> None:
    url, _ = server
    assert hold(database, entry(f"{url}/tracked")) == []
    assert rows(database, "SELECT count(*) FROM articles") == [(0,)]

    assert read_all(database) == 1

    ((found, author, state, stored_url),) = rows(database, "SELECT text, author, page_state, url FROM articles")
    assert all(sentence in found for sentence in SENTENCES)
    assert (author, state, stored_url) == ("Ada Brook", "read", f"{url}/whole")
    assert rows(database, "SELECT count(*) FROM messages WHERE type = 'ArticleReceived'") == [(1,)]
    assert rows(database, "SELECT count(*) FROM pages") == [(0,)]


@pytest.mark.timeout(90)
def test_what_is_no_article_is_marked_and_the_feed_s_text_kept(
    database: Database, server: tuple[str, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MAX_ATTEMPTS", 1)
    url, site = server
    wanted = {
        "/paywall": "paywall",
        "/pay": "paywall",
        "/consent": "consent_wall",
        "/private/a": "robots",
        "/noarchive": "noarchive",
        "/tagged": "noarchive",
        "/paper.pdf": "not_html",
        "/image": "not_html",
        "/frames": "no_text",
        "/bomb": "no_text",
        "/gone": "gone",
        "/missing": "gone",
        "/forbidden": "refused",
        "/metadata": "refused",
        "/loop": "failed",
        "/cookies": "failed",
        "/broken": "failed",
    }
    site.asked.clear()
    hold(database, *(entry(url + path) for path in wanted))

    assert read_all(database) == len(wanted)

    found = rows(database, "SELECT external_id, page_state, text FROM articles")
    assert {external_id.removeprefix(url): state for external_id, state, _ in found} == wanted
    assert {stored for *_, stored in found} == {"The ferry is late ..."}
    assert site.asked["/private/a"] == 0
    assert site.asked["/robots.txt"] == 1, "kept for the whole site"
    assert site.most == 1, "one request at a time to a host"


def test_rules_may_be_switched_off(database: Database, server: tuple[str, Site]) -> None:
    url, _ = server
    hold(database, entry(f"{url}/noarchive"), entry(f"{url}/to-private"))
    read_all(database, Rules(respect_robots=False))
    assert rows(database, "SELECT DISTINCT page_state FROM articles") == [("read",)]


def test_a_page_that_fails_is_tried_again_later(database: Database, server: tuple[str, Site]) -> None:
    hold(database, entry(f"{server[0]}/broken"))
    assert read_all(database) == 1
    assert read_all(database) == 0
    assert rows(database, "SELECT attempts, due_at > clock_timestamp() + interval '20 s' FROM pages") == [(1, True)]
    assert rows(database, "SELECT count(*) FROM articles") == [(0,)]


def test_an_edited_entry_takes_the_place_of_the_one_that_waits(database: Database, server: tuple[str, Site]) -> None:
    url = f"{server[0]}/paywall"
    hold(database, entry(url))
    with database.transaction() as tx:
        (old,) = pages.claim(tx, limit=5, lease_seconds=0)
    edited = Submission(title="Ferry on time", text="The ferry is on time.", url=url, external_id=url)
    hold(database, edited)
    with database.transaction() as tx:
        assert not pages.take(tx, old), "who reads the older form has lost it"

    read_all(database)

    assert rows(database, "SELECT title, version FROM articles") == [("Ferry on time", 1)]


def test_a_host_is_read_by_one_at_a_time(database: Database, server: tuple[str, Site]) -> None:
    hold(database, entry("http://a.example/1"), entry("http://a.example/2"), entry("http://b.example/1"))
    with database.transaction() as tx:
        assert {page.host for page in pages.claim(tx, limit=9, lease_seconds=60)} == {"a.example", "b.example"}
    with database.transaction() as tx:
        assert pages.claim(tx, limit=9, lease_seconds=60) == []
        pages.free_host(tx, "a.example", 0)
    with database.transaction() as tx:
        assert [page.host for page in pages.claim(tx, limit=9, lease_seconds=60)] == ["a.example"]
    assert rows(database, "SELECT attempts FROM pages") == [(1,), (1,), (1,)]


def test_the_domain_s_choice_counts_before_the_feed_s(database: Database) -> None:
    with database.transaction() as tx:
        domains.put(tx, "harbour.example", "feed")
    assert len(hold(database, entry("https://news.harbour.example/1"), entry("https://other.example/1"))) == 1
