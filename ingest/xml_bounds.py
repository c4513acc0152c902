"""Bounds on XML before feedparser gets it: it takes some 80 microseconds for each element, grows with the square of the
depth, and is slower still where the XML is not well-formed.
"""

import re
from xml.parsers import expat

from ingest.entries import FeedError

# Each stands for about two seconds, and is above real feeds but for podcasts of thousands of episodes.
MAX_ELEMENTS = 25_000
MAX_ATTRIBUTES = 300  # of one element, namespaces among them: each element is compared with all of these
MAX_DEPTH = 5_000
MAX_BROKEN_MARKS = 200_000

ENTRY_TAGS = frozenset({"item", "entry"})

_TAG = re.compile(rb"<(/?)[A-Za-z][^<>]*?(/?)>")


def bound_xml(body: bytes) -> tuple[bytes, str | None]:
    """The body, cut after an entry if it has more elements than can be read in time, and what to say of the cut.

    Raises FeedError if reading it would take too long and it cannot be cut.
    """
    scan = _Scan(body)
    try:
        scan.run()
    except _TooManyElementsError:
        return scan.cut(), f"the feed has more than {MAX_ELEMENTS} elements: only its beginning was read"
    except (expat.ExpatError, LookupError, ValueError):  # not well-formed, or in an encoding that expat does not know
        _check_broken(body)
    return body, None


class _TooManyElementsError(Exception):
    pass


class _Scan:
    """One pass by expat that counts, and remembers where the last whole entry ended."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._elements = 0
        self._open: list[str] = []
        self._entry_end: tuple[int, tuple[str, ...]] | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def run(self) -> None:
        self._parser.Parse(self._body, True)

    def cut(self) -> bytes:
        if self._entry_end is None:
            raise FeedError(f"the feed has more than {MAX_ELEMENTS} elements")
        end, still_open = self._entry_end
        return self._body[:end] + b"".join(f"</{name}>".encode() for name in reversed(still_open))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._open.append(name)
        if len(self._open) > MAX_DEPTH:
            raise FeedError(f"the feed nests elements more than {MAX_DEPTH} deep")
        if len(attributes) > MAX_ATTRIBUTES:
            raise FeedError(f"an element of the feed has more than {MAX_ATTRIBUTES} attributes")
        if self._elements > MAX_ELEMENTS:
            raise _TooManyElementsError

    def _end(self, name: str) -> None:
        self._open.pop()
        if name.rpartition(":")[2] in ENTRY_TAGS:
            end_tag_at = self._parser.CurrentByteIndex
            self._entry_end = self._body.find(b">", end_tag_at) + 1, tuple(self._open)


def _check_broken(body: bytes) -> None:
    if body.count(b"<") + body.count(b"&") > MAX_BROKEN_MARKS:
        raise FeedError("the feed is not well-formed XML, and too large to be read all the same")
    depth = 0
    for closing, self_closing in _TAG.findall(body):
        depth = max(0, depth - 1) if closing else depth + (not self_closing)
        if depth > MAX_DEPTH:
            raise FeedError("the feed is not well-formed XML, and leaves too many elements open")
