"""One connection of HTTP/1.1: h11 knows the protocol, asyncio carries the bytes, nothing stands in between.

A webhook costs little beside its request and answer, and the locks, scopes and streams that clients for every use put
around the same h11 took more time than the rest of a delivery together (measured: 1.1 ms of 1.9).
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import cast

import h11

from wirewatch.errors import FetchError
from wirewatch.http.headers import RawHeaders

KEEPALIVE_SECONDS = 4.0  # less than the 5 s after which many servers close, lest a request meets the closing
MAX_HEAD_BYTES = 100 * 1024
# What has come and nobody has read yet: past so much the server has to wait.
MOST_UNREAD_BYTES = 256 * 1024


class ClosedEarlyError(FetchError):
    """The server closed the connection before it began to answer."""


class Connection(asyncio.Protocol):
    """Carries one request at a time: `ask`, then all of `read_body`, then, if it `is_reusable`, `keep` it."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._received = deque[bytes]()
        self._unread_bytes = 0
        self._has_ended = False
        self._has_answered = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._expires_at = 0.0

    async def ask(self, method: str, path: str, headers: RawHeaders, body: bytes) -> h11.Response:
        """Send the request. -> the head of the answer. Raises ClosedEarlyError, FetchError."""
        self._has_answered = False
        try:
            request = h11.Request(method=method, target=path, headers=headers)
            parts = [self._http.send(request), self._http.send(h11.Data(body)), self._http.send(h11.EndOfMessage())]
        except h11.LocalProtocolError as error:
            raise FetchError(f"a request that HTTP cannot carry: {error}") from error
        self._transport.write(b"".join(part for part in parts if part))
        while not isinstance(event := await self._next_event(), h11.Response):
            pass  # 1xx say that the answer is still to come
        return event

    async def read_body(self) -> AsyncIterator[bytes]:
        """The answer's body as it comes. Raises FetchError where it breaks off."""
        while isinstance(event := await self._next_event(), h11.Data):
            yield bytes(event.data)

    @property
    def is_reusable(self) -> bool:
        """Whether request and answer are complete, and nothing more has come or is still on its way out."""
        is_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        is_quiet = not self._http.trailing_data[0] and not self._transport.get_write_buffer_size()
        return is_done and is_quiet and self._is_open

    def keep(self) -> None:
        self._http.start_next_cycle()
        self._expires_at = time.monotonic() + KEEPALIVE_SECONDS

    @property
    def is_fresh(self) -> bool:
        """Whether a connection that was kept can take another request."""
        return self._is_open and time.monotonic() < self._expires_at

    def close(self) -> None:
        self._transport.abort()

    @property
    def _is_open(self) -> bool:
        return not (self._received or self._has_ended or self._transport.is_closing())

    async def _next_event(self) -> h11.Event | type[h11.PAUSED]:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._receive())
        except h11.RemoteProtocolError as error:
            raise FetchError(f"the answer is broken: {error}") from error
        return cast("h11.Event | type[h11.PAUSED]", event)

    async def _receive(self) -> bytes:
        """The next bytes; none at the end."""
        if not self._received and not self._has_ended:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        if self._received:
            self._has_answered = True
            data = self._received.popleft()
            self._unread_bytes -= len(data)
            if self._unread_bytes < MOST_UNREAD_BYTES and not self._has_ended:
                self._transport.resume_reading()
            return data
        if not self._has_answered:
            raise ClosedEarlyError(f"the server closed the connection without an answer{self._why()}")
        if self._error:
            raise FetchError(f"the connection broke{self._why()}")
        return b""

    def _why(self) -> str:
        return f": {self._error}" if self._error else ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        self._unread_bytes += len(data)
        if self._unread_bytes >= MOST_UNREAD_BYTES:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._error = exc
        self._has_ended = True
        self._wake()

    def _wake(self) -> None:
        if self._reader and not self._reader.done():
            self._reader.set_result(None)
