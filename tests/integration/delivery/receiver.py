"""A receiver on loopback that counts: what arrived where, under which id, with which bytes, and when."""

import asyncio
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.integration.http.servers import Answer, Asked, converse


@dataclass(frozen=True)
class Arrival:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class CountingReceiver:
    """Answers 200, or by path: `plans` gives the answers to the next requests, `always` those after them."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.plans: dict[str, list[Answer]] = defaultdict(list)
        self.always: dict[str, Answer] = {}
        self.on_arrival: Callable[[Arrival], None] = lambda _: None
        self.port = 0
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def start(self) -> None:
        """Listen, again on the same port."""
        serving = asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls, backlog=1024)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Refuse connections, as a machine that is down does, and close those that are open."""

        async def close() -> None:
            self._server.close()
            for task in asyncio.all_tasks(self._loop):
                if task is not asyncio.current_task():
                    task.cancel()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)

    def url(self, path: str = "/") -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.path == path]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await converse(reader, writer, self._find_answer)

    def _find_answer(self, asked: Asked) -> Answer:
        arrival = Arrival(asked.path, asked.headers, asked.body, time.monotonic())
        self.arrivals.append(arrival)
        self.on_arrival(arrival)
        planned = self.plans[arrival.path]
        return planned.pop(0) if planned else self.always.get(arrival.path, status(200))
