"""Finding the feeds of a site from the address of any of its pages.

The address itself, what its page links to as feeds, the usual places, and the news sitemaps that robots.txt names: each
is fetched and read before it is offered, one request at a time and so many at most.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

from ingest.confine import FeedReader
from ingest.entries import FeedError, ParsedFeed
from ingest.pages.robots import MAX_ROBOTS_BYTES, parse_robots
from ingest.parse import MAX_FEED_BYTES, unpack
from ingest.sitemap import is_news, parse_index
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http import MAX_REDIRECTS, Limits, OutgoingClient, Request, Response
from wirewatch.store.feeds import FeedKind

MAX_REQUESTS = 16
MAX_LINKS = 8
MAX_SITEMAPS = 3
TOTAL_SECONDS = 60.0
GAP_SECONDS = 0.3
LIMITS = Limits(total_seconds=15.0, body_bytes=MAX_FEED_BYTES, redirects=MAX_REDIRECTS, cut_body=True)
ROBOTS_LIMITS = Limits(total_seconds=10.0, body_bytes=MAX_ROBOTS_BYTES, redirects=MAX_REDIRECTS, cut_body=True)
READ_CHARS = 512 * 1024

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
USUAL_PATHS = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")

_TAG = re.compile(r"<(link|a|base)\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_FEED_PATH = re.compile(r"(?:^|[/._-])(?:rss|atom|feed|feeds)(?:[/._-]|$)|\.(?:rss|atom|rdf)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """`found_as` says where: itself, link, path or sitemap."""

    url: str
    kind: FeedKind
    title: str
    entries: int
    latest_at: datetime | None
    found_as: str


@dataclass(slots=True)
class Discovery:
    """`notes` say in words what was tried in vain."""

    feeds: list[FoundFeed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def feed_links(html: str, url: str) -> list[str]:
    """The addresses that a page gives as feeds: its alternate links first, then other links that look like feeds."""
    base, declared, linked = url, list[str](), list[str]()
    for tag in _TAG.finditer(html[:READ_CHARS]):
        given = {name.lower(): unescape(a or b or c).strip() for name, a, b, c in _ATTRIBUTE.findall(tag[2])}
        href = given.get("href", "")
        if not href:
            continue
        if tag[1].lower() == "base":
            base = _join(url, href) or base
        elif tag[1].lower() == "link" and given.get("type", "").lower() in FEED_TYPES:
            if "alternate" in given.get("rel", "alternate").lower() or "feed" in given.get("rel", "").lower():
                declared.append(href)
        elif tag[1].lower() == "a" and _FEED_PATH.search(href.partition("?")[0]):
            linked.append(href)
    found = (_join(base, href) for href in (*declared, *linked))
    # Feeds of comments come last: they are hardly ever what is wanted.
    return sorted(dict.fromkeys(link for link in found if link), key=lambda link: "comment" in link.lower())


def _join(base: str, href: str) -> str | None:
    try:
        link = urljoin(base, href).partition("#")[0]
        return link if urlsplit(link).scheme in ("http", "https") and urlsplit(link).hostname else None
    except ValueError:
        return None


class Explorer:
    """Looks at one site after another."""

    def __init__(self, client: OutgoingClient, reader: FeedReader) -> None:
        self._client, self._reader = client, reader

    async def discover(self, url: str) -> Discovery:
        """Never raises for what the site does; RefusedAddressError where the address itself may not be reached."""
        search = _Search(self._client, self._reader)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                await search.run(url)
        except TimeoutError:
            search.result.notes.append(f"the search was ended after {TOTAL_SECONDS:g} s")
        return search.result


class _Search:
    """What one search has asked and found."""

    def __init__(self, client: OutgoingClient, reader: FeedReader) -> None:
        self._client, self._reader = client, reader
        self._asked: set[str] = set()
        self.result = Discovery()

    async def run(self, url: str) -> None:
        first = await self._fetch(url, raises_refusal=True)
        if first is None:
            return
        if await self._offer(first, "feed", "itself") or await self._offer_sitemap(first, is_asked_for=True):
            return
        links = feed_links(first.body[:READ_CHARS].decode("utf-8", "replace"), first.url)[:MAX_LINKS]
        await self._try(links, "link")
        if not self.result.feeds:
            await self._try((urljoin(first.url, path) for path in USUAL_PATHS), "path")
        await self._try_sitemaps(first.url)
        if not self.result.feeds:
            self.result.notes.append(
                "no feed was found: neither linked, nor in the usual places, nor as a news sitemap"
            )

    async def _try(self, urls: Iterable[str], found_as: str) -> None:
        for url in urls:
            response = await self._fetch(url)
            if response is not None and not await self._offer(response, "feed", found_as):
                await self._offer_sitemap(response)

    async def _try_sitemaps(self, url: str) -> None:
        response = await self._fetch(urljoin(url, "/robots.txt"), limits=ROBOTS_LIMITS)
        if response is None:
            return
        named = parse_robots(response.body.decode("utf-8", "replace")).sitemaps
        for sitemap in sorted(named, key=lambda name: "news" not in name.lower())[:MAX_SITEMAPS]:
            answer = await self._fetch(_join(url, sitemap) or "")
            if answer is not None:
                await self._offer_sitemap(answer)

    async def _offer_sitemap(self, response: Response, *, is_asked_for: bool = False) -> bool:
        """A news sitemap, or those that an index of sitemaps leads to; whether it was either. One whose own address was
        given need not be of news.
        """
        try:
            body = unpack(response.body)
            listed = await asyncio.to_thread(parse_index, body, response.url)
        except FeedError:
            return False
        if not listed:
            is_wanted = is_asked_for or is_news(body)
            return is_wanted and await self._offer(response, "sitemap", "itself" if is_asked_for else "sitemap")
        for sitemap in listed[:MAX_SITEMAPS]:
            answer = await self._fetch(sitemap.url)
            if answer is not None and is_news(answer.body):
                await self._offer(answer, "sitemap", "sitemap")
        if is_asked_for and not self.result.feeds:
            await self._offer(response, "sitemap", "itself")
        return True

    async def _offer(self, response: Response, kind: FeedKind, found_as: str) -> bool:
        content_type = response.find_header("content-type") or ""
        try:
            feed = await self._reader.read(kind, response.body, content_type, response.url)
        except FeedError:
            return False
        if all(known.url != response.url for known in self.result.feeds):
            self.result.feeds.append(_found(response.url, kind, feed, found_as))
        return True

    async def _fetch(self, url: str, *, limits: Limits = LIMITS, raises_refusal: bool = False) -> Response | None:
        if not url or url in self._asked or len(self._asked) >= MAX_REQUESTS:
            return None
        if self._asked:
            await asyncio.sleep(GAP_SECONDS)
        self._asked.add(url)
        try:
            response = await self._client.fetch(Request(url, limits=limits))
        except RefusedAddressError as error:
            if raises_refusal:
                raise
            self.result.notes.append(f"{url}: {error}")
            return None
        except FetchError as error:
            self.result.notes.append(f"{url}: {error}")
            return None
        if not 200 <= response.status < 300:
            if raises_refusal:
                self.result.notes.append(f"{url}: the server answered {response.status}")
            return None
        self._asked.add(response.url)
        return response


def _found(url: str, kind: FeedKind, feed: ParsedFeed, found_as: str) -> FoundFeed:
    dates = [entry.published_at or entry.updated_at for entry in feed.entries]
    latest_at = max((at for at in dates if at), default=None)
    return FoundFeed(url, kind, feed.title, len(feed.entries), latest_at, found_as)
