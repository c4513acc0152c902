"""Everything that a server can do to a poller, at once: a clear error for each feed, and the others are read."""

import asyncio
import gzip
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ingest import fetch
from ingest.confine import FeedReader
from ingest.poll import Pace, Poller, Surroundings
from tests.integration.http.certificates import make_certificate
from tests.integration.http.servers import Answer, Canary, Scripted, ok, redirect, scripted
from wirewatch.db import Database
from wirewatch.http import OutgoingClient

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ITEM = "<item><guid>{0}</guid><title>Zeit für Fähren {0}</title></item>"
FETCH_SECONDS = 3.0
LARGE_BYTES = 100 * 1024 * 1024


def rss(name: str, before: str = "", inside: str = "") -> str:
    return f"{before}<rss version='2.0'><channel><title>H</title>{ITEM.format(name)}{inside}</channel></rss>"


def laughs() -> str:
    """A billion of them."""
    entities = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return rss("laughs", f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{entities}]>", "<item><title>&l9;</title></item>")


class Hostile:
    """Answers that never end; `sent`: how much of the large body went out."""

    def __init__(self) -> None:
        self.sent = 0

    async def drip(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<rss>")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def large(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<rss>")
        while self.sent < LARGE_BYTES and not writer.is_closing():
            writer.write(b" " * 65_536)
            self.sent += 65_536
            await writer.drain()


def bad_answers(hostile: Hostile) -> dict[str, tuple[bytes | Answer, str]]:
    """path -> what is answered, and what its feed's error has to say."""
    cookie = "HTTP/1.1 302 Found\r\nLocation: /cookies\r\nSet-Cookie: seen=1\r\nContent-Length: 0\r\n\r\n"
    zeros = gzip.compress(b"<rss>" + b" " * LARGE_BYTES)
    return {
        "/drip": (hostile.drip, "no complete answer within"),
        "/large": (hostile.large, "longer than"),
        "/bomb": (ok(zeros, "Content-Encoding: gzip"), "longer than"),
        "/loop": (redirect(302, "/loop"), "redirected more than"),
        "/cookies": (cookie.encode(), "redirected more than"),
        "/inner": (redirect(301, "http://10.0.0.1/feed"), "not public"),
        "/metadata": (redirect(302, "http://169.254.169.254/latest/"), "not public"),
        "/deep": (ok(b"<rss><channel>" + b"<a>" * 100_000), "deep"),
        "/json": (ok(b"[" * 100_000), "not: maximum recursion"),
        "/nul": (ok(b"\0" * 10_000), "no feed"),
        "/empty": (ok(b""), "no feed"),
        "/page": (ok(b"<!doctype html><html><body>Log in</body></html>"), "web page"),
        "/utf7": (ok(b"<?xml version='1.0' encoding='utf-7'?>+ADw-rss+AD4-+ADw-item/+AD4-"), "no feed"),
        "/tail": (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss>", ""),
        "/noise": (b"\x16\x03\x01 noise\r\n\r\n", ""),
    }


def good_answers(canary: Canary) -> dict[str, bytes]:
    """path -> what is read of, however odd."""
    outside = f"http://127.0.0.1:{canary.port}/x"
    entity = f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{outside}'><!ENTITY % y SYSTEM '{outside}'> %y;]>"
    return {
        "/plain": ok(rss("plain").encode()),
        "/laughs": ok(laughs().encode()),
        "/outside": ok(rss("outside", entity, "<item><title>&x;</title></item>").encode()),
        "/doctype": ok(rss("doctype", f"<!DOCTYPE rss SYSTEM '{outside}'>").encode()),
        "/wide": ok(rss("wide").encode("utf-16-le")),
        "/label": ok(rss("label", "<?xml version='1.0' encoding='utf-16'?>").encode(), "Content-Type: text/xml"),
        "/header": ok(rss("header").encode(), "Content-Type: text/xml; charset=shift_jis"),
        "/latin": ok(rss("latin").encode("latin-1"), "Content-Type: text/xml; charset=utf-8"),
        "/nuls": ok(rss("nuls").encode().replace(b"F", b"\0F")),
        "/seven": ok(rss("seven").encode(), "Content-Type: text/xml; charset=utf-7"),
    }


async def poll_all(database: Database) -> None:
    async with OutgoingClient((ip_network("127.0.0.0/8"),)) as client, FeedReader(children=1) as reader:
        poller = Poller(Surroundings(database, client, reader, clock=lambda: NOW), Pace(host_gap_seconds=0.0))
        while await poller.poll_due():
            pass


def read(database: Database, query: str) -> list[Any]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


def add_feeds(database: Database, urls: list[str]) -> None:
    with database.transaction() as tx:
        for url in urls:
            tx.execute(text("INSERT INTO feeds (url, next_poll_at) VALUES (:url, :due)"), {"url": url, "due": NOW})


@pytest.mark.timeout(180)
def test_each_has_its_error_in_words_and_the_others_are_read(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fetch, "LIMITS", replace(fetch.LIMITS, total_seconds=FETCH_SECONDS))
    hostile = Hostile()
    served: Scripted | None = None
    tls, _ = make_certificate(tmp_path, "feed.test")

    async def run(canary: Canary) -> None:
        nonlocal served
        bad, good = bad_answers(hostile), good_answers(canary)
        async with (
            scripted({**{path: answer for path, (answer, _) in bad.items()}, **good}) as server,
            scripted({"/": ok(rss("tls").encode())}, tls) as secret,
        ):
            served = server
            urls = [server.url + path for path in (*bad, *good)]
            urls += [f"https://127.0.0.1:{secret.port}/", f"https://127.0.0.1:{server.port}/", secret.url]
            add_feeds(database, urls)
            await poll_all(database)
        errors = dict(read(database, "SELECT url, last_error FROM feeds WHERE failures = 1"))
        for path, (_, words) in bad.items():
            assert words in errors[server.url + path], path
        assert "certificate" in errors[f"https://127.0.0.1:{secret.port}/"]
        assert len(errors) == len(bad) + 3
        names = {name.removeprefix("/") for name in good}
        stored = read(database, "SELECT external_id, title FROM articles WHERE title LIKE 'Zeit%'")
        assert stored == [(name, f"Zeit für Fähren {name}") for name in (one for one, _ in stored)]
        assert {name for name, _ in stored} == names

    with Canary() as canary:
        asyncio.run(run(canary))
        assert canary.reached == 0, "what a feed names is not asked for"

    assert read(database, "SELECT max(length(title)) < 200 FROM articles") == [(True,)]
    assert hostile.sent < LARGE_BYTES / 2
    assert served is not None
    assert not [head for head in served.requests if b"cookie" in head.lower().replace(b"/cookies", b"")]
