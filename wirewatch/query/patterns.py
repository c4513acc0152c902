"""The checks about words that are described: wildcards, fuzzy words, regular expressions."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

from wirewatch.query.hits import MAX_HITS, AnyOf, Check, Hit, span
from wirewatch.query.nearness import is_near
from wirewatch.query.subject import Subject, Words
from wirewatch.query.syntax import Where
from wirewatch.text import is_designation_boundary

# A regular expression reads the raw text; what follows this many characters of a monstrous article is not read by it.
MAX_REGEX_TEXT: Final = 500_000


@dataclass(frozen=True, slots=True)
class WildcardCheck(Check):
    where: Where
    before: tuple[str, ...]
    pattern: str

    def holds(self, subject: Subject) -> bool:
        if not self._is_plain_prefix():
            return bool(self.find(subject))
        prefix = literal_of(self.pattern)
        return any(subject.words(field).has_prefix(prefix) for field in subject.within(self.where))

    def _is_plain_prefix(self) -> bool:
        """Letters and one star at the end: an ordinary word that begins so stands for itself wherever it stands."""
        literal = self.pattern[:-1]
        return not self.before and len(literal) > 1 and literal.isalpha() and self.pattern[-1] == "*"

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for field in subject.within(self.where):
            words = subject.words(field)
            for i in _places_like(words, wildcard_expression(self.pattern), literal_of(self.pattern)):
                start = i - len(self.before)
                if start >= 0 and self._stands(words, start, i):
                    hits.append(span(subject, field, words.tokens[start].start, words.tokens[i].end))
                    if len(hits) == MAX_HITS:
                        return hits
        return hits

    def _stands(self, words: Words, start: int, i: int) -> bool:
        before = tuple(token.key for token in words.tokens[start:i])
        return before == self.before and is_designation_boundary(words.tokens, start, i + 1)

    def needs(self) -> tuple[AnyOf, ...]:
        return (*(frozenset({key}) for key in self.before), frozenset({"w:" + self.pattern}))

    @property
    def is_exact(self) -> bool:
        return self._is_plain_prefix() and self.where == "any"


def _places_like(words: Words, expression: Any, prefix: str) -> list[int]:
    matching = (key for key in words.keys_with_prefix(prefix) if expression.fullmatch(key))
    return sorted(i for key in matching for i in words.places[key])


def literal_of(pattern: str) -> str:
    """What stands before the first wildcard."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


@lru_cache(maxsize=4096)
def wildcard_expression(pattern: str) -> Any:
    """RE2, because several stars in one pattern make a backtracking engine slow."""
    parts = (".*" if char == "*" else "." if char == "?" else re2.escape(char) for char in pattern)
    return re2.compile("".join(parts))


@dataclass(frozen=True, slots=True)
class FuzzyCheck(Check):
    where: Where
    key: str
    distance: int

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for field in subject.within(self.where):
            words = subject.words(field)
            possible = words.possibly_near(self.key, self.distance)
            near = [key for key in possible if is_near(self.key, key, self.distance)]
            for i in sorted(i for key in near for i in words.places[key]):
                hits.append(span(subject, field, words.tokens[i].start, words.tokens[i].end))
                if len(hits) == MAX_HITS:
                    return hits
        return hits

    def needs(self) -> tuple[AnyOf, ...]:
        return (frozenset({f"{self.distance}:{self.key}"}),)

    @property
    def is_exact(self) -> bool:
        return self.where == "any"


@dataclass(frozen=True, slots=True)
class RegexCheck(Check):
    where: Where
    expression: Any

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for field in subject.within(self.where):
            for match in self.expression.finditer(subject.words(field).text[:MAX_REGEX_TEXT]):
                start, end = match.span()
                if start < end:
                    hits.append(span(subject, field, start, end))
                if len(hits) == MAX_HITS:
                    return hits
        return hits

    def needs(self) -> tuple[AnyOf, ...]:
        return (frozenset({"r:" + self.expression.pattern}),)
