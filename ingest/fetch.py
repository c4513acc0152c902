"""One feed asked for once: the request, and what the answer means for the feed and its entries."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from ingest.confine import FeedReader
from ingest.entries import FeedError, ParsedEntry, ParsedFeed
from ingest.habits import FeedState, Reading
from ingest.identity import fold_host
from ingest.parse import MAX_FEED_BYTES
from ingest.parts import fetch_parts, hash_of, read_parts
from ingest.receive import EARLIEST, FUTURE, MAX_CHARS, Submission
from ingest.schedule import NOT_MODIFIED, PollOutcome, find_permanent_url, parse_max_age
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http import MAX_REDIRECTS, Headers, Limits, OutgoingClient, Request, Response, parse_retry_after
from wirewatch.store.polls import DueFeed

FETCH_SECONDS = 30.0
LIMITS = Limits(total_seconds=FETCH_SECONDS, body_bytes=MAX_FEED_BYTES, redirects=MAX_REDIRECTS)
# Of the polls under way many may be of large bodies; so many of these at a time fit into a small container.
LARGE_BODIES = 8
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a feed's server wants to be told, in clear."""

    credentials: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fetch gave: how it went, the feed if there is a new one, and what to send and compare next time."""

    outcome: PollOutcome
    feed: ParsedFeed | None
    etag: str | None
    last_modified: str | None
    body_hash: bytes | None


class Fetcher:
    def __init__(self, client: OutgoingClient, reader: FeedReader) -> None:
        self._client, self._reader = client, reader
        self._large = asyncio.Semaphore(LARGE_BODIES)

    async def fetch(self, feed: DueFeed, secrets: Secrets, now: datetime) -> Answer:
        """Ask for the feed if it has changed. Never raises for what the server, its address or its feed do.

        A large body is held only with one of the few places for such, until it has been read.
        """
        async with AsyncExitStack() as held:
            limits = replace(LIMITS, before_large=lambda: held.enter_async_context(self._large))
            return await self._fetch(feed, Request(feed.url, headers=headers_of(feed, secrets), limits=limits), now)

    async def _fetch(self, feed: DueFeed, request: Request, now: datetime) -> Answer:
        try:
            response = await self._client.fetch(request)
        except (FetchError, RefusedAddressError) as error:
            return failed(feed, PollOutcome(status=None, error=str(error)))
        outcome = _outcome_of(response, now)
        if not outcome.is_success:
            return failed(feed, outcome)
        body_hash = hashlib.blake2b(response.body, digest_size=16).digest()
        if response.status == NOT_MODIFIED or body_hash == feed.body_hash:
            return _unchanged(feed, response, outcome)
        try:
            content_type = response.find_header("content-type") or ""
            parsed = await self._reader.read(feed.kind, response.body, content_type, response.url)
            if parsed.parts:
                return await self._fetch_parts(feed, outcome, parsed)
        except FeedError as error:
            return failed(feed, replace(outcome, error=str(error)))
        etag, last_modified = response.find_header("etag"), response.find_header("last-modified")
        return Answer(replace(outcome, reading=reading_of(parsed)), parsed, etag, last_modified, body_hash)

    async def _fetch_parts(self, feed: DueFeed, outcome: PollOutcome, index: ParsedFeed) -> Answer:
        """Without validators: those of an index say nothing of its parts. Raises FeedError."""
        parts = await fetch_parts(self._client, index)
        body_hash = hash_of(parts)
        if body_hash == feed.body_hash:
            return Answer(outcome, None, None, None, body_hash)
        parsed = await read_parts(self._reader, index, parts)
        return Answer(replace(outcome, reading=reading_of(parsed)), parsed, None, None, body_hash)


def failed(feed: DueFeed, outcome: PollOutcome) -> Answer:
    return Answer(outcome, None, feed.etag, feed.last_modified, feed.body_hash)


def _unchanged(feed: DueFeed, response: Response, outcome: PollOutcome) -> Answer:
    etag = response.find_header("etag") or feed.etag
    return Answer(outcome, None, etag, response.find_header("last-modified") or feed.last_modified, feed.body_hash)


def headers_of(feed: DueFeed, secrets: Secrets) -> Headers:
    headers = [] if any(name.lower() == "accept" for name in secrets.headers) else [("Accept", ACCEPT)]
    headers += [("If-None-Match", feed.etag)] if feed.etag else []
    headers += [("If-Modified-Since", feed.last_modified)] if feed.last_modified else []
    credentials = secrets.credentials
    if "token" in credentials:
        headers.append(("Authorization", f"Bearer {credentials['token']}"))
    elif credentials:
        pair = f"{credentials.get('username', '')}:{credentials.get('password', '')}"
        headers.append(("Authorization", f"Basic {b64encode(pair.encode()).decode('ascii')}"))
    return (*headers, *secrets.headers.items())


def _outcome_of(response: Response, now: datetime) -> PollOutcome:
    return PollOutcome(
        status=response.status,
        max_age_seconds=parse_max_age(response.find_header("cache-control")),
        retry_after_seconds=parse_retry_after(response, now),
        permanent_url=find_permanent_url(response.redirects),
    )


def reading_of(parsed: ParsedFeed) -> Reading:
    host = urlsplit(parsed.url).hostname if parsed.url else None
    return Reading(
        title=parsed.title[:1000] or None,
        site_host=fold_host(host) if host else None,
        ttl_seconds=parsed.ttl_seconds,
        dates=tuple(at for entry in parsed.entries if (at := entry.published_at or entry.updated_at)),
        warning=parsed.warning,
    )


def state_of(feed: DueFeed) -> FeedState:
    return FeedState(
        min_interval_seconds=feed.min_interval_seconds,
        max_interval_seconds=feed.max_interval_seconds,
        url=feed.url,
        failures=feed.failures,
        entries_per_day=feed.entries_per_day,
        usual_gap_seconds=feed.usual_gap_seconds,
        ttl_seconds=feed.ttl_seconds,
        moved_to=feed.moved_to,
        last_success_at=feed.last_success_at,
        last_entry_at=feed.last_entry_at,
        silent_since=feed.silent_since,
        title=feed.title,
        site_host=feed.site_host,
        last_warning=feed.last_warning,
        has_secrets=bool(feed.credentials or feed.headers),
    )


def submission_of(entry: ParsedEntry, feed: DueFeed, parsed: ParsedFeed, now: datetime) -> Submission:
    """An entry as an article of the feed's publisher, identified by what the feed calls it.

    A date that cannot be true is no reason to lose the entry, it counts as unknown; nor is an entry without words, for
    which its address has to stand.
    """
    published_at = entry.published_at
    if published_at and not EARLIEST <= published_at <= now + FUTURE:
        published_at = None
    return Submission(
        title=entry.title or (None if entry.text else entry.url),
        text=entry.text or None,
        url=entry.url,
        published_at=published_at,
        source_name=(feed.name or parsed.title)[: MAX_CHARS["/source/name"]] or None,
        source_domain=_domain_of(parsed.url) or _domain_of(feed.url),
        lang=feed.lang or parsed.lang,
        external_id=entry.external_id,
    )


def _domain_of(url: str | None) -> str | None:
    host = urlsplit(url).hostname if url else None
    return host if host and len(host) <= MAX_CHARS["/source/domain"] else None
