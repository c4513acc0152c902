"""Reading feeds in confined children. Run as a program, this module is such a child."""

from functools import partial

import msgspec

from ingest.children import ChildLimits, Children, Job, Start, start_child
from ingest.children import serve as serve_child
from ingest.entries import FeedError, ParsedFeed

CPU_SECONDS = 2.0
GRACE_SECONDS = 2
MEMORY_BYTES = 400 * 1024 * 1024
KEPT_KILOBYTES = 120 * 1024
CHILDREN = 2
START: Start = partial(start_child, "ingest.confine")


class FeedReader(Children):
    """Reads feeds in at most `children` processes."""

    def __init__(self, children: int = CHILDREN, start: Start = START) -> None:
        super().__init__(start, children)

    async def read(self, kind: str, body: bytes, content_type: str, url: str) -> ParsedFeed:
        """As `ingest.parse.parse_body`, and raises FeedError where it takes too much time or memory, too."""
        outcome = await self.ask(Job(kind, body, content_type, url))
        if outcome.value is None:
            raise FeedError(outcome.error or f"the feed {outcome.limit}")
        return msgspec.msgpack.decode(outcome.value, type=ParsedFeed)


def serve() -> None:
    """Answer bodies from standard input until it ends."""
    from ingest.parse import parse_body  # only the child needs feedparser, which takes memory

    limits = ChildLimits(CPU_SECONDS, GRACE_SECONDS, MEMORY_BYTES, KEPT_KILOBYTES)
    serve_child(lambda job: parse_body(job.kind, job.body, job.content_type, job.url), limits)


if __name__ == "__main__":
    serve()
