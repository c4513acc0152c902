"""The recogniser's decisions, taken all at once, are those that spaCy takes one by one."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from wirewatch.seeding import SeedArticle, read_corpus
from wirewatch.settings import Settings
from wirewatch.stack.loading import find_seeds
from worker.extraction.decoding import Decoder, RawEntity, find_decoder
from worker.extraction.model import load_pipeline
from worker.extraction.paragraphs import split_paragraphs

MODELS = (Settings().model, "fr_core_news_sm")


@cache
def pipeline(name: str) -> tuple[Language, Decoder]:
    nlp = load_pipeline(name)
    decoder = find_decoder(nlp)
    assert decoder is not None
    return nlp, decoder


def taken_one_by_one(nlp: Language, texts: Sequence[str]) -> list[tuple[RawEntity, ...]]:
    with nlp.select_pipes(enable=["ner"]):
        return [tuple(RawEntity(e.start_char, e.end_char, e.label_) for e in doc.ents) for doc in nlp.pipe(texts)]


def taken_at_once(nlp: Language, decoder: Decoder, texts: Sequence[str]) -> list[tuple[RawEntity, ...]]:
    return decoder.entities([nlp.make_doc(text) for text in texts])


@pytest.mark.parametrize("model", MODELS)
def test_the_seeds_are_read_alike(model: str) -> None:
    articles = [part.body["text"] for part in read_corpus([find_seeds().articles]) if isinstance(part, SeedArticle)]
    texts = [paragraph.text for text in articles for paragraph in split_paragraphs(text)]
    nlp, decoder = pipeline(model)
    found = taken_at_once(nlp, decoder, texts)
    assert sum(map(len, found)) > len(articles)
    assert found == taken_one_by_one(nlp, texts)


WORDS = "Anna Holt of Brenna Steel Ltd met\n the in  April 7,000 U.S. Norwegian \u202e . , ( ) 金正恩 😀 '".split(" ")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=20), max_size=6))
def test_anything_is_read_alike(texts: list[str]) -> None:
    nlp, decoder = pipeline(MODELS[0])
    assert taken_at_once(nlp, decoder, texts) == taken_one_by_one(nlp, texts)


def test_what_is_not_understood_is_left_to_spacy() -> None:
    nlp = load_pipeline(MODELS[0])
    with nlp.select_pipes(disable=["ner"]):
        assert find_decoder(nlp) is None
    recogniser: Any = nlp.get_pipe("ner")
    recogniser.cfg["beam_width"] = 4
    assert find_decoder(nlp) is None
