"""Packed bodies: the same bytes come out, however they were cut, and no more of them than may be."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
import zstandard

from ingest.unpack import RATIO_APPLIES_FROM_BYTES, unpack
from wirewatch.web import ProblemError

TEXT = b"".join(b'{"text": "The night ferry %d is late."}\n' % number for number in range(20_000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, compresslevel=1),  # the best level takes seconds for a bomb
    "x-gzip": lambda raw: gzip.compress(raw[:1000]) + gzip.compress(raw[1000:]),
    "zstd": zstandard.ZstdCompressor(level=9).compress,
    "ZSTD": lambda raw: zstandard.compress(raw[:1000]) + zstandard.compress(raw[1000:]),
    "identity": bytes,
}


def unpacked(body: bytes, encoding: str, step: int = 1000) -> tuple[int, bytes]:
    """The largest piece that came out, and all of it."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), step):
            yield body[start : start + step]

    async def read() -> tuple[int, bytes]:
        pieces = [piece async for piece in unpack(chunks(), encoding)]
        return max(map(len, pieces), default=0), b"".join(pieces)

    return asyncio.run(read())


@pytest.mark.parametrize("encoding", PACKERS)
@pytest.mark.parametrize("step", [1, 7, 4096])
def test_what_was_packed_comes_out(encoding: str, step: int) -> None:
    raw = TEXT[:20_000] if step == 1 else TEXT
    assert unpacked(PACKERS[encoding](raw), encoding, step)[1] == raw


@pytest.mark.costly
@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused_early_and_in_small_pieces(encoding: str) -> None:
    bomb = PACKERS[encoding](b"0" * (2 * RATIO_APPLIES_FROM_BYTES))
    with pytest.raises(ProblemError) as refused:
        unpacked(bomb, encoding)
    assert refused.value.problem.status == 413
    small = PACKERS[encoding](b"0" * (RATIO_APPLIES_FROM_BYTES - 1))
    largest, whole = unpacked(small, encoding, len(small))
    assert len(whole) == RATIO_APPLIES_FROM_BYTES - 1
    assert largest <= 8 * 1024 * 1024


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("spoil", [lambda raw: raw[:-9], lambda raw: b"\0\xff" * 40 + raw[80:]])
def test_damaged_bodies_are_refused(encoding: str, spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ProblemError) as refused:
        unpacked(spoil(PACKERS[encoding](TEXT)), encoding)
    assert refused.value.problem.status == 400


def test_a_window_larger_than_the_web_allows_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(ProblemError):
        unpacked(packed.compress(TEXT) + packed.flush(), "zstd")
