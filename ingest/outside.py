"""The calls about feeds that look at the world: a dry run, and finding feeds. What is kept of feeds is the API's."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from pydantic import Field

from ingest.check import Checker, FeedCheck, Wanted
from ingest.confine import FeedReader
from ingest.discovery import Discovery, Explorer
from ingest.html_pages import read_pages
from ingest.pages.fetch import PageFetcher, Rules
from ingest.pages.reader import PageReader
from ingest.receive import Refusal, Submission
from wirewatch.clock import system_clock
from wirewatch.db import Database
from wirewatch.http import OutgoingClient, check_url
from wirewatch.settings import Settings
from wirewatch.store.feeds import FeedKind, FullText
from wirewatch.web import Requires
from wirewatch.web.bodies import Body, Text

WRITE = Depends(Requires("write"))
CONNECTIONS = 20


class CheckBody(Body):
    """A feed as POST /v1/feeds would be told of it."""

    url: Text = Field(min_length=1, max_length=8192)
    kind: FeedKind = "feed"
    full_text: FullText = "off"


class DiscoverBody(Body):
    """The address of any page of a site; without a scheme https is meant."""

    url: Text = Field(min_length=1, max_length=8192)


class Outside:
    """What looks at the world, there while the service runs."""

    def __init__(self) -> None:
        self.checker: Checker | None = None
        self.explorer: Explorer | None = None
        self.page_reader: PageReader | None = None

    async def read_pages(self, submissions: Sequence[Submission | Refusal]) -> list[Submission | Refusal]:
        """Text in place of HTML that is a whole page."""
        if self.page_reader is None:
            return list(submissions)
        return await read_pages(self.page_reader, submissions, system_clock)


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def lifespan_of(outside: Outside, database: Database, settings: Settings) -> Lifespan:
    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        async with (
            OutgoingClient(settings.egress_allow, connections=CONNECTIONS) as client,
            FeedReader() as reader,
            PageReader() as page_reader,
        ):
            fetcher = PageFetcher(client, page_reader, system_clock, Rules(settings.respect_robots))
            outside.checker = Checker(database, client, reader, fetcher, system_clock)
            outside.explorer = Explorer(client, reader)
            outside.page_reader = page_reader
            yield

    return run


def install(app: FastAPI, outside: Outside, settings: Settings) -> None:
    """The routes."""

    @app.post("/v1/feeds/check", dependencies=[WRITE], tags=["feeds"])
    async def check_feed(body: CheckBody) -> FeedCheck:
        """A dry run: what a poll of this feed would read now. Nothing is stored."""
        await to_thread.run_sync(check_url, body.url, settings.egress_allow)
        assert outside.checker is not None
        return await outside.checker.check(Wanted(body.url, body.kind, body.full_text))

    @app.post("/v1/feeds/discover", dependencies=[WRITE], tags=["feeds"])
    async def discover_feeds(body: DiscoverBody) -> Discovery:
        """The feeds of a site, from the address of any of its pages. Nothing is stored."""
        url = body.url if "://" in body.url else f"https://{body.url}"
        await to_thread.run_sync(check_url, url, settings.egress_allow)
        assert outside.explorer is not None
        return await outside.explorer.discover(url)
