import asyncio
import gzip
import random
import zlib
from collections.abc import AsyncIterator

import pytest

from wirewatch.errors import FetchError
from wirewatch.http.body import LARGE_BYTES, read_body
from wirewatch.http.values import Limits

LIMITS = Limits(body_bytes=100_000)
TEXT = random.Random(7).randbytes(3_000).hex().encode()


def read(raw: bytes, encoding: str, limits: Limits = LIMITS, step: int = 1000) -> tuple[bytes, bool]:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(raw), step):
            yield raw[start : start + step]

    return asyncio.run(read_body(chunks(), encoding, limits))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("step", [1, 7, 1000, 1_000_000])
def test_every_packing_gives_the_same_text(step: int) -> None:
    half = len(TEXT) // 2
    for raw, encoding in [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT, mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0), "X-GZip"),
        (gzip.compress(TEXT[:half], mtime=0) + gzip.compress(TEXT[half:], mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0) + b"\0\0\0\0", "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
    ]:
        assert read(raw, encoding, step=step) == (TEXT, False), encoding
    assert read(b"", "gzip") == (b"", False)


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_over_the_limit_is_an_error_or_cut(packed: bool) -> None:
    raw, encoding = (gzip.compress(TEXT), "gzip") if packed else (TEXT, "")
    exact = Limits(body_bytes=len(TEXT))
    assert read(raw, encoding, exact) == (TEXT, False)
    with pytest.raises(FetchError, match="longer than"):
        read(raw, encoding, Limits(body_bytes=len(TEXT) - 1))
    assert read(raw, encoding, Limits(body_bytes=500, cut_body=True)) == (TEXT[:500], True)


def test_a_bomb_stops_at_the_ratio_long_before_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 8_000_000)
    with pytest.raises(FetchError, match="unpacks"):
        read(bomb, "gzip", Limits(body_bytes=1_000_000_000))


def test_a_bomb_in_one_chunk_never_gets_past_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 8_000_000)
    body, was_cut = read(bomb, "gzip", Limits(body_bytes=1000, cut_body=True), step=len(bomb))
    assert (len(body), was_cut) == (1000, True)


@pytest.mark.parametrize(("more", "times"), [(0, 0), (1, 1), (LARGE_BYTES, 1)])
def test_a_large_body_asks_once_for_its_place(more: int, times: int) -> None:
    asked = []

    async def ask() -> None:
        asked.append(True)

    limits = Limits(body_bytes=4 * LARGE_BYTES, before_large=ask)
    body, _ = read(b"x" * (LARGE_BYTES + more), "", limits, step=10_000)
    assert (len(body), len(asked)) == (LARGE_BYTES + more, times)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (gzip.compress(TEXT, mtime=0)[:-500], "gzip"),
        (gzip.compress(TEXT, mtime=0)[:5], "gzip"),
        (b"plain text", "gzip"),
        (b"plain text", "deflate"),
        (TEXT, "br"),
        (gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "gzip, gzip"),
    ],
)
def test_damaged_or_unknown_packing_is_an_error(raw: bytes, encoding: str) -> None:
    with pytest.raises(FetchError):
        read(raw, encoding)
