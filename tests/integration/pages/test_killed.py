"""A process that reads pages, killed while it reads one."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import text

from ingest.pages.queue import divide
from ingest.receive import Submission
from wirewatch.db import Database
from wirewatch.secretbox import new_key
from wirewatch.store import pages

STORY = " ".join(f"The night ferry sails {n} minutes later because of ice, the port said." for n in range(40))
PAGE = f"<html><title>Ferry</title><body><article><p>{STORY}</p></article></body></html>".encode()


class Site:
    """Answers for its page only once it is released."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.release = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                is_story = self.path == "/story"
                if is_story:
                    site.release.wait(60)
                self.send_response(200 if is_story else 404)
                self.send_header("content-length", str(len(PAGE) if is_story else 0))
                self.end_headers()
                self.wfile.write(PAGE if is_story else b"")

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/story"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    threading.Thread(target=site.server.serve_forever, args=(0.05,), daemon=True).start()
    yield site
    site.release.set()
    site.server.shutdown()
    site.server.server_close()


@contextmanager
def reading(database: Database) -> Iterator[subprocess.Popen[bytes]]:
    """The process that polls feeds and reads pages, as it is run."""
    own = {"DATABASE_URL": database.url, "EGRESS_ALLOW": "127.0.0.0/8", "SECRET_KEY": new_key(), "LOG_LEVEL": "ERROR"}
    environment = {**os.environ, **{f"WIREWATCH_{name}": value for name, value in own.items()}}
    process = subprocess.Popen([sys.executable, "-m", "ingest.poll"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.02)


def ask(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


@pytest.mark.timeout(150)
def test_a_page_that_was_being_read_is_read_again_and_its_article_stored_once(database: Database, site: Site) -> None:
    entry = Submission(title="Ferry late", text="The ferry is late ...", url=site.url, external_id="1")
    with database.transaction() as tx:
        pages.put(tx, divide("1", "on", {}, [entry]).waiting)

    with reading(database) as process:
        until(lambda: "/story" in site.asked)
        process.kill()
        process.wait()

    assert ask(database, "SELECT count(*) FROM articles") == [(0,)]
    assert ask(database, "SELECT attempts, leased_until > clock_timestamp() FROM pages") == [(1, True)]
    with database.transaction() as tx:  # as after two minutes
        tx.execute(text("UPDATE pages SET leased_until = clock_timestamp() - interval '1 s'"))
        tx.execute(text("UPDATE feed_hosts SET free_at = clock_timestamp()"))
    site.release.set()
    with reading(database):
        until(lambda: ask(database, "SELECT count(*) FROM articles") == [(1,)])

    assert ask(database, "SELECT text, version, page_state FROM articles") == [(STORY, 1, "read")]
    assert ask(database, "SELECT count(*) FROM pages") == [(0,)]
    assert ask(database, "SELECT count(*) FROM messages WHERE type = 'ArticleReceived'") == [(1,)]
    assert site.asked.count("/story") == 2
