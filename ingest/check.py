"""What would be read of a feed, told without storing anything."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from ingest.confine import FeedReader
from ingest.entries import FeedError, ParsedEntry, ParsedFeed
from ingest.pages.choose import domains_of_all, is_cut_short, wants_page
from ingest.pages.fetch import Fetched, PageFetcher
from ingest.parts import fetch_parts, read_parts
from ingest.receive import Limits as ArticleLimits
from ingest.receive import Refusal, Submission, prepare
from ingest.schedule import find_permanent_url
from wirewatch.clock import Clock
from wirewatch.db import Database
from wirewatch.errors import FetchError
from wirewatch.http import MAX_REDIRECTS, Limits, OutgoingClient, Request, Response
from wirewatch.store import pages
from wirewatch.store.feeds import FeedKind, FullText

LIMITS = Limits(total_seconds=30.0, body_bytes=10 * 1024 * 1024, redirects=MAX_REDIRECTS)
SHOWN_ENTRIES = 50
SHOWN_CHARS = 200


@dataclass(frozen=True, slots=True)
class EntryView:
    """`identity` is what makes the entry the same article next time; `problem` says why it would be refused."""

    identity: str
    url: str | None
    title: str
    published_at: datetime | None
    updated_at: datetime | None
    text_characters: int
    text_from: Literal["feed", "page"]
    text: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PageView:
    """What the page of the first entry that would be read gave."""

    url: str
    state: str
    detail: str
    title: str | None
    author: str | None
    text_characters: int
    text: str


@dataclass(slots=True)
class FeedCheck:
    """`error` says why nothing would be read; `warnings` what its owner may want to know. At most 50 entries."""

    url: str
    final_url: str | None = None
    status: int | None = None
    error: str | None = None
    title: str | None = None
    lang: str | None = None
    entry_count: int = 0
    entries: list[EntryView] = field(default_factory=list)
    page: PageView | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The feed as it would be told."""

    url: str
    kind: FeedKind = "feed"
    full_text: FullText = "off"


@dataclass(frozen=True, slots=True)
class Checker:
    """Reads by the same code as the poller."""

    database: Database
    client: OutgoingClient
    reader: FeedReader
    fetcher: PageFetcher
    clock: Clock

    async def check(self, wanted: Wanted) -> FeedCheck:
        """Never raises for what the feed does; RefusedAddressError where its address may not be reached."""
        result = FeedCheck(wanted.url)
        try:
            response = await self.client.fetch(Request(wanted.url, limits=LIMITS))
        except FetchError as error:
            result.error = str(error)
            return result
        result.status, result.final_url = response.status, response.url
        if not 200 <= response.status < 300:
            result.error = f"the server answered {response.status}"
            return result
        try:
            content_type = response.find_header("content-type") or ""
            feed = await self.reader.read(wanted.kind, response.body, content_type, response.url)
            if feed.parts:
                feed = await read_parts(self.reader, feed, await fetch_parts(self.client, feed))
        except FeedError as error:
            result.error = str(error)
            return result
        await self._show(result, wanted, feed)
        result.warnings += warnings_of(feed, response, wanted)
        return result

    async def _show(self, result: FeedCheck, wanted: Wanted, feed: ParsedFeed) -> None:
        result.title, result.lang, result.entry_count = feed.title or None, feed.lang, len(feed.entries)
        shown = [(entry, submission(entry, feed)) for entry in feed.entries[:SHOWN_ENTRIES]]
        choices = await asyncio.to_thread(self._find_choices, [one for _, one in shown])
        limits = ArticleLimits(clock=self.clock)
        result.entries = [view(entry, one, wants_page(one, wanted.full_text, choices), limits) for entry, one in shown]
        first = next((entry.url for entry in result.entries if entry.text_from == "page"), None)
        if first is not None:
            result.page = page_view(first, await self.fetcher.fetch(first))

    def _find_choices(self, submissions: Sequence[Submission]) -> dict[str, str]:
        with self.database.transaction() as tx:
            return pages.find_choices(tx, domains_of_all(one.url for one in submissions))


def submission(entry: ParsedEntry, feed: ParsedFeed) -> Submission:
    return Submission(
        title=entry.title or (None if entry.text else entry.url),
        text=entry.text or None,
        url=entry.url,
        source_domain=urlsplit(feed.url or entry.url or "").hostname,
        lang=feed.lang,
        external_id=entry.external_id,
    )


def view(entry: ParsedEntry, one: Submission, from_page: bool, limits: ArticleLimits) -> EntryView:
    prepared = prepare(one, limits)
    return EntryView(
        identity=entry.external_id,
        url=entry.url,
        title=entry.title,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        text_characters=len(entry.text),
        text_from="page" if from_page else "feed",
        text=entry.text[:SHOWN_CHARS],
        problem="; ".join(f"{where}: {why}" for where, why in prepared.problems)
        if isinstance(prepared, Refusal)
        else None,
    )


def page_view(url: str, fetched: Fetched) -> PageView:
    page = fetched.page
    text = page.text if page else ""
    title, author = (page.title, page.author) if page else (None, None)
    return PageView(url, fetched.state, fetched.detail, title, author, len(text), text[:SHOWN_CHARS])


def warnings_of(feed: ParsedFeed, response: Response, wanted: Wanted) -> list[str]:
    """What its owner may want to know, in words."""
    entries = feed.entries
    undated = sum(entry.published_at is None for entry in entries)
    unlinked = sum(entry.url is None for entry in entries)
    cut = sum(is_cut_short(entry.text) for entry in entries)
    moved = find_permanent_url(response.redirects)
    found = [
        (feed.warning, feed.warning or ""),
        (not entries, "the feed has no entries now"),
        (undated, f"{undated} of {len(entries)} entries have no readable date"),
        (unlinked, f"{unlinked} of {len(entries)} entries have no link"),
        (moved, f"the feed has moved for good to {moved}"),
        (
            wanted.full_text == "off" and entries and cut > len(entries) / 2,
            f"{cut} of {len(entries)} entries are cut short; full text would read their pages",
        ),
        (
            not (response.find_header("etag") or response.find_header("last-modified")),
            "the server says neither ETag nor Last-Modified, so that each poll reads all of the feed",
        ),
    ]
    return [words for is_so, words in found if is_so]
