"""Connections kept open between requests, found by origin."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import h11

from wirewatch.http.connect import Dialler
from wirewatch.http.connection import KEEPALIVE_SECONDS, ClosedEarlyError, Connection
from wirewatch.http.headers import RawHeaders
from wirewatch.http.targets import Origin, Target


class Sent(NamedTuple):
    """A request as it goes over the wire, and how long a connection may take."""

    method: str
    target: Target
    headers: RawHeaders
    body: bytes
    connect_seconds: float


class Answer(NamedTuple):
    status: int
    headers: RawHeaders
    body: AsyncIterator[bytes]


class Pool:
    """At most `connections` in use at a time; idle ones are closed after KEEPALIVE_SECONDS."""

    def __init__(self, dialler: Dialler, connections: int) -> None:
        self._dialler = dialler
        self._free = asyncio.Semaphore(connections)
        self._idle: dict[Origin, list[Connection]] = {}
        self._sweep_at = time.monotonic() + KEEPALIVE_SECONDS

    @asynccontextmanager
    async def send(self, request: Sent) -> AsyncIterator[Answer]:
        """The answer, whose body can be read inside the block. Raises FetchError, RefusedAddressError."""
        async with self._free:
            connection, head = await self._ask(request)
            try:
                yield Answer(head.status_code, head.headers.raw_items(), connection.read_body())
            finally:
                self._give_back(request.target.origin, connection)

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    async def _ask(self, request: Sent) -> tuple[Connection, h11.Response]:
        """By a kept connection, or a new one where the server closed that while the request was on its way (RFC 9112,
        section 9.3.1). It may be asked again: what we fetch may be fetched twice, and what we send says by its id that
        it is the same.
        """
        kept = self._find_kept(request.target.origin)
        if kept:
            try:
                return kept, await _ask(kept, request)
            except ClosedEarlyError:
                pass
        new = await self._dialler.connect(request.target, request.connect_seconds)
        return new, await _ask(new, request)

    def _find_kept(self, origin: Origin) -> Connection | None:
        kept = self._idle.get(origin, [])
        while kept:
            connection = kept.pop()
            if connection.is_fresh:
                return connection
            connection.close()
        return None

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        if connection.is_reusable:
            connection.keep()
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.close()
        if time.monotonic() >= self._sweep_at:
            self._sweep()

    def _sweep(self) -> None:
        self._sweep_at = time.monotonic() + KEEPALIVE_SECONDS
        for origin, connections in list(self._idle.items()):
            for stale in [one for one in connections if not one.is_fresh]:
                connections.remove(stale)
                stale.close()
            if not connections:
                del self._idle[origin]


async def _ask(connection: Connection, request: Sent) -> h11.Response:
    """The head of the answer; without one the connection is closed, for nobody else holds it."""
    try:
        return await connection.ask(request.method, request.target.path, request.headers, request.body)
    except BaseException:  # a request that is given up is cancelled
        connection.close()
        raise
