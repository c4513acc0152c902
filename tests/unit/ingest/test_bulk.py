"""Cutting bodies into groups, and knowing where an array's items end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import bulk
from ingest.bulk import Answer, answer_groups, groups_of_lines, items_of
from wirewatch.store.receipts import Receipt
from wirewatch.web import ProblemError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 2]), st.booleans())
def test_the_items_of_an_array_are_those_that_json_finds(values: list[Any], indent: int | None, escaped: bool) -> None:
    body = json.dumps(values, indent=indent, ensure_ascii=escaped).encode()
    assert [json.loads(item) for item in items_of(body)] == values


@pytest.mark.parametrize("body", [b"[", b"[1", b'["', b'["\\', b"[1]]", b"[1] 2", b"[1,2}", b"[[1]", b'[{"a": "]"}'])
def test_an_array_that_does_not_end_where_the_body_ends_is_refused(body: bytes) -> None:
    with pytest.raises(ProblemError):
        list(items_of(body))


def test_groups_are_bounded_in_number_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    monkeypatch.setattr(bulk, "GROUP_BYTES", 10)

    async def sizes() -> list[list[int]]:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"\n".join(b"x" * size for size in (1, 1, 1, 1, 6, 6, 30, 2))

        return [[len(line) for line in group] async for group in groups_of_lines(chunks(), 100)]

    assert asyncio.run(sizes()) == [[1, 1, 1], [1, 6], [6], [30], [2]]


def test_no_more_is_read_than_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless sender is never more than a group and a chunk ahead of the database."""
    monkeypatch.setattr(bulk, "BATCH", 5)
    sent = stored = 0
    ahead: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            ahead.append(sent - stored)
            yield b"{}\n"

    async def take(group: list[bytes]) -> list[Answer]:
        nonlocal stored
        await asyncio.sleep(0)
        stored += len(group)
        return [Receipt("1", "accepted")] * len(group)

    async def run() -> int:
        response = await answer_groups(groups_of_lines(chunks(), 100), take)
        body = b"".join([part async for part in response.body_iterator])  # type: ignore[attr-defined]
        return len(json.loads(body)["items"])

    assert asyncio.run(run()) == 1000
    assert max(ahead) <= 6
