"""Many regular expressions, sought in one text together."""

from typing import Final

import re2

from wirewatch.query.terms import compile_regex, regex_options

# RE2 looks for the letters that its expressions must have in one automaton. It is silent where that would be too
# large for its memory, so automata are kept far smaller (measured in instructions of the compiled expressions).
_MAX_PROGRAM: Final = 20_000


class Expressions:
    """Regular expressions under numbers, of which RE2 tries only those whose necessary letters the text has."""

    def __init__(self) -> None:
        self._full: list[_Group] = []
        self._latest = _Group()

    def add(self, number: int, pattern: str) -> None:
        size = compile_regex(pattern).programsize
        if self._latest.size + size > _MAX_PROGRAM and self._latest.patterns:
            self._full.append(self._latest)
            self._latest = _Group()
        self._latest.add(number, pattern, size)

    def found_in(self, text: str) -> list[int]:
        """The numbers of those that are found in the text."""
        return [number for group in (*self._full, self._latest) if group.patterns for number in group.found_in(text)]


class _Group:
    """As many expressions as one automaton takes, compiled when they are first sought."""

    def __init__(self) -> None:
        self.patterns: list[str] = []
        self.size = 0
        self._numbers: list[int] = []
        self._filter: re2.Filter | None = None

    def add(self, number: int, pattern: str, size: int) -> None:
        self.patterns.append(pattern)
        self.size += size
        self._numbers.append(number)
        self._filter = None

    def found_in(self, text: str) -> list[int]:
        if self._filter is None:
            self._filter = re2.Filter()
            for pattern in self.patterns:
                self._filter.Add(pattern, regex_options())
            self._filter.Compile()
        return [self._numbers[place] for place in self._filter.Match(text) or ()]
