"""A server of thousands of feeds on thousands of loopback addresses, good ones and bad ones, that watches its guests.

`python -m bench.feeds.farm PORT` serves until it is ended; `GET /stats` tells what it saw. After `GET /publish`, and
until `GET /rest`, a feed brings one entry more each time that somebody who has the present ones asks again.
"""

import argparse
import asyncio
import gzip
import json
import time
from asyncio import StreamReader, StreamWriter
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from bench.feeds.content import behaviour_of, body_of, bomb

# What counts as too soon after the end of the request before it; the poller's pause is a second.
MIN_GAP_SECONDS = 0.95
SLOW_SECONDS = 3.0
DRIP_SECONDS = 0.5
LAST_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"


@dataclass
class Host:
    under_way: int = 0
    ended_at: float = 0.0
    was_redirected: bool = False


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: tuple[str, ...] = ()


@dataclass
class Farm:
    publish: bool = False
    versions: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    hosts: defaultdict[str, Host] = field(default_factory=lambda: defaultdict(Host))
    seen: Counter[str] = field(default_factory=Counter)
    bomb: bytes = field(default_factory=bomb)

    async def serve_connection(self, reader: StreamReader, writer: StreamWriter) -> None:
        is_local = str(writer.get_extra_info("sockname")[0]).startswith("127.")
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while is_local and await self._serve_one(reader, writer):
                pass
        writer.close()

    async def _serve_one(self, reader: StreamReader, writer: StreamWriter) -> bool:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return False
        path = head.split(" ", 2)[1]
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if not path.startswith("/feed/"):
            await send(writer, Answer(200, self._control(path)))
            return True
        host = self.hosts[headers["host"]]
        self._judge(host)
        host.under_way += 1
        try:
            return await self._answer(path, headers, (reader, writer), host)
        finally:
            host.under_way -= 1
            host.ended_at = time.monotonic()

    def _control(self, path: str) -> bytes:
        if path in ("/publish", "/rest"):
            self.publish = path == "/publish"
        return json.dumps({"seen": self.seen, "versions": self.versions}).encode()

    def _judge(self, host: Host) -> None:
        self.seen["requests"] += 1
        self.seen["overlaps"] += host.under_way > 0
        gap = time.monotonic() - host.ended_at
        self.seen["too soon"] += bool(host.ended_at and gap < MIN_GAP_SECONDS and not host.was_redirected)
        host.was_redirected = False

    async def _answer(
        self, path: str, headers: dict[str, str], guest: tuple[StreamReader, StreamWriter], host: Host
    ) -> bool:
        feed = int(path.split("/")[2])
        behaviour = behaviour_of(feed)
        if behaviour == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if behaviour == "hanging":
            await guest[0].read(1)  # until the guest has had enough
            return False
        if behaviour in ("dripping", "endless"):
            return await _pour(*guest, *((b" ", DRIP_SECONDS) if behaviour == "dripping" else (b" " * 65_536, 0.0)))
        answer = self._answer_of(feed, path, headers)
        host.was_redirected = answer.status == 301
        self.seen[str(answer.status)] += 1
        await send(guest[1], answer)
        return True

    def _answer_of(self, feed: int, path: str, headers: dict[str, str]) -> Answer:
        match behaviour_of(feed):
            case "moved" if not path.endswith("/new"):
                return Answer(301, headers=(f"Location: /feed/{feed}/new",))
            case "missing":
                return Answer(404)
            case "gone":
                return Answer(410)
            case "busy":
                return Answer(429, headers=("Retry-After: 5",))
            case "failing":
                return Answer(500)
            case "web_page":
                return Answer(200, b"<!doctype html><html><body><p>Please log in.</p></body></html>")
            case "gzip_bomb":
                return Answer(200, self.bomb, ("Content-Encoding: gzip",))
            case "deep":
                return Answer(200, b"<rss><channel>" + b"<a>" * 100_000)
            case "comments":
                return Answer(200, b"<rss><channel><item><description>" + b"&lt;!--" * 60_000)
            case "empty":
                return Answer(200, b"\0" * (feed % 7))
            case "truncated":
                body = body_of(feed, 0)
                return Answer(200, body[: len(body) * 2 // 3])
        return self._feed(feed, headers)

    def _feed(self, feed: int, headers: dict[str, str]) -> Answer:
        behaviour = behaviour_of(feed)
        is_known = headers.get("if-none-match") == f'"v{self.versions[feed]}"'
        if is_known and self.publish:
            self.versions[feed] += 1
        elif is_known or (behaviour == "last_modified" and headers.get("if-modified-since") == LAST_MODIFIED.lower()):
            return Answer(304)
        body = body_of(feed, self.versions[feed])
        match behaviour:
            case "no_validators":
                return Answer(200, body)
            case "last_modified":
                return Answer(200, body, (f"Last-Modified: {LAST_MODIFIED}",))
            case "gzip":
                return Answer(200, gzip.compress(body, 1), ("Content-Encoding: gzip",))
            case "mislabelled":
                return Answer(200, body, ("Content-Type: text/xml; charset=utf-16",))
        return Answer(200, body, (f'ETag: "v{self.versions[feed]}"',))


async def send(writer: StreamWriter, answer: Answer) -> None:
    lines = [f"HTTP/1.1 {answer.status} x", f"Content-Length: {len(answer.body)}", *answer.headers, "", ""]
    writer.write("\r\n".join(lines).encode("latin-1") + answer.body)
    await writer.drain()


async def _pour(reader: StreamReader, writer: StreamWriter, piece: bytes, pause_seconds: float) -> bool:
    """A body without end, until the guest has had enough."""
    writer.write(b"HTTP/1.1 200 x\r\nConnection: close\r\n\r\n<rss>")
    while not (writer.is_closing() or reader.at_eof()):
        writer.write(piece)
        await writer.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_seconds):
                await reader.read(1)
    return False


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    farm = Farm()
    server = await asyncio.start_server(farm.serve_connection, "0.0.0.0", options.port, backlog=4096)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
