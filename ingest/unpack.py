"""Request bodies that come packed (Content-Encoding), unpacked as they stream in and never much at once."""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import zstandard

from wirewatch.web import Problem, ProblemError
from wirewatch.zstd import ZstdDecoder

ENCODINGS = ("gzip", "zstd")
# Lines of JSON shrink by 5 to 50; a body that goes on growing by more than this was made to harm.
RATIO = 200
RATIO_APPLIES_FROM_BYTES = 16 * 1024 * 1024
PIECE_BYTES = 1024 * 1024
GZIP_BITS = zlib.MAX_WBITS | 16
# What RFC 9659 allows for the web; a larger window would be memory that the sender chooses.
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024


class _Decoder(Protocol):
    def feed(self, chunk: bytes) -> Iterator[bytes]: ...

    @property
    def is_complete(self) -> bool: ...


async def unpack(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The body as it was before it was packed.

    Raises ProblemError: 415 for an encoding that is not known, 400 for damaged data, 413 where it unpacks to more than
    RATIO times its size.
    """
    decoder = _decoder_of(encoding)
    if decoder is None:
        async for chunk in chunks:
            yield chunk
        return
    packed = unpacked = 0
    async for chunk in chunks:
        packed += len(chunk)
        for piece in decoder.feed(chunk):
            unpacked += len(piece)
            if unpacked > max(RATIO_APPLIES_FROM_BYTES, packed * RATIO):
                detail = f"the body unpacks to more than {RATIO} times its size"
                raise ProblemError(Problem(413, detail, headers={"Connection": "close"}))
            yield piece
    if not decoder.is_complete:
        raise ProblemError(Problem(400, "the packed body ends early"))


def _decoder_of(encoding: str) -> _Decoder | None:
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Gzip()
        case "zstd":
            return _Zstd()
        case _:
            detail = f"the body must be packed as {' or '.join(ENCODINGS)}, or not at all"
            raise ProblemError(Problem(415, detail, headers={"Accept-Encoding": ", ".join(ENCODINGS)}))


class _Gzip:
    """Several members too, as `cat a.gz b.gz` makes them."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(GZIP_BITS)
        self._has_begun = False

    @property
    def is_complete(self) -> bool:
        return self._decompressor.eof or not self._has_begun

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            if self._decompressor.eof:
                self._decompressor = zlib.decompressobj(GZIP_BITS)
            self._has_begun = True
            try:
                yield self._decompressor.decompress(chunk, PIECE_BYTES)
            except zlib.error as error:
                raise ProblemError(Problem(400, f"the body is not valid gzip: {error}")) from error
            chunk = self._decompressor.unused_data or self._decompressor.unconsumed_tail


class _Zstd:
    def __init__(self) -> None:
        self._decoder = ZstdDecoder(ZSTD_WINDOW_BYTES)

    @property
    def is_complete(self) -> bool:
        return self._decoder.is_complete

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        try:
            yield from self._decoder.feed(chunk)
        except zstandard.ZstdError as error:
            raise ProblemError(Problem(400, f"the body is not valid zstd: {error}")) from error
