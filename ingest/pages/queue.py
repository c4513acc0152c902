"""Entries wait here for their pages, in the transaction of the poll that found them, so that none is lost.

A poll never waits for pages: a new feed may link to a hundred of one host, which are read with a pause after each.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import msgspec
import structlog

from ingest.identity import digest
from ingest.pages.choose import join, wants_page
from ingest.pages.fetch import Fetched, PageFetcher
from ingest.receive import Refusal, Submission, receive_with
from wirewatch.clock import Clock
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.store import pages
from wirewatch.store.feeds import FullText
from wirewatch.store.pages import ClaimedPage, NewPage

log = structlog.get_logger()

READ_AT_ONCE = 20
LEASE_SECONDS = 120.0
HARD_SECONDS = 90.0  # robots.txt, its pause, the page and its reading; less than the lease
IDLE_SECONDS = 2.0
LOOK_SECONDS = 1.0
MAX_ATTEMPTS = 3
BACKOFF_SECONDS = (30.0, 180.0)
MAX_RETRY_SECONDS = 900.0  # news does not wait longer for its page


@dataclass(frozen=True, slots=True)
class Division:
    """A feed's new entries: those to be received at once, and those that wait for their pages."""

    now: list[Submission]
    waiting: list[NewPage]


def divide(
    feed_id: str, full_text: FullText, choices: Mapping[str, str], submissions: Sequence[Submission]
) -> Division:
    """Which entries are to wait: `pages.put` them in the transaction that receives the others. `choices` of domains."""
    division = Division([], [])
    for submission in submissions:
        if wants_page(submission, full_text, choices):
            division.waiting.append(_new_page(feed_id, submission))
        else:
            division.now.append(submission)
    return division


def _new_page(feed_id: str, submission: Submission) -> NewPage:
    url = submission.url or ""
    key = digest("page", feed_id, submission.external_id or url)
    return NewPage(key, host_of(url), url, msgspec.to_builtins(submission))


def host_of(url: str) -> str:
    """As the feeds table has it: an IPv6 address in its brackets."""
    host = (urlsplit(url).hostname or "").lower()
    return f"[{host}]" if ":" in host else host


class PageQueue:
    """Reads the pages that wait, one of a host at a time, and stores what came of them."""

    def __init__(self, database: Database, fetcher: PageFetcher, clock: Clock) -> None:
        self._database, self._fetcher, self._clock = database, fetcher, clock

    async def run_forever(self) -> None:
        """Until cancelled; pages under way are given up then, and their leases run out."""
        while True:
            read = 0
            try:
                read = await self.run_round()
            except* DatabaseUnavailableError as outage:
                log.warning("pages wait", error=str(outage.exceptions[0]))
            if not read:
                await asyncio.sleep(IDLE_SECONDS)

    async def run_round(self) -> int:
        """Read what is due, and while pages are slow whatever becomes due beside them. -> how many."""
        running: set[asyncio.Task[None]] = set()
        read = 0
        try:
            while True:
                claimed = await asyncio.to_thread(self._claim, READ_AT_ONCE - len(running))
                read += len(claimed)
                running |= {asyncio.create_task(self._read(page)) for page in claimed}
                if not running:
                    return read
                done, running = await asyncio.wait(running, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                _raise_failures(done)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _claim(self, limit: int) -> list[ClaimedPage]:
        if limit <= 0:
            return []
        with self._database.transaction() as tx:
            return pages.claim(tx, limit=limit, lease_seconds=LEASE_SECONDS)

    async def _read(self, page: ClaimedPage) -> None:
        try:
            async with asyncio.timeout(HARD_SECONDS):
                fetched = await self._fetcher.fetch(page.url)
        except TimeoutError:
            fetched = Fetched("failed", f"the page took more than {HARD_SECONDS:g} s", retry_seconds=0.0)
        except Exception as error:  # one page that we cannot cope with must not keep the others from being read
            log.exception("page failed", url=page.url)
            fetched = Fetched("failed", f"{type(error).__name__}: {error}"[:500], retry_seconds=0.0)
        await asyncio.to_thread(self._record, page, fetched)

    def _record(self, page: ClaimedPage, fetched: Fetched) -> None:
        given = msgspec.convert(page.submission, Submission)
        if fetched.retry_seconds is not None and page.attempts < MAX_ATTEMPTS:
            backoff = BACKOFF_SECONDS[min(page.attempts, len(BACKOFF_SECONDS)) - 1]
            return self._postpone(page, min(max(backoff, fetched.retry_seconds), MAX_RETRY_SECONDS))
        if not self._store(page, join(given, fetched, self._clock())):
            # What the feed said is kept where the page's is too much.
            self._store(page, replace(given, page_state="failed"), whatever=True)
        log.info("page read", url=page.url, state=fetched.state, detail=fetched.detail)
        return None

    def _postpone(self, page: ClaimedPage, seconds: float) -> None:
        with self._database.transaction() as tx:
            pages.postpone(tx, page, seconds)
            pages.free_host(tx, page.host, self._fetcher.gap_seconds(page.url))

    def _store(self, page: ClaimedPage, submission: Submission, *, whatever: bool = False) -> bool:
        """Article and end of waiting in one transaction; False where the article was refused and still waits."""
        was_refused = False

        def write(tx: Transaction, refusals: Sequence[Refusal]) -> bool:
            nonlocal was_refused
            was_refused = bool(refusals)
            if refusals and not whatever:
                return False
            pages.free_host(tx, page.host, self._fetcher.gap_seconds(page.url))
            return pages.take(tx, page)

        receive_with(self._database, [submission], write)
        return whatever or not was_refused


def _raise_failures(done: set[asyncio.Task[None]]) -> None:
    failures = [error for task in done if (error := task.exception()) is not None]
    if failures:
        raise BaseExceptionGroup("pages could not be recorded", failures)
