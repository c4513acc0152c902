"""From a request's body to answers: one article, an array, or lines without end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import msgspec
from anyio import to_thread
from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from ingest.backlog import RETRY_SECONDS, Backlog
from ingest.bulk import Answer, answer_groups, groups_of_array, groups_of_lines, problem_of
from ingest.receive import Limits, Refusal, Submission, receive
from ingest.submissions import parse_submission
from ingest.unpack import unpack
from wirewatch.db import Database
from wirewatch.web import Problem, ProblemError
from wirewatch.web.bodies import JSON_TYPE, NDJSON_TYPE, media_type_of, read_json, too_large

NDJSON_TYPES = (NDJSON_TYPE, "application/ndjson", "application/jsonl", "application/x-jsonlines")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# The largest JSON text that an article of the allowed size can become, every character escaped, and its other fields.
ESCAPED = 6
OTHER_FIELDS_BYTES = 64 * 1024

SILENCE_SECONDS = 60.0  # a sender that says nothing for so long is gone, or holds its place out of malice
STREAMS_AT_ONCE = 8
LARGE_BODY_BYTES = 4 * 1024 * 1024
LARGE_BODIES_AT_ONCE = 2  # so that bodies of the largest size fit into a small container
QUEUE_SECONDS = 30.0
# How long a stream stands still for a backlog that has become long under it, before its lines are sent back.
PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 1.0

BUSY = "much work is waiting; send it again later"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one body and one article of it may be."""

    max_body_bytes: int
    articles: Limits

    @property
    def max_line_bytes(self) -> int:
        return self.articles.max_article_bytes * ESCAPED + OTHER_FIELDS_BYTES


ReadPages = Callable[[Sequence[Submission | Refusal]], Awaitable[list[Submission | Refusal]]]


class Door:
    """Takes bodies in, so many at a time that memory stays bounded however many and however large they are."""

    def __init__(self, database: Database, backlog: Backlog, bounds: Bounds, read_pages: ReadPages) -> None:
        self._database, self._backlog, self._bounds = database, backlog, bounds
        self._read_pages = read_pages
        self._streams = anyio.Semaphore(STREAMS_AT_ONCE)
        self._large_bodies = anyio.Semaphore(LARGE_BODIES_AT_ONCE)

    async def take(self, request: Request) -> Response:
        """The answer to POST /v1/articles. Raises ProblemError."""
        is_lines = media_type_of(request, (JSON_TYPE, *NDJSON_TYPES)) in NDJSON_TYPES
        chunks = unpack(_heard(request), request.headers.get("content-encoding", ""))
        try:
            return await (self._take_lines(chunks) if is_lines else self._take_json(chunks))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it

    async def _take_lines(self, chunks: AsyncIterator[bytes]) -> Response:
        await self._check_backlog()
        patience = _Patience()

        async def take(lines: list[bytes]) -> list[Answer]:
            if await self._is_still_long(patience):
                return [_busy()] * len(lines)
            return await self._take_raw(lines)

        async with _place(self._streams):
            return await answer_groups(groups_of_lines(chunks, self._bounds.max_line_bytes), take)

    async def _take_json(self, chunks: AsyncIterator[bytes]) -> Response:
        async with self._read(chunks) as body:
            if body.lstrip()[:1] == b"[":
                await self._check_backlog()
                return await answer_groups(groups_of_array(body), self._take_raw)
            if await to_thread.run_sync(self._backlog.is_too_long):
                raise ProblemError(_busy_problem())
            return await self._take_one(body)

    async def _take_one(self, body: bytes) -> Response:
        if len(body) > self._bounds.max_line_bytes:
            raise ProblemError(
                Problem(413, f"the article is larger than {self._bounds.articles.max_article_bytes} bytes")
            )
        value = await to_thread.run_sync(read_json, body)
        answer = (await self._store([parse_submission(value)]))[0]
        if isinstance(answer, Refusal):
            raise ProblemError(problem_of(answer))
        return Response(msgspec.json.encode(answer), 202, media_type=JSON_TYPE)

    @asynccontextmanager
    async def _read(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The whole body, for as long as the block runs; of large ones only a few are held at a time."""
        body = bytearray()
        async with _Maybe(self._large_bodies) as place:
            async for chunk in chunks:
                body += chunk
                if len(body) > self._bounds.max_body_bytes:
                    raise ProblemError(too_large(self._bounds.max_body_bytes))
                if len(body) > LARGE_BODY_BYTES:
                    await place.take()
            yield bytes(body)

    async def _take_raw(self, lines: list[bytes]) -> list[Answer]:
        return await self._store(await to_thread.run_sync(lambda: [self._parse(line) for line in lines]))

    def _parse(self, line: bytes) -> Submission | Refusal:
        if len(line) > self._bounds.max_line_bytes:
            return Refusal(413, (("", f"the line is longer than {self._bounds.max_line_bytes} bytes"),))
        try:
            return parse_submission(read_json(line.removeprefix(BYTE_ORDER_MARK)))
        except ProblemError as error:
            return Refusal(error.problem.status, (("", error.problem.detail.replace("the body", "the line")),))

    async def _store(self, parsed: list[Submission | Refusal]) -> list[Answer]:
        """One answer for each, in order."""
        read = await self._read_pages(parsed)
        return await to_thread.run_sync(self._receive, read)

    def _receive(self, read: list[Submission | Refusal]) -> list[Answer]:
        taken = [item for item in read if not isinstance(item, Refusal)]
        stored = iter(receive(self._database, taken, self._bounds.articles))
        return [item if isinstance(item, Refusal) else next(stored) for item in read]

    async def _check_backlog(self) -> None:
        if await to_thread.run_sync(self._backlog.is_long):
            raise ProblemError(_busy_problem())

    async def _is_still_long(self, patience: "_Patience") -> bool:
        """Stands still, and with it the sender, while the backlog is long and patience lasts."""
        while await to_thread.run_sync(self._backlog.is_long):
            if patience.seconds <= 0:
                return True
            await anyio.sleep(LOOK_SECONDS)
            patience.seconds -= LOOK_SECONDS
        return False


class _Patience:
    """What is left of one stream's patience."""

    def __init__(self) -> None:
        self.seconds = PATIENCE_SECONDS


class _Maybe:
    """A place that is taken at most once, if at all, and given back at the end of the block."""

    def __init__(self, places: anyio.Semaphore) -> None:
        self._places, self._is_taken = places, False

    async def __aenter__(self) -> "_Maybe":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._is_taken:
            self._places.release()

    async def take(self) -> None:
        if not self._is_taken:
            await _acquire(self._places)
            self._is_taken = True


@asynccontextmanager
async def _place(places: anyio.Semaphore) -> AsyncIterator[None]:
    await _acquire(places)
    try:
        yield
    finally:
        places.release()


async def _acquire(places: anyio.Semaphore) -> None:
    with anyio.move_on_after(QUEUE_SECONDS) as waited:
        await places.acquire()
    if waited.cancelled_caught:
        raise ProblemError(_busy_problem())


async def _heard(request: Request) -> AsyncIterator[bytes]:
    """The chunks of a body; ProblemError 408 where the next does not come."""
    stream = request.stream()
    while True:
        with anyio.move_on_after(SILENCE_SECONDS) as waited:
            try:
                chunk = await anext(stream)
            except StopAsyncIteration:
                return
        if waited.cancelled_caught:
            detail = f"nothing of the body came for {SILENCE_SECONDS:g} seconds"
            raise ProblemError(Problem(408, detail, headers={"Connection": "close"}))
        yield chunk


def _busy() -> Refusal:
    return Refusal(429, (("", BUSY),))


def _busy_problem() -> Problem:
    return Problem(429, BUSY, headers={"Retry-After": str(RETRY_SECONDS)})
