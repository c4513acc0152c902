"""The poller: fetches the feeds that are due, many at a time and each host gently, and hands entries to the one door.

There are no rounds: whenever there is room, it claims what is due, one feed of each host that may be asked. A slow feed
holds up nothing but itself. Entries are stored with the ETag that would hide them, in one transaction: a poller killed
at any moment has done all of a poll or nothing, and its leases run out.
"""

import asyncio
import random
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import structlog

from ingest.confine import FeedReader
from ingest.entries import ParsedFeed
from ingest.fetch import FETCH_SECONDS, Answer, Fetcher, Secrets, failed, state_of, submission_of
from ingest.pages.choose import domains_of_all
from ingest.pages.fetch import PageFetcher, Rules
from ingest.pages.queue import Division, PageQueue, divide
from ingest.pages.reader import PageReader
from ingest.receive import Refusal, receive_with
from ingest.schedule import PollOutcome, decide_poll, host_pause_seconds
from ingest.seen import Comparison, compare, pack, unpack
from wirewatch import log as logs
from wirewatch.clock import Clock, system_clock
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.heartbeat import beat
from wirewatch.http import OutgoingClient
from wirewatch.secretbox import SealedSecretError, SecretBox
from wirewatch.settings import Settings
from wirewatch.store import feeds, pages, polls
from wirewatch.store.polls import DueFeed, PollRecord

log = structlog.get_logger()
T = TypeVar("T")

STORE_SECONDS = 30.0

# With more bodies than this waiting to be read no more are asked for: on a busy machine polls would only time out.
READ_AHEAD = 20
TICK_SECONDS = 0.25
IDLE_SECONDS = 1.0
DATABASE_THREADS = 4


@dataclass(frozen=True, slots=True)
class Pace:
    """How many polls are under way at most, and how gently hosts are asked.

    Of the polls under way, at most half are of feeds that failed last time: they may all be waiting for a time-out.
    `poll_seconds` is what all of a poll but the storing may take: fetching, waiting for a reader, reading.
    """

    concurrency: int = 200
    host_gap_seconds: float = 1.0
    poll_seconds: float = FETCH_SECONDS + 60.0

    @property
    def lease_seconds(self) -> float:
        """Longer than any poll can take, storing included."""
        return self.poll_seconds + STORE_SECONDS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a poller works with."""

    database: Database
    client: OutgoingClient
    reader: FeedReader
    box: SecretBox | None = None
    clock: Clock = system_clock
    heartbeat_path: Path | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What of a feed has to be stored, and where the texts of its pages' domains come from where somebody chose."""

    entries: Comparison
    choices: Mapping[str, str]


class Poller:
    def __init__(self, surroundings: Surroundings, pace: Pace | None = None) -> None:
        self._with, self._pace = surroundings, pace or Pace()
        self._fetcher = Fetcher(surroundings.client, surroundings.reader)
        self._threads = ThreadPoolExecutor(DATABASE_THREADS, "poll-store")
        self._under_way: dict[asyncio.Task[None], DueFeed] = {}

    async def run(self) -> None:
        """Poll until cancelled; then what is under way is given up and its leases are given back."""
        try:
            while True:
                started = 0
                try:
                    started = await self._start_due()
                except DatabaseUnavailableError as outage:
                    log.warning("poller waits", error=str(outage))
                await asyncio.sleep(TICK_SECONDS if started or len(self._under_way) > 1 else IDLE_SECONDS)
        finally:
            await self._give_up()

    async def poll_due(self) -> int:
        """Poll what may be polled right now, and wait until that is done. -> how many."""
        started = await self._start_due()
        await asyncio.gather(*self._under_way)
        return started

    async def _start_due(self) -> int:
        beat(self._with.heartbeat_path)
        room = self._pace.concurrency - len(self._under_way)
        if room <= 0 or self._with.reader.reading > READ_AHEAD:
            return 0
        failing = sum(feed.failures > 0 for feed in self._under_way.values())
        due = await self._in_thread(lambda: self._claim(room, failing < self._pace.concurrency / 2))
        for feed in due:
            task = asyncio.create_task(self._poll(feed))
            self._under_way[task] = feed
            task.add_done_callback(self._under_way.pop)
        return len(due)

    def _claim(self, limit: int, with_failing: bool) -> list[DueFeed]:
        with self._with.database.transaction() as tx:
            now = self._with.clock()
            return polls.claim_due(
                tx, now, limit=limit, lease_seconds=self._pace.lease_seconds, with_failing=with_failing
            )

    async def _give_up(self) -> None:
        given_up = dict(self._under_way)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        if given_up:
            await self._in_thread(lambda: self._release(list(given_up.values())))
        self._threads.shutdown()

    def _release(self, given_up: list[DueFeed]) -> None:
        try:
            with self._with.database.transaction() as tx:
                polls.release(tx, given_up, self._pace.host_gap_seconds)
        except DatabaseUnavailableError as outage:
            log.warning("leases were not given back", error=str(outage))

    async def _poll(self, feed: DueFeed) -> None:
        """One poll, from asking to recording. Whatever goes wrong is this feed's alone."""
        try:
            await self._poll_once(feed)
        except DatabaseUnavailableError as outage:
            log.warning("poll not recorded", feed=feed.id, error=str(outage))  # its lease runs out, it is polled again
        except Exception as error:  # one feed that we cannot cope with must not keep the others from being polled
            log.exception("poll failed", feed=feed.id, url=feed.url)
            outcome = PollOutcome(status=None, error=f"{type(error).__name__}: {error}")
            try:
                await self._in_thread(lambda: self._store(feed, failed(feed, outcome), None))
            except Exception:
                log.exception("poll not recorded", feed=feed.id)

    async def _poll_once(self, feed: DueFeed) -> None:
        seconds = self._pace.poll_seconds
        try:
            async with asyncio.timeout(seconds):
                answer, news = await self._ask(feed)
        except TimeoutError:
            answer, news = failed(feed, PollOutcome(status=None, error=f"the poll took more than {seconds:g} s")), None
        await self._in_thread(lambda: self._store(feed, answer, news))
        beat(self._with.heartbeat_path)

    async def _ask(self, feed: DueFeed) -> tuple[Answer, News | None]:
        try:
            secrets = self._open_secrets(feed)
        except SealedSecretError as error:
            return failed(feed, PollOutcome(status=None, error=str(error))), None
        answer = await self._fetcher.fetch(feed, secrets, self._with.clock())
        if answer.feed is None or answer.outcome.reading is None:
            return answer, None
        news = await self._find_news(feed, answer.feed)
        reading = replace(answer.outcome.reading, new_entries=news.entries.new_count)
        return replace(answer, outcome=replace(answer.outcome, reading=reading)), news

    def _open_secrets(self, feed: DueFeed) -> Secrets:
        if not (feed.credentials or feed.headers):
            return Secrets({}, {})
        if self._with.box is None:
            raise SealedSecretError("WIREWATCH_SECRET_KEY is not set: the feed's credentials cannot be opened")
        return Secrets(
            feeds.open_secrets(self._with.box, feed.credentials), feeds.open_secrets(self._with.box, feed.headers)
        )

    async def _find_news(self, feed: DueFeed, parsed: ParsedFeed) -> News:
        domains = domains_of_all(entry.url for entry in parsed.entries)
        packed, choices = await self._in_thread(lambda: self._find_known(feed, domains))
        return News(compare(parsed.entries, unpack(packed)), choices)

    def _find_known(self, feed: DueFeed, domains: Sequence[str]) -> tuple[bytes | None, Mapping[str, str]]:
        with self._with.database.transaction() as tx:
            return polls.find_seen(tx, feed), pages.find_choices(tx, domains)

    def _store(self, feed: DueFeed, answer: Answer, news: News | None) -> None:
        """Entries, what was seen and how the poll went, in one transaction."""
        now = self._with.clock()
        division = Division([], [])
        if news is not None and answer.feed is not None:
            submissions = [submission_of(entry, feed, answer.feed, now) for entry in news.entries.fresh]
            division = divide(feed.id, feed.full_text, news.choices, submissions)

        def write(tx: Transaction, refusals: Sequence[Refusal]) -> bool:
            record = self._record_of(feed, answer, refusals)
            if not polls.record(tx, feed, record, now):
                return False
            if news is not None and news.entries.seen is not None:
                polls.remember(tx, feed, pack(news.entries.seen))
            pages.put(tx, division.waiting)
            return True

        answers = receive_with(self._with.database, division.now, write)
        log.info("polled", feed=feed.id, status=answer.outcome.status, entries=len(answers), error=answer.outcome.error)

    def _record_of(self, feed: DueFeed, answer: Answer, refusals: Sequence[Refusal]) -> PollRecord:
        outcome = answer.outcome
        if refusals and outcome.reading:
            why = "; ".join(sorted({detail for refusal in refusals for _, detail in refusal.problems}))
            warning = f"{len(refusals)} entries were refused: {why}"[:500]
            outcome = replace(outcome, reading=replace(outcome.reading, warning=warning))
        decision = decide_poll(outcome, state_of(feed), self._with.clock(), random.random())
        return PollRecord(
            next_poll_at=decision.next_poll_at,
            failures=decision.failures,
            last_status=outcome.status,
            last_error=decision.last_error,
            last_warning=decision.last_warning,
            url=decision.new_url or feed.url,
            moved_to=decision.moved_to,
            disabled_reason=decision.paused_reason,
            etag=answer.etag,
            last_modified=answer.last_modified,
            body_hash=answer.body_hash,
            ttl_seconds=decision.ttl_seconds,
            entries_per_day=decision.entries_per_day,
            usual_gap_seconds=decision.usual_gap_seconds,
            last_entry_at=decision.last_entry_at,
            silent_since=decision.silent_since,
            title=decision.title,
            site_host=decision.site_host,
            name=answer.feed.title or None if answer.feed else None,
            host_pause_seconds=host_pause_seconds(outcome, self._pace.host_gap_seconds),
            events=decision.events,
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _run_both(poller: Poller, queue: PageQueue) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(poller.run())
        tasks.create_task(queue.run_forever())


async def serve(database: Database, settings: Settings) -> None:
    """Poll feeds, and read the pages that their entries wait for, until SIGTERM or SIGINT."""
    box = SecretBox.from_keys(settings.secret_key.get_secret_value()) if settings.secret_key else None
    async with OutgoingClient(settings.egress_allow) as client, FeedReader() as reader, PageReader() as page_reader:
        surroundings = Surroundings(database, client, reader, box, heartbeat_path=settings.heartbeat_path)
        fetcher = PageFetcher(client, page_reader, system_clock, Rules(settings.respect_robots))
        queue = PageQueue(database, fetcher, system_clock)
        task = asyncio.create_task(_run_both(Poller(surroundings), queue))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
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
