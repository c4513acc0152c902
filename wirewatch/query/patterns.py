"""The checks about words that are described: wildcards, fuzzy words, regular expressions."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

from wirewatch.models import EvidenceKind
from wirewatch.query.hits import MAX_HITS, AnyOf, Hit, span
from wirewatch.query.subject import PREFIX_LENGTH, Subject, Words
from wirewatch.query.syntax import Where
from wirewatch.text import is_designation_boundary

# A regular expression reads the raw text; what follows this many characters of a monstrous article is not read by it.
MAX_REGEX_TEXT: Final = 500_000


@dataclass(frozen=True, slots=True)
class WildcardCheck:
    where: Where
    before: tuple[str, ...]
    pattern: str
    kind: EvidenceKind = "term"

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
        fixed = tuple(frozenset({"w" + key}) for key in self.before)
        literal = self._literal()
        return (*fixed, frozenset({"p" + literal[:PREFIX_LENGTH]})) if len(literal) >= PREFIX_LENGTH else fixed


def _places_like(words: Words, expression: Any, prefix: str) -> list[int]:
    matching = (key for key in words.keys_with_prefix(prefix) if expression.fullmatch(key))
    return sorted(i for key in matching for i in words.places[key])


@lru_cache(maxsize=4096)
def _wildcard_expression(pattern: str) -> Any:
    """RE2, because several stars in one pattern make a backtracking engine slow."""
    parts = (".*" if char == "*" else "." if char == "?" else re2.escape(char) for char in pattern)
    return re2.compile("".join(parts))


@dataclass(frozen=True, slots=True)
class FuzzyCheck:
    where: Where
    key: str
    distance: int
    kind: EvidenceKind = "term"

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for field in subject.within(self.where):
            words = subject.words(field)
            alike = words.keys_about_as_long(len(self.key), self.distance)
            near = [key for key in alike if is_near(self.key, key, self.distance)]
            for i in sorted(i for key in near for i in words.places[key]):
                hits.append(span(subject, field, words.tokens[i].start, words.tokens[i].end))
                if len(hits) == MAX_HITS:
                    return hits
        return hits

    def needs(self) -> tuple[AnyOf, ...]:
        return ()


def is_near(left: str, right: str, distance: int) -> bool:
    """Are at most `distance` insertions, deletions, replacements and swaps of neighbours between the two?

    Optimal string alignment distance, rejected early by length and by letters that occur in one word only.
    """
    if abs(len(left) - len(right)) > distance or len(set(left) ^ set(right)) > 2 * distance:
        return False
    return _edits(left, right) <= distance


@lru_cache(maxsize=65_536)
def _edits(left: str, right: str) -> int:
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        row = [i]
        for j, b in enumerate(right, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]


@dataclass(frozen=True, slots=True)
class RegexCheck:
    where: Where
    expression: Any
    kind: EvidenceKind = "term"

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
