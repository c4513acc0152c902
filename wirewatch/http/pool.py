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

NO_ANSWER = "disconnected without sending a response"  # httpcore's words; otherwise what came was no HTTP

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
            connection, answer = await self._ask(request)
            try:
                yield answer
            finally:
                try:
                    await answer.aclose()
                finally:
                    await self._give_back(request.url.origin, connection)

    async def aclose(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                await connection.aclose()
        self._idle.clear()

    async def _ask(self, request: httpcore.Request) -> tuple[httpcore.AsyncHTTPConnection, httpcore.Response]:
        """The answer and the connection that it comes by: a kept one, or a new one where the server closed that while
        the request was on its way (RFC 9112, section 9.3.1). It may be asked again: what we fetch may be fetched
        twice, and what we send says by its id that it is the same.
        """
        kept = await self._find_kept(request.url.origin)
        if kept:
            try:
                return kept, await _handle(kept, request)
            except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError) as error:
                if isinstance(error, httpcore.RemoteProtocolError) and NO_ANSWER not in str(error):
                    raise
        new = self._new(request.url.origin)
        return new, await _handle(new, request)

    async def _find_kept(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection | None:
        kept = self._idle.get(_key(origin), [])
        while kept:
            connection = kept.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    def _new(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
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


async def _handle(connection: httpcore.AsyncHTTPConnection, request: httpcore.Request) -> httpcore.Response:
    """The answer; without one the connection is closed, for nobody else holds it."""
    try:
        return await connection.handle_async_request(request)
    except BaseException:  # a request that is given up is cancelled
        await connection.aclose()
        raise


def _key(origin: httpcore.Origin) -> _Key:
    return origin.scheme, origin.host, origin.port
