"""One real extractor for all quality tests: loading the model takes longer than any of them."""

import pytest

from tests.pipeline import language_model
from wirewatch.data import load_entities, load_items, load_topics
from worker.extraction import Extractor


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    return Extractor(load_entities(), load_topics(), load_items(), model=language_model())
