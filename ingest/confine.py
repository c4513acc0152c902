"""Reading feeds in confined children. Run as a program, this module is such a child."""

from asyncio.subprocess import Process
from types import TracebackType
from typing import Self

import msgspec

from ingest.children import ChildLimits, Children, Job, start_child
from ingest.children import serve as serve_child
from ingest.entries import FeedError, ParsedFeed

CPU_SECONDS = 2.0
GRACE_SECONDS = 2
MEMORY_BYTES = 400 * 1024 * 1024
KEPT_KILOBYTES = 120 * 1024
CHILDREN = 2


class FeedReader:
    """Reads bodies in at most `children` processes, which are started when needed. Close it with `async with`.

    `reading`: how many bodies are being read, or wait for it.
    """

    def __init__(self, children: int = CHILDREN) -> None:
        self._children = Children(_start, children)
        self.reading = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._children.__aexit__(kind, error, trace)

    async def read(self, kind: str, body: bytes, content_type: str, url: str) -> ParsedFeed:
        """As `ingest.parse.parse_body`, and raises FeedError where it takes too much time or memory, too."""
        self.reading += 1
        try:
            outcome = await self._children.read(Job(kind, body, content_type, url))
        finally:
            self.reading -= 1
        if outcome.value is None:
            raise FeedError(outcome.error or f"the feed {outcome.limit}")
        return msgspec.msgpack.decode(outcome.value, type=ParsedFeed)


async def _start() -> Process:
    return await start_child("ingest.confine")


def serve() -> None:
    """Answer bodies from standard input until it ends."""
    from ingest.parse import parse_body  # only the child needs feedparser, which takes memory

    limits = ChildLimits(CPU_SECONDS, GRACE_SECONDS, MEMORY_BYTES, KEPT_KILOBYTES)
    serve_child(lambda job: parse_body(job.kind, job.body, job.content_type, job.url), limits)


if __name__ == "__main__":
    serve()
