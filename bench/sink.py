"""A receiver in a process of its own that answers at once, or never, and writes down what reached it."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing.connection import Connection
from typing import NamedTuple

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
HANG_PATH = "/hang"


class Arrival(NamedTuple):
    """`at`: on the monotonic clock, which processes of one machine share."""

    path: str
    webhook_id: str
    body_hash: bytes
    at: float


class Sink:
    """Its `url` takes webhooks; paths that begin with HANG_PATH never answer."""

    def __init__(self, port: int, pipe: "Connection[None, object]") -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._pipe = pipe

    def arrivals(self) -> list[Arrival]:
        """All so far."""
        self._pipe.send(None)
        arrived: list[Arrival] = self._pipe.recv()  # type: ignore[assignment]
        return arrived


@contextmanager
def running_sink() -> Iterator[Sink]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Sink(int(ours.recv()), ours)
    finally:
        process.kill()
        process.join()


def _serve(pipe: "Connection[object, None]") -> None:
    asyncio.run(_run(pipe))


async def _run(pipe: "Connection[object, None]") -> None:
    arrived: list[Arrival] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines if line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                path = first.split(" ")[1]
                arrived.append(Arrival(path, headers["webhook-id"], sha256(body).digest(), time.monotonic()))
                if path.startswith(HANG_PATH):
                    await reader.read()
                    return
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=2048)
    pipe.send(server.sockets[0].getsockname()[1])
    while True:
        await asyncio.to_thread(pipe.recv)
        pipe.send(list(arrived))
