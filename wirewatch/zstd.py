"""Unpacking zstd piece by piece, never much at once: a byte of it can stand for 32 kB."""

from collections.abc import Iterator
from io import RawIOBase
from typing import BinaryIO

import zstandard

# Its library gives all that it is fed at once, so it is fed little.
SLICE_BYTES = 256
READ_BYTES = 64 * 1024


class ZstdDecoder:
    """Several frames too. Raises zstandard.ZstdError for damaged data and for windows larger than allowed."""

    def __init__(self, max_window_bytes: int) -> None:
        self._max_window_bytes = max_window_bytes
        self._decompressor: zstandard.ZstdDecompressionObj | None = None

    @property
    def is_complete(self) -> bool:
        return self._decompressor is None or self._decompressor.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """What comes of a chunk, in pieces of at most 8 MB."""
        for start in range(0, len(chunk), SLICE_BYTES):
            rest = chunk[start : start + SLICE_BYTES]
            while rest:
                if self._decompressor is None or self._decompressor.eof:
                    made = zstandard.ZstdDecompressor(max_window_size=self._max_window_bytes)
                    self._decompressor = made.decompressobj()
                piece = self._decompressor.decompress(rest)
                rest = self._decompressor.unused_data if self._decompressor.eof else b""
                if piece:
                    yield piece


class ZstdFile(RawIOBase):
    """A packed file as it was before, for reading. Raises EOFError where it ends early."""

    def __init__(self, packed: BinaryIO, max_window_bytes: int) -> None:
        self._decoder = ZstdDecoder(max_window_bytes)
        self._pieces = self._unpack(packed)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target).cast("B")  # type: ignore[arg-type]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _unpack(self, packed: BinaryIO) -> Iterator[bytes]:
        while chunk := packed.read(READ_BYTES):
            yield from self._decoder.feed(chunk)
        if not self._decoder.is_complete:
            raise EOFError("the file ends early")
