"""What a database can ask of stored articles before they are read, so that few are decided that cannot match.

Each condition follows from the query: an article that fails it cannot match. Terms of title and text (`conditions`) are
stored as numbers in one array for each article, under an index.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeGuard
from zlib import crc32

from wirewatch.query.compile import All, Asked, Compiled, Test
from wirewatch.query.conditions import conditions, cost, typical_share
from wirewatch.query.facts import FieldCheck, PublishedCheck, StoryCheck
from wirewatch.query.hits import AnyOf, Check
from wirewatch.query.patterns import literal_of
from wirewatch.query.subject import PREFIX_LENGTH, TEXT_KINDS, kind_and_value

MAX_CONDITIONS: Final = 4
# Marks of what a database can be asked; words have none.
_ASKED: Final = frozenset(("", "e", "t", "c", "f", "d"))


@dataclass(frozen=True, slots=True)
class Necessary:
    """At least one of these is true of every article that matches: it holds one of the terms, mentions one of the
    entities, is about one of the topics, makes a claim, or comes from a publisher with one of these terms."""

    terms: tuple[int, ...] = ()
    entity_ids: tuple[str, ...] = ()
    topic_ids: tuple[str, ...] = ()
    claims: bool = False
    publishers: tuple[str, ...] = ()


Condition = Necessary | FieldCheck | PublishedCheck | StoryCheck
"""A check of a field is one of the language: the others say terms."""


def number_terms(terms: Iterable[str]) -> set[int]:
    """Terms as the database keeps them: 32 bits, signed. Two may share a number: then one more article is read."""
    return {(crc32(term.encode()) ^ 0x8000_0000) - 0x8000_0000 for term in terms}


def necessary_conditions(compiled: Compiled) -> list[Condition]:
    """The most telling conditions on stored articles that follow from a query; none where nothing can be said."""
    said = conditions(compiled.root, typical_share)
    ranked = sorted(said.some, key=lambda condition: cost(condition, typical_share))
    found = [condition for terms in ranked if (condition := _condition(terms)) is not None]
    return [*found[:MAX_CONDITIONS], *_facts(compiled.root)]


def _facts(root: Test) -> list[Condition]:
    """What is asked of every match about its language, date or story."""
    asked = [part for part in (root.parts if isinstance(root, All) else (root,)) if isinstance(part, Asked)]
    return [one.check for one in asked if isinstance(one.check, PublishedCheck | StoryCheck) or _is_of_lang(one.check)]


def _is_of_lang(check: Check) -> TypeGuard[FieldCheck]:
    return isinstance(check, FieldCheck) and check.field == "lang" and check.value.isascii()


def _stored(term: str) -> str:
    """The term that is stored of every article that has this one: of a wildcard, the letters it begins with."""
    kind, value = kind_and_value(term)
    if kind == "w" and len(literal := literal_of(value)) >= PREFIX_LENGTH:
        return "q:" + literal[:PREFIX_LENGTH]
    return term


def _condition(terms: AnyOf) -> Necessary | None:
    kinds: dict[str, list[str]] = {}
    for term in sorted(map(_stored, terms)):
        kind, value = kind_and_value(term)
        is_of_text = kind in TEXT_KINDS
        kinds.setdefault("" if is_of_text else kind, []).append(term if is_of_text else value)
    if not kinds.keys() <= _ASKED:
        return None
    return Necessary(
        terms=tuple(sorted(number_terms(kinds.get("", ())))),
        entity_ids=tuple(kinds.get("e", ())),
        topic_ids=tuple(kinds.get("t", ())),
        claims="c" in kinds,
        publishers=tuple(f"{kind}:{value}" for kind in ("f", "d") for value in kinds.get(kind, ())),
    )
