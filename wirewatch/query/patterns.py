"""The checks about words that are described: wildcards, fuzzy words, regular expressions."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

from wirewatch.query.hits import MAX_HITS, AnyOf, Check, Hit, span
from wirewatch.query.nearness import is_near, remnants
from wirewatch.query.subject import LONG_PREFIX_LENGTH, PREFIX_LENGTH, Subject, Words
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
        prefix = self._literal()
        return any(subject.words(field).has_prefix(prefix) for field in subject.within(self.where))

    def _is_plain_prefix(self) -> bool:
        """Letters and one star at the end: an ordinary word that begins so stands for itself wherever it stands."""
        literal = self.pattern[:-1]
        return not self.before and len(literal) > 1 and literal.isalpha() and self.pattern[-1] == "*"

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for field in subject.within(self.where):
            words = subject.words(field)
            for i in _places_like(words, _wildcard_expression(self.pattern), self._literal()):
                start = i - len(self.before)
                if start >= 0 and self._stands(words, start, i):
                    hits.append(span(subject, field, words.tokens[start].start, words.tokens[i].end))
                    if len(hits) == MAX_HITS:
                        return hits
        return hits

    def _stands(self, words: Words, start: int, i: int) -> bool:
        before = tuple(token.key for token in words.tokens[start:i])
        return before == self.before and is_designation_boundary(words.tokens, start, i + 1)

    def _literal(self) -> str:
        return re.split(r"[*?]", self.pattern, maxsplit=1)[0]

    def needs(self) -> tuple[AnyOf, ...]:
        fixed = tuple(frozenset({key}) for key in self.before)
        literal = self._literal()
        if len(literal) >= LONG_PREFIX_LENGTH:
            return (*fixed, frozenset({"q:" + literal[:LONG_PREFIX_LENGTH]}))
        return (*fixed, frozenset({"p:" + literal})) if len(literal) == PREFIX_LENGTH else fixed


def _places_like(words: Words, expression: Any, prefix: str) -> list[int]:
    matching = (key for key in words.keys_with_prefix(prefix) if expression.fullmatch(key))
    return sorted(i for key in matching for i in words.places[key])


@lru_cache(maxsize=4096)
def _wildcard_expression(pattern: str) -> Any:
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
        return (frozenset(f"{self.distance}:{remnant}" for remnant in remnants(self.key, self.distance)),)


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
        return ()
