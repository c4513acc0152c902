"""Bodies made to harm, in the processes that read them."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from ingest import confine, parse
from ingest.children import Start
from ingest.confine import START, FeedReader
from ingest.entries import FeedError

GOOD = b"<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>a</title></item></channel></rss>"


def run(use: Callable[[FeedReader], Coroutine[Any, Any, None]], start: Start = START) -> None:
    async def with_reader() -> None:
        async with FeedReader(children=1, start=start) as reader:
            await use(reader)

    asyncio.run(with_reader())


def noting(children: list[Process], start: Start = START) -> Start:
    """Starts readers, and keeps each that it has started in `children`."""

    async def start_and_note() -> Process:
        children.append(await start())
        return children[-1]

    return start_and_note


async def check_that_it_still_reads(reader: FeedReader) -> None:
    feed = await reader.read("feed", GOOD, "", "https://news.example/feed")
    assert [entry.external_id for entry in feed.entries] == ["1"]


def test_feeds_and_errors_come_back() -> None:
    async def use(reader: FeedReader) -> None:
        await check_that_it_still_reads(reader)
        with pytest.raises(FeedError, match="web page"):
            await reader.read("feed", b"<html><body>log in</body></html>", "", "https://news.example/")
        with pytest.raises(FeedError, match="JSON"):
            await reader.read("json", GOOD, "", "https://news.example/")
        await check_that_it_still_reads(reader)

    run(use)


@pytest.mark.parametrize(
    "spell",
    [
        "while True: pass",  # hears a signal
        "import re; re.match('(a|aa)+$', 'a' * 100 + 'b')",  # hears none
        "bytearray(10**9)",
        "import os; os._exit(1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    ],
)
def test_a_body_that_harms_its_reader_is_a_feed_error_and_the_next_is_read(
    spell: str,
) -> None:
    cursed = f"""
import sys
from ingest import confine, parse
confine.CPU_SECONDS = 0.3
confine.GRACE_SECONDS = 1
def cast(body, content_type, url):
    exec({spell!r})
parse.PARSERS = {{**parse.PARSERS, "cursed": cast}}
confine.serve()
"""

    async def start() -> Process:
        return await asyncio.create_subprocess_exec(sys.executable, "-c", cursed, stdin=PIPE, stdout=PIPE)

    async def use(reader: FeedReader) -> None:
        with pytest.raises(FeedError, match="takes"):
            await reader.read("cursed", b"x", "", "https://news.example/")
        await check_that_it_still_reads(reader)

    run(use, start)


def test_no_body_is_blamed_for_a_reader_that_died_before_it() -> None:
    children: list[Process] = []

    async def use(reader: FeedReader) -> None:
        await check_that_it_still_reads(reader)
        os.kill(children[0].pid, signal.SIGKILL)
        await check_that_it_still_reads(reader)
        assert len(children) == 2

    run(use, noting(children))


def test_a_poll_that_is_given_up_takes_its_reader_along() -> None:
    async def use(reader: FeedReader) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await reader.read("feed", GOOD * 1000, "", "https://news.example/feed")
        await check_that_it_still_reads(reader)

    run(use)


def test_a_reader_that_has_grown_large_is_replaced() -> None:
    children: list[Process] = []

    async def start() -> Process:
        small = "from ingest import confine; confine.KEPT_KILOBYTES = 1; confine.serve()"
        return await asyncio.create_subprocess_exec(sys.executable, "-c", small, stdin=PIPE, stdout=PIPE)

    async def use(reader: FeedReader) -> None:
        await check_that_it_still_reads(reader)
        await check_that_it_still_reads(reader)
        assert len(children) == 2

    run(use, noting(children, start))


def test_the_children_of_a_large_parent_are_kept() -> None:
    ballast = bytearray(b"x") * (confine.KEPT_KILOBYTES * 1024 * 3 // 2)
    children: list[Process] = []

    async def use(reader: FeedReader) -> None:
        await check_that_it_still_reads(reader)
        await check_that_it_still_reads(reader)

    run(use, noting(children))
    assert len(children) == 1
    assert len(ballast) > 0


def test_every_kind_that_can_be_read_has_its_reader() -> None:
    assert {"feed", "json"} <= parse.PARSERS.keys()
