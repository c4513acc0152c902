"""Entities as parties: which state or organisation a mention stands for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wirewatch.models import Entity, Mention
from wirewatch.text import fold_word, keys

# Bodies and persons through whom a state acts; makers, armed groups and international bodies act for themselves.
STATE_BODIES = frozenset(
    {"government", "military", "ministry", "armed-forces", "agency", "intelligence", "parliament", "police", "court"}
)
PRIVATE_PERSONS = frozenset({"armed-group-leader", "business", "opposition", "politician", "international-official"})
# Whose surname alone may stand for their state ("Bush"); anybody's in a large catalogue would stand for none.
OFFICES = frozenset({"leader", "minister", "official", "spokesperson", "commander"})
STATES = frozenset({"country", "disputed-state", "historic-state"})
BODY_WORDS = frozenset("ministry government army navy force forces parliament department cabinet".split())
MAKERS = frozenset({"arms-maker", "company"})
OWN_SIDE = frozenset(
    {"armed-group", "armed-group-leader", "opposition", "criminal-group", "hacker-group", "international"}
)
# Words for states that are other things too where they are not linked.
AMBIGUOUS_STATES = frozenset("turkey chad jordan georgia guinea mali niger polish china congo korea oman cuba".split())
CORPORATE = re.compile(
    r"\b(co|corp|inc|ltd|plc|ag|gmbh|industries|systems|aerospace|group|company|technologies|dynamics|aviation|"
    r"shipyards?|arsenal|brigades?|front|movement|militia|liberation|helicopters?|defen[cs]e systems)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes part: `name` and `id` as a claim shows them, `state` for telling whether two are of one side.

    `person` is who was named where a person speaks or acts for the party.
    """

    name: str
    id: str | None
    state: str | None
    person: str | None = None
    is_maker: bool = False

    def same_side(self, other: "Party") -> bool:
        return self.name == other.name or (self.state is not None and self.state == other.state)


class Registry:
    """The entities of one catalogue revision, looked up as parties."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        known = tuple(entities)
        self._entities = {entity.id: entity for entity in known}
        self._states: dict[tuple[str, ...], Entity] = {}
        for entity in known:
            if is_state(entity):
                for form in (entity.name, *entity.aliases, *entity.demonyms):
                    self._states.setdefault(keys(form), entity)
        self._surnames: dict[str, set[str | None]] = {}
        for entity in known:
            if entity.type == "person" and entity.category in OFFICES:
                for form in (entity.name.split()[-1], *entity.short_names):
                    self._surnames.setdefault(fold_word(form), set()).add(entity.country)

    def party(self, mention: Mention) -> Party | None:
        """The party that a linked mention stands for; of an unlinked one only what its words make certain."""
        entity = self._entities.get(mention.entity_id or "")
        if entity is None:
            return self._unlinked(mention)
        state = self._state_of(entity)
        if state and stands_for_state(entity):
            return Party(state.name, state.id, state.id, entity.name if entity.type == "person" else None)
        if entity.type in {"place", "weapon", "other"}:
            return None
        side = None if entity.category in OWN_SIDE else entity.country
        person = entity.name if entity.type == "person" else None
        return Party(entity.name, entity.id, side, person, is_maker=entity.category in MAKERS)

    def state_named(self, words: tuple[str, ...]) -> Party | None:
        """The state whose name or demonym the folded words are, where nothing else can be meant."""
        state = self._states.get(words)
        if state is None or words[0] in AMBIGUOUS_STATES:
            return None
        return Party(state.name, state.id, state.id)

    def home_of(self, entity_id: str | None) -> Party | None:
        """The state that a weapon comes from, as far as the catalogue says."""
        weapon = self._entities.get(entity_id or "")
        state = self._entities.get(weapon.country or "") if weapon else None
        return Party(state.name, state.id, state.id) if state else None

    def is_linked(self, mention: Mention) -> bool:
        return mention.entity_id in self._entities

    def _state_of(self, entity: Entity) -> Entity | None:
        return entity if is_state(entity) else self._entities.get(entity.country or "")

    def _unlinked(self, mention: Mention) -> Party | None:
        if mention.label == "ORG" and CORPORATE.search(mention.text):
            return Party(mention.name, None, None)
        if mention.label == "PERSON":
            # "Bush": whichever of the two, a president of the same state.
            states = self._surnames.get(fold_word(mention.text.split()[-1]), set())
            state = self._entities.get(next(iter(states)) or "") if len(states) == 1 else None
            return Party(state.name, state.id, state.id, mention.name) if state else None
        return None


def is_state(entity: Entity) -> bool:
    """A state by its category, or, where a user gave none, by having a people or a capital that speaks for it."""
    uncategorised = entity.category is None and bool(entity.demonyms or entity.metonyms)
    return entity.type == "place" and (entity.category in STATES or uncategorised)


def stands_for_state(entity: Entity) -> bool:
    match entity.type:
        case "place":
            return True
        case "person":
            return entity.category not in PRIVATE_PERSONS
        case "org":
            named = entity.category not in OWN_SIDE | MAKERS and bool(BODY_WORDS & set(keys(entity.name)))
            return entity.category in STATE_BODIES or named
    return False
