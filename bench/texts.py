"""Articles made up for measuring: distinct, readable by the model, each with one word that only it has."""

import random
from collections.abc import Iterator
from typing import Any

PLACES = ("Brenna", "Ostrava", "Karvina", "Tromso", "Valdivia", "Mombasa", "Split", "Gdansk", "Izmir", "Busan")
PEOPLE = ("Mira Holt", "Jonas Weber", "Aiko Tanaka", "Peter Novak", "Lena Fischer", "Omar Haddad", "Sofia Rossi")
MATTERS = (
    "the harbour authority", "a new tram line", "the regional hospital", "the grain silo", "a flood barrier",
    "the textile works", "the night ferry", "a solar park", "the old quarry", "the water tariff",
)  # fmt: skip
VERBS = ("approved", "postponed", "criticised", "inspected", "reopened", "measured", "repaired", "questioned")
REASONS = (
    "after months of complaints from residents", "because the budget had run out", "as the spring floods receded",
    "although two of its members objected", "before the council meets again in June",
    "while engineers were still at work",
)  # fmt: skip


def articles(count: int, *, seed: int = 1, marker: str = "wirewatch") -> Iterator[dict[str, Any]]:
    """Bodies of POST /v1/articles; every text holds the word `marker`, so that one watch matches them all."""
    chosen = random.Random(seed)
    for number in range(count):
        place, person = chosen.choice(PLACES), chosen.choice(PEOPLE)
        sentences = [_sentence(chosen) for _ in range(chosen.randint(4, 12))]
        yield {
            "url": f"https://measure.example/{seed}/{number}",
            "title": f"{place}: {person} and {chosen.choice(MATTERS)}, part {number}",
            "text": f"{place} - {person} spoke of item{seed}x{number} on Monday. "
            + " ".join(sentences)
            + f" {marker}.",
            "source": {"name": f"Outlet {number % 17}", "domain": f"outlet{number % 17}.example"},
        }


def _sentence(chosen: random.Random) -> str:
    return (
        f"{chosen.choice(PEOPLE)} {chosen.choice(VERBS)} {chosen.choice(MATTERS)} in {chosen.choice(PLACES)} "
        f"{chosen.choice(REASONS)}, at a cost of {chosen.randint(2, 900)} thousand crowns."
    )
