"""Connections kept open between requests.

httpcore has a pool too, but each of its requests looks at every connection several times over, which at a hundred
connections costs more than the request itself. This one finds its connection by origin.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore

from wirewatch.http.connect import PinnedBackend

KEEPALIVE_SECONDS = 4.0  # less than the 5 s after which many servers close, lest a request meets the closing

_Key = tuple[bytes, bytes, int]


class Pool:
    """At most `connections` in use at a time; idle ones are closed after KEEPALIVE_SECONDS."""

    def __init__(self, backend: PinnedBackend, tls: ssl.SSLContext, connections: int) -> None:
        self._backend, self._tls = backend, tls
        self._free = asyncio.Semaphore(connections)
        self._idle: dict[_Key, list[httpcore.AsyncHTTPConnection]] = {}
        self._sweep_at = time.monotonic() + KEEPALIVE_SECONDS

    @asynccontextmanager
    async def send(self, request: httpcore.Request) -> AsyncIterator[httpcore.Response]:
        """The answer, whose body can be read inside the block. Raises what httpcore and the backend raise."""
        async with self._free:
            connection = await self._take(request.url.origin)
            try:
                answer = await connection.handle_async_request(request)
                try:
                    yield answer
                finally:
                    await answer.aclose()
            finally:
                await self._give_back(request.url.origin, connection)

    async def aclose(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                await connection.aclose()
        self._idle.clear()

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        kept = self._idle.get(_key(origin), [])
        while kept:
            connection = kept.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin, ssl_context=self._tls, keepalive_expiry=KEEPALIVE_SECONDS, network_backend=self._backend
        )

    async def _give_back(self, origin: httpcore.Origin, connection: httpcore.AsyncHTTPConnection) -> None:
        if connection.is_idle() and not connection.is_closed():
            self._idle.setdefault(_key(origin), []).append(connection)
        else:
            await connection.aclose()
        if time.monotonic() >= self._sweep_at:
            await self._sweep()

    async def _sweep(self) -> None:
        self._sweep_at = time.monotonic() + KEEPALIVE_SECONDS
        expired = [(key, c) for key, connections in self._idle.items() for c in connections if c.has_expired()]
        for key, connection in expired:
            self._idle[key].remove(connection)
        self._idle = {key: connections for key, connections in self._idle.items() if connections}
        for _, connection in expired:
            await connection.aclose()


def _key(origin: httpcore.Origin) -> _Key:
    return origin.scheme, origin.host, origin.port
