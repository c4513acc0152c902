"""Reading what strangers wrote in child processes under hard limits, so that no body can hold up, fill or end us.

A child that takes too long for a body says so; one that cannot even do that is ended by the kernel (CPU time) or by its
parent (time), and the next body gets a new one.
"""

import asyncio
import logging
import math
import os
import resource
import signal
import struct
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from wirewatch.errors import WirewatchError

log = logging.getLogger(__name__)  # the children import this module too, and have no use for more

WALL_SECONDS = 30.0

_LENGTH = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """`grace_seconds` after the CPU time of one body the kernel ends a child that is deep in something that hears no
    signal. A child that has grown beyond `kept_kilobytes` is replaced, for it does not give memory back.
    """

    cpu_seconds: float
    grace_seconds: int
    memory_bytes: int
    kept_kilobytes: int


class Job(msgspec.Struct, array_like=True):
    """`kind` says how to read it, where there are several ways."""

    kind: str
    body: bytes
    content_type: str
    url: str


class Outcome(msgspec.Struct, array_like=True):
    """What was read, in MessagePack, or an error of the body's, or which limit it met.

    `is_last`: the child ends with this, grown too large to be kept.
    """

    value: bytes | None = None
    error: str | None = None
    limit: str | None = None
    is_last: bool = False


TOO_MUCH = Outcome(limit="takes too much time or memory to be read")


Start = Callable[[], Awaitable[Process]]


class Children:
    """Reads bodies in at most `count` processes, which are started when needed. Close it with `async with`.

    `reading`: how many bodies are being read, or wait for it.
    """

    def __init__(self, start: Start, count: int) -> None:
        self._start = start
        self._free = asyncio.Semaphore(count)
        self._idle: list[Process] = []
        self.reading = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._idle:
            await _end(child)
        self._idle.clear()

    async def ask(self, job: Job) -> Outcome:
        """What became of a body, whatever it did to the child."""
        self.reading += 1
        try:
            return await self._ask(job)
        finally:
            self.reading -= 1

    async def _ask(self, job: Job) -> Outcome:
        async with self._free:
            outcome = await self._use(self._idle.pop(), job) if self._idle else None
            if outcome is None:  # of a child that had read others before, the body need not be what it died of
                outcome = await self._use(await self._start(), job)
        return outcome or TOO_MUCH

    async def _use(self, child: Process, job: Job) -> Outcome | None:
        """None: the child has died."""
        try:
            outcome = await _ask(child, job)
        except BaseException:
            await _end(child)
            raise
        if outcome is None or outcome.is_last:
            await _end(child)
        else:
            self._idle.append(child)
        if outcome is None:
            log.warning("the reader of %s died: status %s", job.url, child.returncode)
        return outcome


async def start_child(module: str) -> Process:
    """A process of a module that serves when it is run."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=PIPE, stdout=PIPE, env=_environment(), start_new_session=True
    )


def _environment() -> dict[str, str]:
    """Without the keys and addresses in ours, which are no business of who reads what strangers wrote."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}


async def _end(child: Process) -> None:
    if child.returncode is None:
        child.kill()
    await child.wait()


async def _ask(child: Process, job: Job) -> Outcome | None:
    """None: the child has died. One that will not answer is to be ended."""
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
    except TimeoutError:
        return msgspec.structs.replace(TOO_MUCH, is_last=True)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return msgspec.msgpack.decode(answer, type=Outcome)


class _TooSlowError(BaseException):
    """Not an Exception, because what reads bodies catches those."""


def _give_up(*_: object) -> None:
    raise _TooSlowError


def serve(read: Callable[[Job], Any], limits: ChildLimits) -> None:
    """Answer bodies from standard input until it ends. A WirewatchError of `read` is the body's error."""
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _give_up)
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    while head := source.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(head)
        if len(raw := source.read(length)) < length:  # the parent was killed
            return
        outcome = _answer(read, raw, limits)
        outcome.is_last = _resident_kilobytes() > limits.kept_kilobytes
        answer = msgspec.msgpack.encode(outcome)
        try:
            sink.write(_LENGTH.pack(len(answer)) + answer)
            sink.flush()
        except BrokenPipeError:  # the parent was killed
            os._exit(1)


def _resident_kilobytes() -> int:
    """What is in memory now. Not the peak of `getrusage`: that one begins with what the parent had when it forked, and
    the children of a large parent would all be replaced after each body.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024


def _answer(read: Callable[[Job], Any], raw: bytes, limits: ChildLimits) -> Outcome:
    most = math.ceil(time.process_time() + limits.cpu_seconds) + limits.grace_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    try:
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
        value = read(msgspec.msgpack.decode(raw, type=Job))
        return Outcome(value=msgspec.msgpack.encode(value))
    except WirewatchError as error:
        return Outcome(error=str(error))
    except _TooSlowError:
        return Outcome(limit=f"takes more than {limits.cpu_seconds:g} seconds to be read")
    except MemoryError:
        return Outcome(limit="takes too much memory to be read")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
