"""What a check finds in a subject, and the checks about words."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

import re2

from wirewatch.models import EvidenceKind, Field
from wirewatch.query.subject import PREFIX_LENGTH, Subject, Words
from wirewatch.query.syntax import Where
from wirewatch.text import is_designation_boundary, is_phrase_at

MAX_HITS: Final = 20
# A regular expression reads the raw text; what follows this many characters of a monstrous article is not read by it.
MAX_REGEX_TEXT: Final = 500_000

AnyOf = frozenset[str]
"""Index terms (see index.py) of which at least one is in every subject that a check can match."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A span that satisfied a check; without field and offsets where the fact stands in no text."""

    field: Field | None
    start: int | None
    end: int | None
    text: str
    ref_id: str | None = None


class Check(Protocol):
    """One clause, resolved against the catalogue."""

    @property
    def kind(self) -> EvidenceKind: ...

    def find(self, subject: Subject) -> list[Hit]:
        """Up to MAX_HITS spans; none means that the clause is not satisfied."""
        ...

    def needs(self) -> tuple[AnyOf, ...]:
        """Necessary conditions in terms of the index, any one of which may be used to find the watch."""
        ...


def span(subject: Subject, field: Field, start: int, end: int, ref_id: str | None = None) -> Hit:
    return Hit(field, start, end, subject.words(field).text[start:end], ref_id)


@dataclass(frozen=True, slots=True)
class PhraseCheck:
    """Consecutive keys; `last` holds all forms of the final word, `compound` the keys written as one word.

    With `written` the span must also be spelled exactly so.
    """

    where: Where
    phrase: tuple[str, ...]
    last: frozenset[str]
    compound: frozenset[str] = frozenset()
    written: str | None = None
    kind: EvidenceKind = "term"

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for field in subject.within(self.where):
            words = subject.words(field)
            for i, j in self._ranges(words):
                start, end = words.tokens[i].start, words.tokens[j - 1].end
                if self.written is None or words.text[start:end] == self.written:
                    hits.append(span(subject, field, start, end))
                    if len(hits) == MAX_HITS:
                        return hits
        return hits

    def _ranges(self, words: Words) -> list[tuple[int, int]]:
        length = len(self.phrase)
        found = [(i, i + length) for i in self._starts(words) if is_phrase_at(words.tokens, i, self.phrase, self.last)]
        for key in self.compound:
            found += [(i, i + 1) for i in words.places.get(key, ())]
            found += [(i, i + 2) for i in words.compounds.get(key, ())]
        return sorted(set(found)) if self.compound else found

    def _starts(self, words: Words) -> list[int]:
        """Where the phrase may begin, seen from the word of it that is rarest here."""
        places = words.places
        if len(self.phrase) == 1:
            return sorted(i for key in self.last for i in places.get(key, ()))
        rarest = min(range(len(self.phrase) - 1), key=lambda k: len(places.get(self.phrase[k], ())))
        return [i - rarest for i in places.get(self.phrase[rarest], ()) if i >= rarest]

    def needs(self) -> tuple[AnyOf, ...]:
        whole = {"w" + key for key in self.compound}
        before = (frozenset({"w" + key} | whole) for key in self.phrase[:-1])
        return (*before, frozenset({"w" + key for key in self.last} | whole))


@dataclass(frozen=True, slots=True)
class NearCheck:
    """All keys within a stretch that holds at most `distance` tokens besides them, in any order."""

    where: Where
    words: tuple[str, ...]
    distance: int
    kind: EvidenceKind = "term"

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for field in subject.within(self.where):
            words = subject.words(field)
            for i, j in self._stretches(words.places):
                hits.append(span(subject, field, words.tokens[i].start, words.tokens[j].end))
                if len(hits) == MAX_HITS:
                    return hits
        return hits

    def _stretches(self, places: dict[str, list[int]]) -> list[tuple[int, int]]:
        """Windows [i, j], found by one sweep over the places of the keys with a count of what the window holds."""
        if not all(key in places for key in self.words):
            return []
        missing = {key: self.words.count(key) for key in self.words}
        length, lacking = len(self.words) + self.distance, len(missing)
        events = sorted((i, key) for key in missing for i in places[key])
        found: list[tuple[int, int]] = []
        first, after = 0, -1
        for last, key in events:
            missing[key] -= 1
            lacking -= missing[key] == 0
            while lacking == 0:
                start, leaving = events[first]
                if last - start < length and start > after:
                    found.append((start, last))
                    after = last
                missing[leaving] += 1
                lacking += missing[leaving] == 1
                first += 1
        return found

    def needs(self) -> tuple[AnyOf, ...]:
        return tuple(frozenset({"w" + key}) for key in dict.fromkeys(self.words))


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
