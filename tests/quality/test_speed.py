"""What many known names cost; not among the unit tests, since to make them up takes seconds."""

import random
import string
import time

from wirewatch.models import Entity
from wirewatch.text import tokenize
from worker.extraction.gazetteer import Gazetteer


def test_a_hundred_thousand_names_load_fast_and_cost_little() -> None:
    chosen = random.Random(7)
    words = ["".join(chosen.choices(string.ascii_lowercase, k=7)).title() for _ in range(30_000)]
    entities = [
        Entity(str(n), f"{chosen.choice(words)} {chosen.choice(words)}", "person", tuple(chosen.choices(words, k=4)))
        for n in range(20_000)
    ]
    started = time.process_time()
    gazetteer = Gazetteer.build(entities)
    assert time.process_time() - started < 3
    text = " ".join(chosen.choices(words, k=20_000))
    tokens = tokenize(text)
    started = time.process_time()
    gazetteer.find(tokens, text)
    assert time.process_time() - started < 1
