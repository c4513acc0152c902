"""What many known names cost; not among the unit tests, since to make them up takes seconds.

Judged beside cutting the same texts into tokens in the same run, and not by the clock: machines differ, and a busy one
is slower at everything alike.
"""

import random
import string

from tests.cost import cost
from wirewatch.models import Entity
from wirewatch.text import tokenize
from worker.extraction.gazetteer import Gazetteer

# Measured: 2.2 to 4.1 for building, 6 to 8 for finding in a text of nothing but known names.
MOST_BUILDING = 5.0
MOST_FINDING = 15.0


def test_a_hundred_thousand_names_load_fast_and_cost_little() -> None:
    chosen = random.Random(7)
    words = ["".join(chosen.choices(string.ascii_lowercase, k=7)).title() for _ in range(30_000)]
    entities = [
        Entity(str(n), f"{chosen.choice(words)} {chosen.choice(words)}", "person", tuple(chosen.choices(words, k=4)))
        for n in range(20_000)
    ]
    names = [name for entity in entities for name in (entity.name, *entity.aliases)]
    building = cost(
        lambda: Gazetteer.build(entities), beside=lambda: [tokenize(name) for name in names], enough=MOST_BUILDING
    )
    assert building < MOST_BUILDING

    text = " ".join(chosen.choices(words, k=20_000))
    tokens = tokenize(text)
    gazetteer = Gazetteer.build(entities)
    finding = cost(lambda: gazetteer.find(tokens, text), beside=lambda: tokenize(text), enough=MOST_FINDING)
    assert finding < MOST_FINDING
