"""The terms that watches are filed under, by number, and which of them a subject holds.

What a word says to all watches is worked out once and kept: articles share most of their words.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from wirewatch.query.expressions import Expressions
from wirewatch.query.nearness import is_near, remnants
from wirewatch.query.patterns import MAX_REGEX_TEXT, literal_of, wildcard_expression
from wirewatch.query.subject import SHORTEST_FUZZY, Subject, kind_and_value

# Numbers of terms that every subject has, and that none has.
ALWAYS: Final = 0
NEVER: Final = 1
_FIRST: Final = 2
_KEPT_WORDS: Final = 65_536


class Vocabulary:
    """Numbers of terms, see `conditions`: words, what describes words, and what is known of an article."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        # Marks of the terms that a subject knows by itself.
        self._kinds: set[str] = set()
        # Fuzzy words under their distance and each of their remnants, wildcards under the letters before the first.
        self._near: dict[int, dict[str, list[tuple[int, str]]]] = {}
        self._wildcards: dict[str, list[tuple[int, Any]]] = {}
        self._expressions = Expressions()
        self._said: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """One more than the highest number."""
        return len(self._numbers) + _FIRST

    def number(self, term: str) -> int:
        """The number of the term: a new one where it has none yet."""
        known = self._numbers.get(term)
        return self._add(term) if known is None else known

    def held_by(self, subject: Subject) -> list[int]:
        """The numbers of the terms that a subject holds; some may come twice."""
        words = [*subject.title.places, *subject.text.places]
        said = [
            self._listen(word) if numbers is None else numbers
            for word, numbers in zip(words, map(self._said.get, words), strict=True)
        ]
        held = [ALWAYS, *chain.from_iterable(said)]
        for kind in self._kinds:
            found = (self._numbers.get(f"{kind}:{value}") for value in subject.terms_of(kind))
            held += [number for number in found if number is not None]
        for field in (subject.title, subject.text):
            held += self._expressions.found_in(field.text[:MAX_REGEX_TEXT])
        return held

    def _add(self, term: str) -> int:
        number = self._numbers[term] = len(self)
        self._said.clear()
        kind, value = kind_and_value(term)
        if kind == "r":
            self._expressions.add(number, value)
        elif kind == "w":
            self._wildcards.setdefault(literal_of(value), []).append((number, wildcard_expression(value)))
        elif kind in ("1", "2"):
            table = self._near.setdefault(int(kind), {})
            for remnant in remnants(value, int(kind)):
                table.setdefault(remnant, []).append((number, value))
        elif kind:
            self._kinds.add(kind)
        return number

    def _listen(self, word: str) -> tuple[int, ...]:
        if len(self._said) >= _KEPT_WORDS:
            self._said.clear()
        numbers = self._said[word] = tuple(dict.fromkeys(self._said_by(word)))
        return numbers

    def _said_by(self, word: str) -> Iterator[int]:
        """The numbers of the terms that a word fulfils, some more than once."""
        if word in self._numbers:
            yield self._numbers[word]
        if self._wildcards:
            for length in range(1, len(word) + 1):
                for number, expression in self._wildcards.get(word[:length], ()):
                    if expression.fullmatch(word):
                        yield number
        for distance, table in self._near.items():
            for remnant in remnants(word, distance) if len(word) >= SHORTEST_FUZZY - distance else ():
                for number, wanted in table.get(remnant, ()):
                    if is_near(wanted, word, distance):
                        yield number
