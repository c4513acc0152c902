"""The parent's side of the child: a few of them kept for the next request, and ended when one takes too long."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

COMMAND = (sys.executable, "-I", "-m", "wirewatch.channels.child")
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
ANSWER_BYTES = 1024 * 1024
# A child is begun anew after so many requests, lest what a library keeps grows for ever.
REQUESTS = 500

Request = Mapping[str, Any]
Answer = dict[str, Any]


def call_once(request: Request, seconds: float) -> Answer:
    """Ask a child of its own. Its `error`, where there is one, is in words."""
    try:
        done = subprocess.run(  # noqa: S603 (our own program)
            COMMAND,
            input=msgspec.json.encode(request) + b"\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"it took longer than {seconds:g} s"}
    return _decode(done.stdout)


class Children:
    """At most `most` children at a time. Belongs to the event loop it is first used on."""

    def __init__(self, most: int = 4) -> None:
        self._free = asyncio.Semaphore(most)
        self._idle: list[_Child] = []

    async def call(self, request: Request, seconds: float) -> Answer:
        """Ask a child. One that takes too long, or dies, is an answer with an `error`."""
        async with self._free:
            child = self._idle.pop() if self._idle else _Child()
            try:
                answer = await asyncio.wait_for(child.call(request), seconds)
            except TimeoutError:
                child.end()
                return {"error": f"no answer within {seconds:g} s"}
            except BaseException:
                child.end()
                raise
            if child.is_alive and child.requests < REQUESTS:
                self._idle.append(child)
            else:
                child.end()
            return answer


class _Child:
    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self.requests = 0

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def call(self, request: Request) -> Answer:
        line = msgspec.json.encode(request) + b"\n"
        answer = await self._ask(line)
        # One that was idle for long has ended: another may be asked, since this one has read nothing.
        if not answer and self.requests > 1:
            self.end()
            self.requests = 0
            answer = await self._ask(line)
        return _decode(answer)

    async def _ask(self, line: bytes) -> bytes:
        if not self.is_alive:
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=ENVIRONMENT,
                limit=ANSWER_BYTES,
            )
        self.requests += 1
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line)
            await self._process.stdin.drain()
            return await self._process.stdout.readline()
        except (ConnectionError, ValueError):
            return b""

    def end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None


def _decode(answer: bytes) -> Answer:
    if not answer:
        return {"error": "it takes too long"}
    return msgspec.json.decode(answer, type=Answer)
