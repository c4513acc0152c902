"""What a name in a query means, according to the catalogue of entities and topics."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Final, Protocol

from wirewatch.models import Entity, EntityType, Topic
from wirewatch.query.nearness import is_near
from wirewatch.query.subject import latin_tokens
from wirewatch.text import keys, transliterate

_RESPELLED_LETTERS: Final = 5


class Names(Protocol):
    """What compiling a query asks of the catalogue."""

    def entity_ids(self, name: str, type: EntityType | None) -> frozenset[str]:  # noqa: A002 - the word of the model
        """The entities that this id or name may mean; empty when nobody is called so."""
        ...

    def party_ids(self, name: str) -> frozenset[str]:
        """Whom this name may mean as a party to a claim: also the state behind a metonym ("Moscow")."""
        ...

    def places_within(self, entity_id: str) -> frozenset[str]:
        """The places that lie in a place, at any depth, without itself."""
        ...

    def topics(self, name: str) -> tuple[Topic, ...]:
        """The topics with this id or name."""
        ...

    def spellings(self, phrase: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """How else the catalogue spells this name (token keys in Latin letters): "Kinjal" for Kinzhal."""
        ...


class CatalogueNames:
    """`Names` over entities and topics in memory.

    An id wins over a full name or alias, that over a short name, demonym or metonym. Names are compared folded; where
    nothing is found, a name in another script is tried in Latin letters.
    """

    def __init__(self, entities: Iterable[Entity], topics: Iterable[Topic] = ()) -> None:
        self._types: dict[str, EntityType] = {}
        self._full: defaultdict[str, set[str]] = defaultdict(set)
        self._loose: defaultdict[str, set[str]] = defaultdict(set)
        self._inside: defaultdict[str, set[str]] = defaultdict(set)
        self._topics: defaultdict[str, dict[str, Topic]] = defaultdict(dict)
        self._written: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
        for entity in entities:
            self._add_entity(entity)
        for topic in topics:
            for name in (topic.id, _normal(topic.name), _normal(topic.id)):
                self._topics[name][topic.id] = topic

    def _add_entity(self, entity: Entity) -> None:
        self._types[entity.id] = entity.type
        for name in (entity.name, *entity.aliases):
            self._full[_normal(name)].add(entity.id)
        for name in (*entity.short_names, *entity.demonyms, *entity.metonyms):
            self._loose[_normal(name)].add(entity.id)
        self._add_spellings((entity.name, *entity.aliases, *entity.short_names))
        if entity.type == "place" and entity.country and entity.country != entity.id:
            self._inside[entity.country].add(entity.id)

    def entity_ids(self, name: str, type: EntityType | None) -> frozenset[str]:  # noqa: A002 - the word of the model
        if name in self._types:
            return self._of_type({name}, type)
        normal = _normal(name)
        for form in (normal, _latin(normal)):
            for table in (self._full, self._loose):
                if found := self._of_type(table.get(form, set()), type):
                    return found
        return frozenset()

    def party_ids(self, name: str) -> frozenset[str]:
        return self.entity_ids(name, None) | self._loose.get(_normal(name), set())

    def _of_type(self, ids: set[str], wanted: EntityType | None) -> frozenset[str]:
        return frozenset(id_ for id_ in ids if wanted is None or self._types[id_] == wanted)

    def places_within(self, entity_id: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [entity_id]
        while waiting:
            inside = self._inside.get(waiting.pop(), set()) - found - {entity_id}
            found |= inside
            waiting.extend(inside)
        return frozenset(found)

    def _add_spellings(self, names: Iterable[str]) -> None:
        for form, other in combinations({_spelled(name) for name in names}, 2):
            if is_respelled(form, other):
                self._written.setdefault(form, set()).add(other)
                self._written.setdefault(other, set()).add(form)

    def spellings(self, phrase: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        return tuple(sorted(self._written.get(phrase, ())))

    def topics(self, name: str) -> tuple[Topic, ...]:
        return tuple((self._topics.get(name) or self._topics.get(_normal(name)) or {}).values())


def is_respelled(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Are these two names of one thing the same words in other spellings, rather than other names of it?

    The same words one by one; each the same, or of five letters or more (digits: never) and a letter or two apart.
    """
    return len(left) == len(right) and all(map(_is_alike, left, right))


def _is_alike(left: str, right: str) -> bool:
    if left == right:
        return True
    shorter = min(len(left), len(right))
    if shorter < _RESPELLED_LETTERS or not (left.isalpha() and right.isalpha()):
        return False
    return is_near(left, right, 2 if shorter > _RESPELLED_LETTERS else 1)


def _spelled(name: str) -> tuple[str, ...]:
    return keys(name) if name.isascii() else tuple([token.key for token in latin_tokens(name)])


def _normal(name: str) -> str:
    words = keys(name)
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def _latin(normal: str) -> str:
    return " ".join(map(transliterate, normal.split()))
