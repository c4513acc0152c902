"""Paragraphs seen before cost no model run, and never change what is read."""

from collections.abc import Iterable, Iterator

import pytest

from wirewatch.data import load_entities, load_items, load_topics
from wirewatch.models import Analysis
from wirewatch.settings import Settings
from worker.extraction import Document, Extractor, LanguageModel
from worker.extraction.decoding import RawEntity

HEADING = "From our correspondent in Lisbon"
FIRST = "Shipyard owner Ottilie Brandvold met port officials in Lisbon on Monday, the harbour board said."
TOLD = "Norway supplied 12 Naval Strike Missiles to Brazil in May, officials in Nairobi said."
DENIED = "Norway denied that it supplied 12 Naval Strike Missiles to Brazil in May, officials in Nairobi said."


class CountingModel(LanguageModel):
    """Notes the paragraphs that really run through the model."""

    def __init__(self, cached_paragraphs: int) -> None:
        super().__init__(Settings().model, cached_paragraphs)
        self.ran: list[str] = []

    def _run(self, texts: Iterable[str]) -> Iterator[tuple[RawEntity, ...]]:
        noted = list(texts)
        self.ran += noted
        return super()._run(noted)


@pytest.fixture(scope="module")
def model() -> CountingModel:
    return CountingModel(100)


@pytest.fixture(scope="module")
def extractor(model: CountingModel) -> Extractor:
    return Extractor(load_entities(), load_topics(), load_items(), model=model)


def read(extractor: Extractor, *paragraphs: str) -> Analysis:
    (analysis,) = extractor.analyse([Document("a", 1, "", "\n\n".join(paragraphs))])
    return analysis


def test_a_reprint_runs_only_what_is_new(model: CountingModel, extractor: Extractor) -> None:
    read(extractor, FIRST, TOLD)
    model.ran.clear()
    again = read(extractor, FIRST, TOLD)
    assert model.ran == []
    moved = read(extractor, HEADING, FIRST, TOLD)
    assert model.ran == [HEADING]
    shift = len(HEADING) + 2
    # The same names, each moved by what was put before it.
    there = [(m.text, m.start) for m in moved.mentions]
    assert all((m.text, m.start + shift) in there for m in again.mentions)


def test_one_inserted_word_changes_the_claims(model: CountingModel, extractor: Extractor) -> None:
    (told,) = read(extractor, FIRST, TOLD).claims
    model.ran.clear()
    (denied,) = read(extractor, FIRST, DENIED).claims
    assert model.ran == [DENIED]
    assert (told.supplier, told.recipient, told.status) == ("Norway", "Brazil", "reported")
    assert (denied.supplier, denied.recipient, denied.status) == ("Norway", "Brazil", "denied")


def test_what_a_cached_paragraph_names_is_decided_anew(model: CountingModel, extractor: Extractor) -> None:
    about = "Kim toured the plant and left in the evening without a word to reporters."
    read(extractor, about)
    model.ran.clear()
    (known,) = (m.entity_id for m in read(extractor, "Kim Jong Un came by train.", about).mentions if m.text == "Kim")
    (unknown,) = (m.entity_id for m in read(extractor, "Designer Kim Bellamy came by train.", about).mentions
                  if m.text == "Kim")  # fmt: skip
    assert about not in model.ran
    assert (known, unknown) == ("kim-jong-un", None)


def test_the_cache_is_bounded_and_without_it_all_is_the_same(extractor: Extractor) -> None:
    small = CountingModel(2)
    forgetful = Extractor(load_entities(), load_topics(), load_items(), model=small)
    for paragraphs in ((FIRST, TOLD), (HEADING, DENIED), (FIRST, TOLD)):
        assert read(forgetful, *paragraphs) == read(extractor, *paragraphs)
    assert small.ran == [FIRST, TOLD, HEADING, DENIED, FIRST, TOLD]
