"""Reading pages in confined children. Run as a program, this module is such a child."""

from functools import partial

import msgspec

from ingest.children import ChildLimits, Children, Job, serve, start_child
from ingest.pages.page import Page

# trafilatura takes some 30 ms for a usual page; what takes so much longer was not written for readers.
CPU_SECONDS = 5.0
LIMITS = ChildLimits(CPU_SECONDS, grace_seconds=2, memory_bytes=400 * 1024 * 1024, kept_kilobytes=220 * 1024)
CHILDREN = 1


class PageReader(Children):
    """Reads pages in at most `children` processes."""

    def __init__(self, children: int = CHILDREN) -> None:
        super().__init__(partial(start_child, "ingest.pages.reader"), children)

    async def read(self, body: bytes, content_type: str, url: str) -> Page:
        """As `ingest.pages.extract.read_page`; a page that takes too much time or memory has no text."""
        outcome = await self.ask(Job("page", body, content_type, url))
        if outcome.value is None:
            return Page("no_text", detail=f"the page {outcome.limit or outcome.error}")
        return msgspec.msgpack.decode(outcome.value, type=Page)


def main() -> None:
    from ingest.pages.extract import read_page  # only the child needs trafilatura, which takes memory

    serve(lambda job: read_page(job.body, job.content_type, job.url), LIMITS)


if __name__ == "__main__":
    main()
