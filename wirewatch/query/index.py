"""An index of watches: which of them an article can match at all.

As in percolators, a watch is filed under its rarest necessary terms: conditions of the form "at least one of these
terms is in the article" that follow from the query. What the index leaves out cannot match; what it gives is decided
exactly by `decide`. Kinds of terms, by first letter: w word, p first letters of a word, e entity, n folded name of a
mention, t topic, c there is a claim, f word of the source's name or domain, d domain or the end of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from wirewatch.query.compile import All, AnyPart, Asked, Compiled, Test
from wirewatch.query.decide import Decision, decide
from wirewatch.query.hits import AnyOf
from wirewatch.query.subject import Subject

# More alternatives than this are not worth filing a watch under each pair of terms.
_MAX_PAIRED: Final = 8
# Where a watch is filed that names nothing (more) that is necessary: under a term that every subject has.
_ALWAYS: Final[AnyOf] = frozenset({""})
_TYPICAL: Final = {"w": 0.02, "p": 0.1, "e": 0.02, "n": 0.001, "t": 0.1, "c": 0.1, "f": 0.02, "d": 0.01}
_SHORT_WORD: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Entry:
    """A watch, the pairs of terms under which it is filed, and one further condition to test before deciding."""

    compiled: Compiled
    first: AnyOf
    second: AnyOf
    third: AnyOf | None


class WatchIndex:
    """Watches by their rarest necessary terms; `frequencies` are shares of articles that hold a term, where known.

    Not locked: build and change it in one thread, or swap a new one in.
    """

    def __init__(self, frequencies: Mapping[str, float] | None = None) -> None:
        self._frequencies = frequencies or {}
        self._entries: dict[str, _Entry] = {}
        # a term of the rarest condition -> a term of the next -> watch id -> entry
        self._filed: dict[str, dict[str, dict[str, _Entry]]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, watch_id: str, compiled: Compiled) -> None:
        """File a watch, in place of an earlier one with the same id."""
        self.remove(watch_id)
        conditions = sorted(needs(compiled.root), key=self._cost)
        first = conditions[0] if conditions else _ALWAYS
        second = next((other for other in conditions[1:] if len(other) <= _MAX_PAIRED), _ALWAYS)
        third = next((other for other in conditions[1:] if other is not second), None)
        entry = self._entries[watch_id] = _Entry(compiled, first, second, third)
        for term, other in product(first, second):
            self._filed.setdefault(term, {}).setdefault(other, {})[watch_id] = entry

    def remove(self, watch_id: str) -> None:
        """Take a watch out; an unknown id is no error."""
        entry = self._entries.pop(watch_id, None)
        if entry is None:
            return
        for term, other in product(entry.first, entry.second):
            beside = self._filed[term]
            beside[other].pop(watch_id)
            if not beside[other]:
                del beside[other]
            if not beside:
                del self._filed[term]

    def candidates(self, subject: Subject) -> dict[str, Compiled]:
        """Every watch that the subject can match, and some that it cannot."""
        terms = subject.terms | _ALWAYS
        found: dict[str, Compiled] = {}
        for term in self._filed.keys() & terms:
            beside = self._filed[term]
            for other in terms.intersection(beside):
                for id_, entry in beside[other].items():
                    if entry.third is None or not entry.third.isdisjoint(terms):
                        found[id_] = entry.compiled
        return found

    def matches(self, subject: Subject) -> dict[str, Decision]:
        """The watches that match the subject, each with its evidence."""
        decided = {id_: decide(compiled, subject) for id_, compiled in self.candidates(subject).items()}
        return {id_: decision for id_, decision in decided.items() if decision.matched}

    def _cost(self, condition: AnyOf) -> float:
        """The share of articles that this condition lets through, at most, as far as is known."""
        return sum(self._frequencies.get(term) or _typical_share(term) for term in condition)


def _typical_share(term: str) -> float:
    """A guess before anything was counted: short words are common, long words rare."""
    if term[0] == "w":
        length = len(term) - 1
        return _SHORT_WORD / length if length <= 4 else _TYPICAL["w"] / length
    return _TYPICAL[term[0]]


def needs(test: Test) -> list[AnyOf]:
    """Conditions on terms that every matching subject fulfils; an empty list when nothing can be said."""
    if isinstance(test, Asked):
        return list(test.check.needs())
    if isinstance(test, All):
        return [condition for part in test.parts for condition in needs(part)]
    if isinstance(test, AnyPart):
        return _needs_of_any(test)
    return []


def _needs_of_any(test: AnyPart) -> list[AnyOf]:
    """One condition for alternatives: the union of each one's rarest."""
    union: set[str] = set()
    for part in test.parts:
        conditions = needs(part)
        if not conditions:
            return []
        union |= min(conditions, key=lambda condition: sum(map(_typical_share, condition)))
    return [frozenset(union)]
