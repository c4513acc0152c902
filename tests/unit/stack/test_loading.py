from pathlib import Path

import pytest

from wirewatch.seeding import SeedArticle, SeedError
from wirewatch.stack import loading
from wirewatch.stack.loading import batches


def article(text: str) -> SeedArticle:
    return SeedArticle(Path("a.txt"), {"text": text})


def test_batches_are_bounded_in_number() -> None:
    parts = [article(str(number)) for number in range(205)]
    assert [len(batch) for batch in batches(parts)] == [100, 100, 5]


def test_batches_are_bounded_in_bytes_and_keep_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_BATCH_BYTES", 100)
    parts: list[SeedArticle | SeedError] = [
        article("x" * 60),
        SeedError(Path("b.txt"), "empty"),
        article("y" * 60),
        article("z" * 300),
    ]
    grouped = list(batches(parts))
    assert [len(batch) for batch in grouped] == [2, 1, 1]
    assert [part for batch in grouped for part in batch] == parts


def test_the_repository_has_seeds() -> None:
    seeds = loading.find_seeds()
    assert seeds.watches.exists()
    assert seeds.endpoints.exists()
