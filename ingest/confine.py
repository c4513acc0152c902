"""Reading feeds in child processes under hard limits, so that no body can hold up, fill or end the poller.

A child that takes too long for a body says so; one that cannot even do that is ended by the kernel (CPU time) or by its
parent (time), and the next body gets a new one. Run as a program, this module is such a child.
"""

import asyncio
import math
import os
import resource
import signal
import struct
import sys
import time
from asyncio.subprocess import PIPE, Process
from types import TracebackType
from typing import Any, Self

import msgspec

from ingest.entries import FeedError, ParsedFeed

CPU_SECONDS = 2.0
# After so much more the kernel ends a child that is deep in something that hears no signal.
GRACE_SECONDS = 2
WALL_SECONDS = 30.0
MEMORY_BYTES = 400 * 1024 * 1024
# A child that has grown beyond this is replaced, for it does not give memory back.
KEPT_KILOBYTES = 120 * 1024
CHILDREN = 2

_LENGTH = struct.Struct("!I")


class Job(msgspec.Struct, array_like=True):
    kind: str
    body: bytes
    content_type: str
    url: str


class Outcome(msgspec.Struct, array_like=True):
    """Exactly one of feed and error. `is_last`: the child ends with this, grown too large to be kept."""

    feed: ParsedFeed | None = None
    error: str | None = None
    is_last: bool = False


class FeedReader:
    """Reads bodies in at most `children` processes, which are started when needed. Close it with `async with`."""

    def __init__(self, children: int = CHILDREN) -> None:
        self._free = asyncio.Semaphore(children)
        self._idle: list[Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._idle:
            await _end(child)
        self._idle.clear()

    async def read(self, kind: str, body: bytes, content_type: str, url: str) -> ParsedFeed:
        """As `ingest.parse.parse_body`, and raises FeedError where it takes too much time or memory, too."""
        async with self._free:
            child = self._idle.pop() if self._idle else await _start()
            try:
                outcome = await _ask(child, Job(kind, body, content_type, url))
            except BaseException:
                await _end(child)
                raise
            if outcome is None or outcome.is_last:
                await _end(child)
            else:
                self._idle.append(child)
        if outcome is None:
            raise FeedError("the feed takes too much time or memory to be read")
        if outcome.feed is None:
            raise FeedError(outcome.error or "")
        return outcome.feed


async def _start() -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ingest.confine", stdin=PIPE, stdout=PIPE, env=_environment(), start_new_session=True
    )


def _environment() -> dict[str, str]:
    """Without the keys and addresses in ours, which are no business of who reads what strangers wrote."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}


async def _end(child: Process) -> None:
    if child.returncode is None:
        child.kill()
    await child.wait()


async def _ask(child: Process, job: Job) -> Outcome | None:
    """None: the child has died of it, or will not answer."""
    assert child.stdin is not None
    assert child.stdout is not None
    raw = msgspec.msgpack.encode(job)
    try:
        async with asyncio.timeout(WALL_SECONDS):
            child.stdin.write(_LENGTH.pack(len(raw)))
            child.stdin.write(raw)
            await child.stdin.drain()
            (length,) = _LENGTH.unpack(await child.stdout.readexactly(_LENGTH.size))
            answer = await child.stdout.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
        return None
    return msgspec.msgpack.decode(answer, type=Outcome)


class _TooSlowError(BaseException):
    """Not an Exception, because what reads feeds catches those."""


def _give_up(*_: object) -> None:
    raise _TooSlowError


def serve() -> None:
    """Answer bodies from standard input until it ends."""
    from ingest.parse import parse_body  # only the child needs feedparser, which takes memory

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _give_up)
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    while head := source.read(_LENGTH.size):
        raw = source.read(_LENGTH.unpack(head)[0])
        outcome = _answer(parse_body, raw)
        outcome.is_last = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > KEPT_KILOBYTES
        answer = msgspec.msgpack.encode(outcome)
        sink.write(_LENGTH.pack(len(answer)) + answer)
        sink.flush()


def _answer(parse: Any, raw: bytes) -> Outcome:
    most = math.ceil(time.process_time() + CPU_SECONDS) + GRACE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    try:
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        job = msgspec.msgpack.decode(raw, type=Job)
        return Outcome(feed=parse(job.kind, job.body, job.content_type, job.url))
    except FeedError as error:
        return Outcome(error=str(error))
    except _TooSlowError:
        return Outcome(error=f"the feed takes more than {CPU_SECONDS:g} seconds to be read")
    except MemoryError:
        return Outcome(error="the feed takes too much memory to be read")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    serve()
