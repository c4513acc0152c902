"""Word lists that tell a span's kind; data/ holds them as files that a person can correct."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from wirewatch.text import fold_word

_DATA = files(__package__) / "data"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded words; what each list means is said beside it in data/words.yml."""

    titles: frozenset[str]
    addresses: frozenset[str]
    speech: frozenset[str]
    org_heads: frozenset[str]
    place_heads: frozenset[str]
    place_starts: frozenset[str]
    org_starts: frozenset[str]
    generic: frozenset[str]
    acronyms: frozenset[str]
    peoples: frozenset[str]
    owners: frozenset[str]
    papers: frozenset[str]
    happenings: frozenset[str]
    club_starts: frozenset[str]
    particles: frozenset[str]
    military: frozenset[str]
    city_before: frozenset[str]
    city_after: frozenset[str]
    travel: frozenset[str]
    state_offices: frozenset[str]
    regions: frozenset[str]
    bodies: frozenset[str]
    settlements: frozenset[str]
    places: frozenset[str]
    given_names: frozenset[str]
    surnames: frozenset[str]


def fold(name: str) -> str:
    """One name as the lists keep it: folded words with single spaces, hyphens as spaces."""
    return " ".join(fold_word(word) for word in name.replace("-", " ").split())


@cache
def load_lexicon() -> Lexicon:
    words: dict[str, str] = yaml.safe_load((_DATA / "words.yml").read_text("utf-8"))
    lists = {name: frozenset(map(fold, _entries(text))) for name, text in words.items()}
    return Lexicon(
        **lists, places=_lines("places.txt"), given_names=_lines("given_names.txt"), surnames=_lines("surnames.txt")
    )


def _entries(text: str) -> list[str]:
    return text.splitlines() if "\n" in text.strip() else text.split()


def _lines(name: str) -> frozenset[str]:
    """A list that was folded when it was written, since folding 70,000 names would take a second at every start."""
    return frozenset(line for line in (_DATA / name).read_text("utf-8").splitlines() if not line.startswith("#"))
