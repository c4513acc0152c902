"""An index of watches: which of them an article can match at all.

As in percolators, a watch is filed under its rarest necessary terms: conditions of the form "at least one of these
terms is in the article" that follow from the query. What the index leaves out cannot match; what it gives is decided
exactly by the tests of the query. A term is the key of a word, or has a colon, which no key has: `p:` first letters
of a word, `j:` two words joined by a hyphen, `1:` and `2:` remnants of a word that is near, `e:` entity, `n:` folded
name of a mention, `t:` topic, `c:` there is a claim, `f:` word of the source's name or domain, `d:` domain or the end
of one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from wirewatch.query.compile import All, AnyPart, Asked, Compiled, Test
from wirewatch.query.decide import Decision, decide
from wirewatch.query.hits import AnyOf
from wirewatch.query.sense import COMMON_WORDS
from wirewatch.query.subject import Subject

# More alternatives than this are not worth filing a watch under each pair of terms.
_MAX_PAIRED: Final = 8
# Where a watch is filed that names nothing (more) that is necessary: under a term that every subject has.
_ALWAYS: Final = ("",)
_TYPICAL: Final = {
    "j": 0.0005,
    "1": 0.005,
    "2": 0.005,
    "p": 0.1,
    "e": 0.02,
    "n": 0.001,
    "t": 0.1,
    "c": 0.1,
    "f": 0.02,
    "d": 0.01,
}
_COMMON_WORD: Final = 0.5
_SHORT_WORD: Final = 0.2
_LONG_WORD: Final = 0.02

Share = Callable[[str], float]
"""The share of articles that hold a term, as far as is known."""


@dataclass(slots=True, eq=False)
class _Entry:
    """A watch, and the terms under each pair of which it is filed."""

    watch_id: str
    compiled: Compiled
    first: tuple[str, ...]
    second: tuple[str, ...]
    is_exact: bool
    """Whether every article with a term of both matches."""


class WatchIndex:
    """Watches by their rarest necessary terms; `frequencies` are shares of articles that hold a term, where known.

    Not locked: build and change it in one thread, or swap a new one in.
    """

    def __init__(self, frequencies: Mapping[str, float] | None = None) -> None:
        self._frequencies = frequencies or {}
        self._entries: dict[str, _Entry] = {}
        # a term of the rarest condition -> a term of the next -> the watches; most terms have one watch alone
        self._filed: dict[str, dict[str, list[_Entry]]] = {}
        # how many watches are filed under remnants of words, by distance
        self._fuzzy: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, watch_id: str, compiled: Compiled) -> None:
        """File a watch, in place of an earlier one with the same id."""
        self.remove(watch_id)
        ranked = sorted(needs(compiled.root, self._share), key=self._cost)
        first = tuple(ranked[0]) if ranked else _ALWAYS
        second = next((tuple(other) for other in ranked[1:] if len(other) <= _MAX_PAIRED), _ALWAYS)
        filed = 2 if second is not _ALWAYS else 1
        exact = is_exact(compiled.root) and 0 < len(ranked) <= filed
        entry = self._entries[watch_id] = _Entry(watch_id, compiled, first, second, exact)
        self._fuzzy.update(_fuzzy_distances(entry))
        for term, other in product(first, second):
            self._filed.setdefault(term, {}).setdefault(other, []).append(entry)

    def remove(self, watch_id: str) -> None:
        """Take a watch out; an unknown id is no error."""
        entry = self._entries.pop(watch_id, None)
        if entry is None:
            return
        self._fuzzy.subtract(_fuzzy_distances(entry))
        for term, other in product(entry.first, entry.second):
            beside = self._filed[term]
            beside[other].remove(entry)
            if not beside[other]:
                del beside[other]
            if not beside:
                del self._filed[term]

    def find(self, watch_id: str) -> Compiled | None:
        entry = self._entries.get(watch_id)
        return entry.compiled if entry else None

    def compiled(self) -> Iterator[tuple[str, Compiled]]:
        """Every watch that is filed."""
        return ((watch_id, entry.compiled) for watch_id, entry in self._entries.items())

    def candidates(self, subject: Subject) -> dict[str, Compiled]:
        """Every watch that the subject can match, and some that it cannot."""
        return {entry.watch_id: entry.compiled for entry in self._possible(subject)}

    def matching(self, subject: Subject) -> dict[str, Compiled]:
        """The watches that match the subject."""
        whole = subject.is_whole
        return {
            entry.watch_id: entry.compiled
            for entry in self._possible(subject)
            if (entry.is_exact and whole) or entry.compiled.root.holds(subject)
        }

    def matches(self, subject: Subject) -> dict[str, Decision]:
        """The watches that match the subject, each with its evidence."""
        return {id_: decide(compiled, subject) for id_, compiled in self.matching(subject).items()}

    def _possible(self, subject: Subject) -> Iterator[_Entry]:
        terms = subject.terms.union(*(subject.remnants(distance) for distance, used in self._fuzzy.items() if used))
        for term in self._filed.keys() & terms:
            beside = self._filed[term]
            for other in beside.keys() & terms:
                yield from beside[other]

    def _share(self, term: str) -> float:
        return self._frequencies.get(term) or typical_share(term)

    def _cost(self, condition: AnyOf) -> float:
        return sum(map(self._share, condition))


def _fuzzy_distances(entry: _Entry) -> set[int]:
    return {int(term[0]) for term in (*entry.first, *entry.second) if term[:2] in ("1:", "2:")}


def typical_share(term: str) -> float:
    """A guess before anything was counted: short words are common, long words rare."""
    if term[1:2] == ":":
        return _TYPICAL[term[0]]
    if term in COMMON_WORDS:
        return _COMMON_WORD
    return (_SHORT_WORD if len(term) <= 4 else _LONG_WORD) / max(1, len(term))


def needs(test: Test, share: Share = typical_share) -> list[AnyOf]:
    """Conditions on terms that every matching subject fulfils; an empty list when nothing can be said."""
    if isinstance(test, Asked):
        return list(test.check.needs())
    if isinstance(test, All):
        return [condition for part in test.parts for condition in needs(part, share)]
    if isinstance(test, AnyPart):
        return _needs_of_any(test, share)
    return []


def is_exact(test: Test) -> bool:
    """Whether the test holds wherever all its `needs` are fulfilled."""
    if isinstance(test, Asked):
        return test.check.is_exact
    if isinstance(test, All):
        return all(map(is_exact, test.parts))
    if isinstance(test, AnyPart):
        return all(is_exact(part) and len(needs(part)) == 1 for part in test.parts)
    return False


def _needs_of_any(test: AnyPart, share: Share) -> list[AnyOf]:
    """One condition for alternatives: the union of each one's rarest."""
    union: set[str] = set()
    for part in test.parts:
        conditions = needs(part, share)
        if not conditions:
            return []
        union |= min(conditions, key=lambda condition: sum(map(share, condition)))
    return [frozenset(union)]
