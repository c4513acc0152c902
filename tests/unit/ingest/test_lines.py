"""Lines are cut out of chunks wherever the network cut them."""

import asyncio
from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from ingest.bulk import lines_of


async def _collect(chunks: list[bytes], limit: int) -> list[bytes]:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [line async for line in lines_of(stream(), limit)]


@given(st.lists(st.binary(max_size=20), max_size=10), st.integers(1, 40))
def test_lines_do_not_depend_on_how_they_were_cut(lines: list[bytes], step: int) -> None:
    body = b"\n".join(lines)
    chunks = [body[at : at + step] for at in range(0, len(body), step)]
    wanted = [line for line in body.split(b"\n") if line.strip()]
    assert asyncio.run(_collect(chunks, 1000)) == wanted


def test_an_endless_line_costs_no_more_than_the_limit() -> None:
    lines = asyncio.run(_collect([b"x" * 50, b"x" * 50, b"x" * 50 + b"\nshort"], 100))
    assert [len(line) for line in lines] == [101, 5]
