"""The poller: fetches the feeds that are due, many at a time and each host gently, and hands entries to the one door.

Entries are stored before the ETag that would hide them: a poller killed in between reads them again, and knows them.
"""

import asyncio
import random
import signal
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from ingest.parse import MAX_FEED_BYTES, FeedError, ParsedEntry, ParsedFeed, parse_feed
from ingest.receive import EARLIEST, FUTURE, Refusal, Submission, receive
from ingest.schedule import (
    NOT_MODIFIED,
    FeedState,
    PollOutcome,
    decide_poll,
    estimate_entries_per_day,
    find_permanent_url,
    parse_max_age,
)
from wirewatch import log as logs
from wirewatch.clock import Clock, system_clock
from wirewatch.db import Database, DatabaseUnavailableError
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.heartbeat import beat
from wirewatch.http import MAX_REDIRECTS, Limits, OutgoingClient, Request, Response, parse_retry_after
from wirewatch.settings import Settings
from wirewatch.store import polls
from wirewatch.store.polls import DueFeed, PollRecord

log = structlog.get_logger()

CLAIMED_AT_ONCE = 100
POLL_SECONDS = 30.0
LEASE_SECONDS = 300.0
IDLE_SECONDS = 2.0
HOST_GAP_SECONDS = 1.0
LIMITS = Limits(total_seconds=POLL_SECONDS, body_bytes=MAX_FEED_BYTES, redirects=MAX_REDIRECTS)
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fetch gave: how it went, the feed if there is a new one, and the validators to send next time."""

    outcome: PollOutcome
    feed: ParsedFeed | None
    etag: str | None
    last_modified: str | None


class Poller:
    def __init__(
        self, database: Database, client: OutgoingClient, clock: Clock, heartbeat_path: Path | None = None
    ) -> None:
        self._database, self._client, self._clock, self._heartbeat_path = database, client, clock, heartbeat_path
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run_round(self) -> int:
        """Poll the feeds that are due now. -> how many."""
        due = await asyncio.to_thread(self._claim)
        beat(self._heartbeat_path)
        async with asyncio.TaskGroup() as tasks:
            for feed in due:
                tasks.create_task(self._poll(feed))
        return len(due)

    def _claim(self) -> list[DueFeed]:
        with self._database.transaction() as tx:
            return polls.claim_due(tx, self._clock(), limit=CLAIMED_AT_ONCE, lease_seconds=LEASE_SECONDS)

    async def _poll(self, feed: DueFeed) -> None:
        # One request at a time to a host, and a pause after each.
        async with self._hosts[urlsplit(feed.url).hostname or ""]:
            try:
                answer = await fetch(self._client, feed, self._clock)
                await asyncio.to_thread(self._store, feed, answer)
            except DatabaseUnavailableError:
                raise
            except Exception as error:  # one feed that we cannot cope with must not keep the others from being polled
                log.exception("poll failed", feed=feed.id, url=feed.url)
                failed = PollOutcome(status=None, error=f"{type(error).__name__}: {error}")
                await asyncio.to_thread(self._store, feed, Answer(failed, None, feed.etag, feed.last_modified))
            await asyncio.sleep(HOST_GAP_SECONDS)

    def _store(self, feed: DueFeed, answer: Answer) -> None:
        entries = answer.feed.entries if answer.feed else ()
        refused = 0
        if answer.feed:
            now = self._clock()
            answers = receive(self._database, [submission_of(entry, feed, answer.feed, now) for entry in entries])
            refused = sum(isinstance(one, Refusal) for one in answers)
        record = record_of(feed, answer, self._clock)
        with self._database.transaction() as tx:
            kept = polls.record(tx, feed, record, self._clock())
        beat(self._heartbeat_path)
        log.info("polled", feed=feed.id, entries=len(entries), refused=refused, error=record.last_error, recorded=kept)


async def fetch(client: OutgoingClient, feed: DueFeed, clock: Clock) -> Answer:
    """Ask for the feed if it has changed. Never raises for what the server, its address or its feed do."""
    headers = [("Accept", ACCEPT)]
    headers += [("If-None-Match", feed.etag)] if feed.etag else []
    headers += [("If-Modified-Since", feed.last_modified)] if feed.last_modified else []
    try:
        response = await client.fetch(Request(feed.url, headers=tuple(headers), limits=LIMITS))
    except (FetchError, RefusedAddressError) as error:
        return Answer(PollOutcome(status=None, error=str(error)), None, feed.etag, feed.last_modified)
    return await asyncio.to_thread(read_answer, feed, response, clock)


def read_answer(feed: DueFeed, response: Response, clock: Clock) -> Answer:
    """What a response means: a feed to be stored, nothing new, or an error in words."""
    parsed, error = None, None
    if 200 <= response.status < 300:
        try:
            parsed = parse_feed(response.body, response.find_header("content-type") or "", response.url)
        except FeedError as problem:
            error = str(problem)
    outcome = PollOutcome(
        status=response.status,
        error=error,
        ttl_seconds=parsed.ttl_seconds if parsed else None,
        max_age_seconds=parse_max_age(response.find_header("cache-control")),
        retry_after_seconds=parse_retry_after(response, clock()),
        permanent_url=find_permanent_url(response.redirects),
    )
    if parsed is None and response.status != NOT_MODIFIED:
        return Answer(outcome, None, feed.etag, feed.last_modified)
    return Answer(
        outcome,
        parsed,
        response.find_header("etag") or (feed.etag if parsed is None else None),
        response.find_header("last-modified") or (feed.last_modified if parsed is None else None),
    )


def submission_of(entry: ParsedEntry, feed: DueFeed, parsed: ParsedFeed, now: datetime) -> Submission:
    """An entry as an article of the feed's publisher, identified by what the feed calls it.

    A date that cannot be true is no reason to lose the entry: it counts as unknown.
    """
    published_at = entry.published_at
    if published_at and not EARLIEST <= published_at <= now + FUTURE:
        published_at = None
    return Submission(
        title=entry.title or None,
        text=entry.text or None,
        url=entry.url,
        published_at=published_at,
        source_name=feed.name or parsed.title or None,
        source_domain=urlsplit(parsed.url or feed.url).hostname,
        lang=parsed.lang,
        external_id=entry.external_id,
    )


def record_of(feed: DueFeed, answer: Answer, clock: Clock) -> PollRecord:
    state = FeedState(
        feed.min_interval_seconds, feed.max_interval_seconds, feed.failures, feed.entries_per_day, feed.moved_to
    )
    decision = decide_poll(answer.outcome, state, clock(), random.random())
    return PollRecord(
        next_poll_at=decision.next_poll_at,
        failures=decision.failures,
        last_error=decision.last_error,
        url=decision.new_url or feed.url,
        moved_to=decision.moved_to,
        disabled_reason=decision.paused_reason,
        etag=answer.etag,
        last_modified=answer.last_modified,
        entries_per_day=_rate(answer.feed.entries, clock) if answer.feed else None,
        name=answer.feed.title or None if answer.feed else None,
    )


def _rate(entries: Sequence[ParsedEntry], clock: Clock) -> float | None:
    return estimate_entries_per_day([entry.published_at for entry in entries if entry.published_at], clock())


async def run_forever(database: Database, settings: Settings) -> None:
    async with OutgoingClient(settings.egress_allow) as client:
        poller = Poller(database, client, system_clock, settings.heartbeat_path)
        while True:
            polled = 0
            try:
                polled = await poller.run_round()
            except* DatabaseUnavailableError as outage:
                log.warning("poller waits", error=str(outage.exceptions[0]))
            if not polled:
                await asyncio.sleep(IDLE_SECONDS)


async def serve(database: Database, settings: Settings) -> None:
    """Poll until SIGTERM or SIGINT; polls under way are given up, and their leases run out."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(run_forever(database, settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("poller stopped")


def main() -> None:
    settings = Settings()
    logs.configure("poll", settings.log_level)
    if settings.database_url is None:
        raise SystemExit("WIREWATCH_DATABASE_URL is not set: the poller needs the address of PostgreSQL")
    asyncio.run(serve(Database(settings.database_url, pool_size=10), settings))


if __name__ == "__main__":
    main()
