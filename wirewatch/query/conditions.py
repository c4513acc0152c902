"""What a test says about the terms of a subject, as far as that can be said: an index and a database find by it.

A term is the key of a word, or has a colon, which no key has. Of words: `q:` the first four letters of one, `j:` two
joined by a hyphen, `1:` and `2:` one that is so near, `w:` one that a wildcard describes, `r:` a regular expression
that is found. Of the article: `e:` entity, `n:` folded name of a mention, `t:` topic, `c:` there is a claim, `f:` word
of the source's name or domain, `d:` domain or the end of one, `l:` language or the beginning of one.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from wirewatch.query.compile import All, AnyPart, Asked, Test
from wirewatch.query.hits import AnyOf
from wirewatch.query.sense import COMMON_WORDS

_TYPICAL: Final = {
    "j": 0.0005,
    "1": 0.02,
    "2": 0.05,
    "w": 0.05,
    "r": 0.2,
    "q": 0.03,
    "e": 0.02,
    "n": 0.001,
    "t": 0.1,
    "c": 0.1,
    "f": 0.02,
    "d": 0.01,
    "l": 0.5,
}
_COMMON_WORD: Final = 0.5
_SHORT_WORD: Final = 0.2
_LONG_WORD: Final = 0.02

Share = Callable[[str], float]
"""The share of articles that hold a term, as far as is known."""


class Conditions(NamedTuple):
    """Every subject that matches has one term of each of `some`; one that is whole has none of `none` besides.

    `decides`: a whole subject of which that is true matches, so that nothing is left to decide.
    """

    some: tuple[AnyOf, ...] = ()
    none: AnyOf = frozenset()
    decides: bool = False


_NOTHING_SAID: Final = Conditions()


def conditions(test: Test, share: Share) -> Conditions:
    """What follows from the test; of alternatives, each gives the condition that the fewest articles fulfil."""
    if isinstance(test, Asked):
        return Conditions(test.check.needs(), decides=test.check.is_exact)
    if isinstance(test, All):
        return _all_of([conditions(part, share) for part in test.parts])
    if isinstance(test, AnyPart):
        return _any_of([conditions(part, share) for part in test.parts], share)
    return _opposite(conditions(test.part, share))


def cost(condition: AnyOf, share: Share) -> float:
    """About the share of articles that fulfil a condition."""
    return sum(map(share, condition))


def typical_share(term: str) -> float:
    """A guess before anything was counted: short words are common, long words rare."""
    if term[1:2] == ":":
        return _TYPICAL[term[0]]
    if term in COMMON_WORDS:
        return _COMMON_WORD
    return (_SHORT_WORD if len(term) <= 4 else _LONG_WORD) / max(1, len(term))


def _all_of(parts: list[Conditions]) -> Conditions:
    some = tuple(condition for part in parts for condition in part.some)
    return Conditions(some, frozenset().union(*(part.none for part in parts)), all(part.decides for part in parts))


def _any_of(parts: list[Conditions], share: Share) -> Conditions:
    if not all(part.some for part in parts):
        return _NOTHING_SAID
    union = frozenset().union(*(min(part.some, key=lambda one: cost(one, share)) for part in parts))
    return Conditions((union,), decides=all(part.decides and len(part.some) == 1 and not part.none for part in parts))


def _opposite(of: Conditions) -> Conditions:
    """What is decided by one condition is missing where none of its terms is there."""
    if of.decides and len(of.some) == 1 and not of.none:
        return Conditions(none=of.some[0], decides=True)
    return _NOTHING_SAID
