"""The five labelled documents, where they lie beside the repository, as they are and with another cast."""

import msgspec
import pytest

from bench.golden import judge_golden, precision, recall
from bench.scoring import missing_data
from tests.renaming import load_cast, rename
from wirewatch.data import load_entities, load_topics
from wirewatch.models import Entity
from worker.extraction import Extractor

pytestmark = pytest.mark.skipif(bool(missing_data()), reason="the labelled data does not lie beside this checkout")


def test_the_golden_documents_are_read(extractor: Extractor) -> None:
    verdicts = judge_golden(extractor, load_entities())
    assert recall(verdicts) >= 0.95, verdicts
    assert precision(verdicts) >= 0.95, verdicts
    assert not any(v.missing_topics for v in verdicts)


def test_another_cast_is_read_as_well(extractor: Extractor) -> None:
    cast = load_cast()
    known = (*load_entities(), *(msgspec.convert(body, Entity) for body in cast.entities))
    verdicts = judge_golden(extractor.with_catalogue(known, load_topics()), known, lambda text: rename(text, cast))
    assert recall(verdicts) >= 0.95, verdicts
    assert precision(verdicts) >= 0.95, verdicts
    assert not any(v.missing_topics for v in verdicts)
