"""Getting the page that an entry links to: as robots.txt allows, within bounds, with an answer whatever comes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Literal
from urllib.parse import urlsplit

from ingest.pages.page import Page
from ingest.pages.reader import PageReader
from ingest.pages.robots import ALLOW_ALL, DENY_ALL, MAX_ROBOTS_BYTES, Robots, parse_robots
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http import MAX_REDIRECTS, Limits, OutgoingClient, Request, Response, parse_retry_after

State = Literal[
    "read",
    "kept",
    "consent_wall",
    "paywall",
    "bot_check",
    "no_text",
    "not_html",
    "robots",
    "noarchive",
    "gone",
    "refused",
    "failed",
]

MAX_PAGE_BYTES = 4 * 1024 * 1024
PAGE_SECONDS = 20.0
PAGE_LIMITS = Limits(total_seconds=PAGE_SECONDS, body_bytes=MAX_PAGE_BYTES, redirects=MAX_REDIRECTS, cut_body=True)
ROBOTS_LIMITS = Limits(total_seconds=10.0, body_bytes=MAX_ROBOTS_BYTES, redirects=MAX_REDIRECTS, cut_body=True)
HEADERS = (("Accept", "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"),)
ROBOTS_KEPT_SECONDS = 86_400.0  # the longest that RFC 9309 allows
ROBOTS_FAILED_SECONDS = 600.0
ROBOTS_KEPT = 10_000
GAP_SECONDS = 1.0

PAYMENT_REQUIRED = 402
GONE = frozenset({404, 410, 451})
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a page. `page` where it could be read; `retry_seconds` where trying again may help."""

    state: State
    detail: str = ""
    page: Page | None = None
    retry_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What is respected: robots.txt, and pages and answers that say noarchive."""

    respect_robots: bool = True


class PageFetcher:
    """Fetches pages through the one outgoing client; keeps each site's robots.txt for a day."""

    def __init__(
        self, client: OutgoingClient, reader: PageReader, clock: Callable[[], datetime], rules: Rules | None = None
    ) -> None:
        self._client, self._reader, self._clock, self._rules = client, reader, clock, rules or Rules()
        self._robots: OrderedDict[str, tuple[float, Robots]] = OrderedDict()

    async def fetch(self, url: str) -> Fetched:
        """Never raises for what the site, its address or its page do."""
        try:
            return await self._fetch(url)
        except RefusedAddressError as error:
            return Fetched("refused", str(error))
        except FetchError as error:
            return Fetched("failed", str(error), retry_seconds=0.0)

    async def _fetch(self, url: str) -> Fetched:
        if not await self._is_allowed(url):
            return Fetched("robots", "the site's robots.txt asks us not to read this page")
        response = await self._client.fetch(Request(url, headers=HEADERS, limits=PAGE_LIMITS))
        if _origin(response.url) != _origin(url) and not await self._is_allowed(response.url):
            return Fetched("robots", "robots.txt where the page led to asks us not to read it")
        refusal = self._refusal_of(response)
        if refusal:
            return refusal
        content_type = response.find_header("content-type") or ""
        page = await self._reader.read(response.body, content_type, response.url)
        if self._rules.respect_robots and (page.forbids_archive or _says_noarchive(response)):
            return Fetched("noarchive", "the page asks not to be kept")
        if page.verdict != "article":
            return Fetched(page.verdict, page.detail, page)
        return Fetched("read", "", page)

    def _refusal_of(self, response: Response) -> Fetched | None:
        status, detail = response.status, f"the server answered {response.status}"
        if 200 <= status < 300:
            return None
        if status == PAYMENT_REQUIRED:
            return Fetched("paywall", detail)
        if status in GONE:
            return Fetched("gone", detail)
        if status in PASSING:
            return Fetched("failed", detail, retry_seconds=parse_retry_after(response, self._clock()) or 0.0)
        return Fetched("refused", detail)

    async def _is_allowed(self, url: str) -> bool:
        if not self._rules.respect_robots:
            return True
        return (await self.find_robots(url)).allows(url)

    def gap_seconds(self, url: str) -> float:
        """How long the site is to be left alone after a page."""
        kept = self._robots.get(_origin(url))
        return max(GAP_SECONDS, kept[1].crawl_delay_seconds if kept else 0.0)

    async def find_robots(self, url: str) -> Robots:
        """The rules of the site that the address is on, kept for a day."""
        origin = _origin(url)
        kept = self._robots.get(origin)
        if kept and kept[0] > monotonic():
            self._robots.move_to_end(origin)
            return kept[1]
        robots, seconds = await self._ask_robots(origin)
        self._robots[origin] = (monotonic() + seconds, robots)
        while len(self._robots) > ROBOTS_KEPT:
            self._robots.popitem(last=False)
        await asyncio.sleep(self.gap_seconds(url))
        return robots

    async def _ask_robots(self, origin: str) -> tuple[Robots, float]:
        """RFC 9309, 2.3.1: where there is none all is allowed, where it cannot be had nothing is."""
        try:
            response = await self._client.fetch(Request(f"{origin}/robots.txt", limits=ROBOTS_LIMITS))
        except FetchError:
            return DENY_ALL, ROBOTS_FAILED_SECONDS
        if 200 <= response.status < 300:
            return parse_robots(response.body.decode("utf-8", "replace")), ROBOTS_KEPT_SECONDS
        if response.status >= 500 or response.status == 429:
            return DENY_ALL, ROBOTS_FAILED_SECONDS
        return ALLOW_ALL, ROBOTS_KEPT_SECONDS


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _says_noarchive(response: Response) -> bool:
    """X-Robots-Tag, for all robots or by our name."""
    for part in (response.find_header("x-robots-tag") or "").lower().split(","):
        name, _, rule = part.rpartition(":")
        if rule.strip() == "noarchive" and name.strip() in ("", "wirewatch"):
            return True
    return False
