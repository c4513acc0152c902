"""Many articles in one body: cut into groups as they stream in, stored group by group, answered in their order.

However long the body, no more is in memory than one group of it. The answers wait in a file, since most clients read
none of them before they have sent everything.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from tempfile import SpooledTemporaryFile

import msgspec
from anyio import to_thread
from fastapi import Response
from starlette.responses import StreamingResponse

from ingest.receive import BATCH, Refusal
from wirewatch.db import DatabaseUnavailableError
from wirewatch.store.receipts import Receipt
from wirewatch.web import Problem, ProblemError
from wirewatch.web.bodies import JSON_TYPE, read_json
from wirewatch.web.problems import RETRY_AFTER_SECONDS, invalid

GROUP_BYTES = 4 * 1024 * 1024
ANSWERS_IN_MEMORY_BYTES = 1024 * 1024
READ_BYTES = 64 * 1024
# More in one array are better sent as lines, which need not be in memory together.
MAX_ARRAY_ITEMS = 200_000

Answer = Receipt | Refusal
Take = Callable[[list[bytes]], Awaitable[list[Answer]]]

# A string (one that is never closed goes on to the end), or what structures the values.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[][{},]', re.DOTALL)


async def answer_groups(groups: AsyncIterator[list[bytes]], take: Take) -> Response:
    """Hands each group to `take` before the next is read; 200 with an answer for each article, in their order.

    Raises ProblemError 503 where the database is lost on the way, which says how many articles it has already.
    """
    answers = Answers()
    try:
        async for group in groups:
            answers.add(await take(group))
    except DatabaseUnavailableError as error:
        answers.discard()
        if not answers.count:
            raise
        detail = f"the database was lost; the first {answers.count} articles are stored, the others are not"
        raise ProblemError(Problem(503, detail, headers={"Retry-After": RETRY_AFTER_SECONDS})) from error
    except BaseException:
        answers.discard()
        raise
    return answers.response()


class Answers:
    """The body of the answer, in memory while it is small and in a temporary file beyond."""

    def __init__(self) -> None:
        self.count = 0
        self._file = SpooledTemporaryFile(max_size=ANSWERS_IN_MEMORY_BYTES)  # noqa: SIM115 (closed when it was sent)
        self._file.write(b'{"items":[')

    def add(self, answers: list[Answer]) -> None:
        for answer in answers:
            shown = {"error": problem_of(answer).document()} if isinstance(answer, Refusal) else answer
            self._file.write((b"," if self.count else b"") + msgspec.json.encode(shown))
            self.count += 1

    def response(self) -> Response:
        self._file.write(b"]}")
        headers = {"Content-Length": str(self._file.tell())}
        self._file.seek(0)
        return StreamingResponse(self._pieces(), 200, headers, JSON_TYPE)

    def discard(self) -> None:
        self._file.close()

    def _pieces(self) -> Iterator[bytes]:
        with self._file:
            yield from iter(lambda: self._file.read(READ_BYTES), b"")


class _Group:
    """What is handed on together, bounded in number and bytes; one long item may be a group."""

    def __init__(self) -> None:
        self._items: list[bytes] = []
        self._bytes = 0

    def add(self, item: bytes) -> list[bytes]:
        """Those before it, where it has no place among them."""
        is_full = len(self._items) == BATCH or self._bytes + len(item) > GROUP_BYTES
        full = self.take() if is_full else []
        self._items.append(item)
        self._bytes += len(item)
        return full

    def take(self) -> list[bytes]:
        items, self._items, self._bytes = self._items, [], 0
        return items


async def groups_of_lines(chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[list[bytes]]:
    """The lines that are not blank, in groups."""
    group = _Group()
    async for line in lines_of(chunks, limit_bytes):
        if full := group.add(line):
            yield full
    if rest := group.take():
        yield rest


async def groups_of_array(body: bytes) -> AsyncIterator[list[bytes]]:
    """The items of a JSON array, in groups like lines.

    The whole body is checked first, so that of an array that is no JSON (ProblemError 400) nothing is stored.
    """
    await to_thread.run_sync(_check_items, body)
    group = _Group()
    for item in items_of(body):
        if full := group.add(item):
            yield full
    if rest := group.take():
        yield rest


def _check_items(body: bytes) -> None:
    for count, item in enumerate(items_of(body), 1):
        if count > MAX_ARRAY_ITEMS:
            detail = f"the array has more than {MAX_ARRAY_ITEMS} articles; send them as one JSON object a line"
            raise ProblemError(Problem(413, detail))
        read_json(item)


def items_of(body: bytes) -> Iterator[bytes]:
    """The items of the JSON array that `body` begins with, cut out and not yet read. Linear, whatever is sent.

    Raises ProblemError 400 where the array does not end, or is not all there is; other mistakes are the items' own.
    """
    depth, start, is_first = 0, 0, True
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in b"[{":
            depth += 1
            start = token.end() if depth == 1 else start
        elif mark in b"]}":
            depth -= 1
            if depth == 0:
                item = body[start : token.start()]
                if item.strip() or not is_first:
                    yield item
                if mark != b"]" or body[token.end() :].strip():
                    break
                return
        elif mark == b"," and depth == 1:
            yield body[start : token.start()]
            start, is_first = token.end(), False
    raise ProblemError(Problem(400, "the body is not valid JSON: the array does not end where the body ends"))


async def lines_of(chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[bytes]:
    """The lines that are not blank. Of a line longer than `limit_bytes` only one byte more is kept, which tells."""
    rest = bytearray()
    async for chunk in chunks:
        first, *others = chunk.split(b"\n")
        rest += first[: limit_bytes + 1 - len(rest)]
        for other in others:
            if rest.strip():
                yield bytes(rest)
            rest = bytearray(other[: limit_bytes + 1])
    if rest.strip():
        yield bytes(rest)


def problem_of(refusal: Refusal) -> Problem:
    if refusal.status == 422:
        return invalid(refusal.problems)
    return Problem(refusal.status, "; ".join(detail for _, detail in refusal.problems))
