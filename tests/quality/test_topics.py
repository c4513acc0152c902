"""Short passages of our own (tests/data/topic_passages.yml): topics that must be found, and words in another sense."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.extraction import Document, Extractor

PASSAGES = Path(__file__).parents[1] / "data" / "topic_passages.yml"


def passages() -> list[Any]:
    rows: list[dict[str, Any]] = yaml.safe_load(PASSAGES.read_text("utf-8"))
    return [pytest.param(row, id=row["text"][:60]) for row in rows]


@pytest.mark.parametrize("passage", passages())
def test_topics(extractor: Extractor, passage: dict[str, Any]) -> None:
    (analysis,) = extractor.analyse([Document("a1", 1, "", passage["text"])])
    found = {topic.id for topic in analysis.topics}
    assert set(passage.get("must", ())) <= found
    assert not found & set(passage.get("must_not", ()))
