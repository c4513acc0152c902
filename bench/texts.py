"""Articles made up for measuring: distinct, readable by the model, each with one word that only it has."""

import random
from collections.abc import Iterator
from typing import Any

PLACES = (
    "Brenna", "Ostrava", "Karvina", "Tromso", "Valdivia", "Mombasa", "Split", "Gdansk", "Izmir", "Busan", "Cork",
    "Bergen", "Aarhus", "Leiria", "Tartu", "Kaunas", "Plzen", "Graz", "Varna", "Iasi", "Sfax", "Kumasi", "Arusha",
    "Mendoza", "Cuenca", "Merida", "Halifax", "Duluth", "Geelong", "Dunedin",
)  # fmt: skip
PEOPLE = (
    "Mira Holt", "Jonas Weber", "Aiko Tanaka", "Peter Novak", "Lena Fischer", "Omar Haddad", "Sofia Rossi",
    "Anna Lindqvist", "Tomas Blaha", "Ines Carvalho", "Kofi Mensah", "Priya Nair", "Hugo Marchand", "Elif Demir",
    "Marek Zielinski", "Nora Byrne", "Diego Salas", "Hana Kim", "Ruben Visser", "Carla Mendez",
)  # fmt: skip
MATTERS = (
    "the harbour authority", "a new tram line", "the regional hospital", "the grain silo", "a flood barrier",
    "the textile works", "the night ferry", "a solar park", "the old quarry", "the water tariff", "two village schools",
    "a cycle bridge", "the fish market", "the opera's roof", "a bus depot", "the botanical garden", "a heating plant",
    "the county archive", "three football pitches", "the customs shed", "a dairy cooperative", "the ring road",
    "a seed bank", "the observatory", "the municipal bakery",
)  # fmt: skip
VERBS = (
    "approved", "postponed", "criticised", "inspected", "reopened", "measured", "repaired", "questioned", "sold",
    "insured", "mapped", "praised", "closed", "renamed", "rented out", "audited", "painted", "extended",
)  # fmt: skip
REASONS = (
    "after months of complaints from residents", "because the budget had run out", "as the spring floods receded",
    "although two of its members objected", "before the council meets again in June",
    "while engineers were still at work", "since nobody had made a better offer", "to the surprise of the neighbours",
    "once the snow had melted", "despite a petition with many signatures", "as was announced last autumn",
    "so that work can begin in time", "when the lease came to its end", "under a rule that is forty years old",
    "following a long evening of debate", "until a cheaper way is found", "at the wish of a former mayor",
)  # fmt: skip
FORMS = (
    "{person} {verb} {matter} in {place} {reason}.",
    "{reason}, {matter} in {place} was {verb}, and {number} people came to see it.",
    "In {place}, {matter} will be looked at by {person}, who {verb} {other} {reason}.",
    "About {number} tonnes were moved {reason}; {person} spoke of luck.",
    "It was {person} who {verb} {matter}, not {other}, said a letter from {place}.",
    "The price rose by {number} crowns {reason}, which {person} called fair.",
    "{place} lost {matter} and gained {other} {reason}.",
    "Nobody asked {person} about {matter}, {number} members of the board complained {reason}.",
    "With {number} votes the assembly of {place} {verb} {matter}.",
)


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
    filled = chosen.choice(FORMS).format(
        person=chosen.choice(PEOPLE),
        verb=chosen.choice(VERBS),
        matter=chosen.choice(MATTERS),
        other=chosen.choice(MATTERS),
        place=chosen.choice(PLACES),
        reason=chosen.choice(REASONS),
        number=chosen.randint(2, 900),
    )
    return filled[0].upper() + filled[1:]
