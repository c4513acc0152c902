"""Feeds in parts: the sitemaps that an index names are fetched beside it, and read as one."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.confine import FeedReader
from ingest.entries import FeedError, ParsedEntry, ParsedFeed
from ingest.sitemap import MAX_URLS
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http import MAX_REDIRECTS, Limits, OutgoingClient, Request, Response

# The newest of a site's sitemaps hold its news; the rest is its archive.
MAX_PARTS = 5
PART_BYTES = 10 * 1024 * 1024
LIMITS = Limits(total_seconds=10.0, body_bytes=PART_BYTES, redirects=MAX_REDIRECTS)
GAP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One address of those that an index names: its answer, or why there is none."""

    url: str
    response: Response | None
    error: str = ""


async def fetch_parts(client: OutgoingClient, index: ParsedFeed) -> list[Part]:
    """The first so many parts, one after the other with a pause before each."""
    parts = []
    for url in index.parts[:MAX_PARTS]:
        await asyncio.sleep(GAP_SECONDS)
        parts.append(await _fetch(client, url))
    return parts


async def _fetch(client: OutgoingClient, url: str) -> Part:
    try:
        response = await client.fetch(Request(url, limits=LIMITS))
    except (FetchError, RefusedAddressError) as error:
        return Part(url, None, str(error))
    is_answer = 200 <= response.status < 300
    return Part(url, response if is_answer else None, "" if is_answer else f"the server answered {response.status}")


def hash_of(parts: Sequence[Part]) -> bytes:
    """Of all that was answered: an index stays as it is while its parts change."""
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        found.update(hashlib.blake2b(part.response.body if part.response else b"").digest())
    return found.digest()


async def read_parts(reader: FeedReader, index: ParsedFeed, parts: Sequence[Part]) -> ParsedFeed:
    """The entries of all parts that can be read, the newest first. Raises FeedError where none can be."""
    feeds: list[ParsedFeed] = []
    problems: list[str] = []
    for part in parts:
        try:
            feeds.append(await _read(reader, part))
        except FeedError as error:
            problems.append(f"{part.url}: {error}")
    if not feeds:
        raise FeedError("; ".join(problems)[:500])
    if len(index.parts) > len(parts):
        problems.append(f"of {len(index.parts)} sitemaps the first {len(parts)} are read")
    entries: dict[str, ParsedEntry] = {}
    for entry in (entry for feed in feeds for entry in feed.entries):
        entries.setdefault(entry.external_id, entry)
    newest = sorted(entries.values(), key=_newest, reverse=True)[:MAX_URLS]
    if len(newest) < len(entries):
        problems.append(f"only the newest {MAX_URLS} of {len(entries)} pages are read")
    return replace(feeds[0], entries=tuple(newest), warning="; ".join(problems)[:500] or None)


async def _read(reader: FeedReader, part: Part) -> ParsedFeed:
    if part.response is None:
        raise FeedError(part.error)
    content_type = part.response.find_header("content-type") or ""
    feed = await reader.read("sitemap", part.response.body, content_type, part.response.url)
    if feed.parts:
        raise FeedError("this is an index itself")
    return feed


def _newest(entry: ParsedEntry) -> datetime:
    return entry.published_at or entry.updated_at or datetime.min.replace(tzinfo=UTC)
