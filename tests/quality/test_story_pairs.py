"""Swap pairs and paraphrases of our own (tests/data/story_pairs.yml), by the real decisions of extract and cluster."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import yaml

from wirewatch.data import load_entities
from wirewatch.models import Article
from worker.extraction import Document, Extractor
from worker.stories.place import Neighbourhood, Placed
from worker.stories.vector import TermStatistics, Vector, vector_of

PAIRS = Path(__file__).parents[1] / "data" / "story_pairs.yml"
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ENOUGH_PAIRS = 40
# Of the paraphrases; of the swap pairs, none may be joined.
SPLIT_SHARE = 0.05

Pair = Sequence[str]


def read_pairs(kind: str) -> list[Pair]:
    pairs: list[Pair] = yaml.safe_load(PAIRS.read_text("utf-8"))[kind]
    return pairs


def vectors(extractor: Extractor, pair: Pair) -> list[Vector]:
    """A report of one line is a headline without a text."""
    parts = [report.partition("\n") for report in pair]
    documents = [Document(str(number), 1, title, text) for number, (title, _, text) in enumerate(parts)]
    countries = {entity.id: entity.country or entity.id for entity in load_entities() if entity.type == "place"}
    return [
        vector_of(Article(one.article_id, 1, one.title, one.text), analysis, NOON, countries)
        for one, analysis in zip(documents, extractor.analyse(documents), strict=True)
    ]


def are_joined(extractor: Extractor, pair: Pair) -> bool:
    """Whether the second joins the first's story, in either order of arrival."""
    joined = []
    for first, second in permutations(vectors(extractor, pair)):
        near = Neighbourhood(TermStatistics(0, {}))
        near.add([Placed(first, "story")])
        joined.append(near.find_story(second) == "story")
    assert len(set(joined)) == 1, f"depends on which came first: {pair}"
    return joined[0]


def test_two_events_are_never_one_story(extractor: Extractor) -> None:
    pairs = read_pairs("apart")
    assert len(pairs) >= ENOUGH_PAIRS
    assert [pair for pair in pairs if are_joined(extractor, pair)] == []


def test_one_event_in_other_words_is_one_story(extractor: Extractor) -> None:
    pairs = read_pairs("together")
    assert len(pairs) >= ENOUGH_PAIRS
    split = [pair for pair in pairs if not are_joined(extractor, pair)]
    assert len(split) <= SPLIT_SHARE * len(pairs), split
