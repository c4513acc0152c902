"""Reading a response body under its bounds: never more in memory than the limit allows, however it is packed."""

import zlib
from collections.abc import AsyncIterable

from wirewatch.errors import FetchError
from wirewatch.http.values import Limits

ACCEPT_ENCODING = "gzip, deflate"
LARGE_BYTES = 512 * 1024
# Text shrinks by 5 to 30; a body that grows by more than this, once it is large, was made to harm.
DECOMPRESSION_RATIO = 200
_GZIP_BITS = zlib.MAX_WBITS | 16


async def read_body(chunks: AsyncIterable[bytes], encoding: str, limits: Limits) -> tuple[bytes, bool]:
    """The decoded body and whether it was cut at `limits.body_bytes`.

    Raises FetchError if it is longer than the limit and may not be cut, grows too much, or is damaged.
    """
    unpack = _decoder(encoding)
    body, raw_bytes = bytearray(), 0
    before_large = limits.before_large
    async for chunk in chunks:
        raw_bytes += len(chunk)
        body += unpack.feed(chunk, limits.body_bytes + 1 - len(body))
        if len(body) > limits.body_bytes:
            if limits.cut_body:
                return bytes(body[: limits.body_bytes]), True
            raise FetchError(f"the body is longer than {limits.body_bytes} bytes")
        if len(body) > LARGE_BYTES and len(body) > raw_bytes * DECOMPRESSION_RATIO:
            raise FetchError(f"the body unpacks to more than {DECOMPRESSION_RATIO} times its size")
        if len(body) > LARGE_BYTES and before_large is not None:
            await before_large()
            before_large = None
    if not unpack.is_complete:
        raise FetchError("the body ended early")
    return bytes(body), False


class _Plain:
    is_complete = True

    def feed(self, chunk: bytes, room: int) -> bytes:
        return chunk[:room]


class _Gzip:
    """gzip, in several members too; `feed` gives at most `room` bytes, more than that is lost."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(_GZIP_BITS)
        self._has_begun = False

    @property
    def is_complete(self) -> bool:
        return self._decompressor.eof or not self._has_begun

    def feed(self, chunk: bytes, room: int) -> bytes:
        unpacked = bytearray()
        while chunk and len(unpacked) < room:
            if self._decompressor.eof:
                if not chunk.startswith(b"\x1f"):  # servers pad with zeros; that is no further member
                    break
                self._decompressor = zlib.decompressobj(_GZIP_BITS)
            unpacked += _decompress(self._decompressor, chunk, room - len(unpacked))
            chunk = self._decompressor.unused_data or self._decompressor.unconsumed_tail
        self._has_begun = True
        return bytes(unpacked)


class _Deflate:
    """deflate, with or without its zlib header: many servers leave it out, and the first two bytes tell."""

    def __init__(self) -> None:
        self._head = b""
        self._decompressor: zlib._Decompress | None = None

    @property
    def is_complete(self) -> bool:
        return self._decompressor.eof if self._decompressor else not self._head

    def feed(self, chunk: bytes, room: int) -> bytes:
        if self._decompressor is None:
            self._head = chunk = self._head + chunk
            if len(chunk) < 2:
                return b""
            has_header = chunk[0] & 15 == 8 and int.from_bytes(chunk[:2], "big") % 31 == 0
            self._decompressor = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        return _decompress(self._decompressor, chunk, room)


def _decompress(decompressor: "zlib._Decompress", chunk: bytes, room: int) -> bytes:
    try:
        return decompressor.decompress(chunk, room)
    except zlib.error as error:
        raise FetchError(f"the body is damaged: {error}") from error


def _decoder(encoding: str) -> _Plain | _Gzip | _Deflate:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gzip()
        case "deflate":
            return _Deflate()
        case other:
            raise FetchError(f"the body is packed as {other[:40]!r}, which was not asked for")
