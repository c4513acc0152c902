"""Known names in text: the longest match over folded tokens."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from wirewatch.data import UPPER_CASE_ONLY_LETTERS, is_upper_case_only
from wirewatch.models import Entity
from wirewatch.text import Token, is_designation_boundary, is_plain, keys, number_forms, tokenize

ABBREVIATION_LETTERS = 3
FREE_WORD_LETTERS = 3
_CURRENCIES = frozenset("$€£¥")
_BREAKS = frozenset(',;:!?()[]"“”/\n\r|')

NameKind = Literal["name", "short", "demonym", "metonym"]


class Sense(NamedTuple):
    """One thing that a name may mean."""

    entity: Entity
    kind: NameKind


class Spelling(NamedTuple):
    """How a name's letters must look in a text: all capitals, exactly so, or capitals at the words numbered here."""

    shouted: bool
    exactly: str | None
    capitals: tuple[int, ...]


_SHOUTED = Spelling(True, None, ())
_FREE = Spelling(False, None, ())


class Entry(NamedTuple):
    """A name's senses under one spelling."""

    senses: tuple[Sense, ...]
    spelling: Spelling


@dataclass(frozen=True, slots=True)
class Match:
    """tokens[first:last] are a known name; `start` and `end` are code points of the field."""

    first: int
    last: int
    start: int
    end: int
    senses: tuple[Sense, ...]


class Gazetteer:
    """All names of a catalogue. Building reads each name once; finding is one dictionary look-up per token start."""

    def __init__(self, names: dict[tuple[str, ...], tuple[Entry, ...]]) -> None:
        self._names = names
        self._longest: dict[str, int] = {}
        for words in names:
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    @classmethod
    def build(cls, entities: Iterable[Entity]) -> "Gazetteer":
        """Collect every spelling of every entity; entities given earlier come first among the senses of one name."""
        with _uncollected():
            names: dict[tuple[str, ...], tuple[Entry, ...]] = {}
            for entity in entities:
                for name, kind in _spellings(entity):
                    words, spelling = read_plain(name) or read_any(name)
                    sense = Sense(entity, kind)
                    for form in _forms(words, entity):
                        names[form] = _filed(names.get(form, ()), spelling, sense)
            return cls(names)

    def find(self, tokens: Sequence[Token], text: str) -> list[Match]:
        """Matches in text order, longest first from each token, none overlapping another."""
        found = [token.key for token in tokens]
        matches: list[Match] = []
        i = 0
        while i < len(found):
            longest = self._longest.get(found[i])
            match = self._match_at(tokens, found, i, longest, text) if longest else None
            if match is not None:
                matches.append(match)
            i = match.last if match is not None else i + 1
        return matches

    def senses(self, name: str) -> tuple[Sense, ...]:
        """What a whole name may mean, however it is written."""
        entries = self._names.get(keys(name), ())
        return tuple(sense for entry in entries for sense in entry.senses)

    def _match_at(self, tokens: Sequence[Token], found: list[str], i: int, longest: int, text: str) -> Match | None:
        for j in range(min(len(found), i + longest), i, -1):
            entries = self._names.get(tuple(found[i:j]))
            if entries is None:
                continue
            start, end = tokens[i].start, tokens[j - 1].end
            senses = tuple(s for e in entries if _is_written(e.spelling, text, tokens[i:j]) for s in e.senses)
            if (
                senses
                and text[end : end + 1] not in _CURRENCIES
                and _is_one_piece(text, tokens, i, j)
                and is_designation_boundary(tokens, i, j)
            ):
                return Match(i, j, start, end, senses)
        return None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector, which would go through all names again and again while nothing of them goes: half
    of the time that building takes."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _spellings(entity: Entity) -> Iterator[tuple[str, NameKind]]:
    yield entity.name, "name"
    for name in entity.aliases:
        yield name, "name"
    for name in entity.short_names:
        yield name, "short"
    for name in entity.demonyms:
        yield name, "demonym"
    for name in entity.metonyms:
        yield name, "metonym"


def read_plain(name: str) -> tuple[tuple[str, ...], Spelling] | None:
    """`read_any` for what most names are, some ASCII words with single spaces, at a fifth of the cost; else None."""
    if len(name) <= UPPER_CASE_ONLY_LETTERS or not is_plain(name):
        return None
    words = name.split(" ")
    capitals = [k for k, word in enumerate(words) if (k == 0 or len(word) > FREE_WORD_LETTERS) and word[0].isupper()]
    return keys(name), _capitalised(tuple(capitals))


def read_any(name: str) -> tuple[tuple[str, ...], Spelling]:
    """The keys of a name, none where it has no words, and how its letters must look."""
    tokens = tokenize(name)
    return tuple([token.key for token in tokens]), _spelling(name, tokens) if tokens else _FREE


def _filed(entries: tuple[Entry, ...], spelling: Spelling, sense: Sense) -> tuple[Entry, ...]:
    for place, (senses, known) in enumerate(entries):
        if known == spelling:
            # By identity: comparing entities field by field is what building would spend half its time with.
            if any(other.entity is sense.entity and other.kind == sense.kind for other in senses):
                return entries
            return (*entries[:place], Entry((*senses, sense), spelling), *entries[place + 1 :])
    return (*entries, Entry((sense,), spelling))


def _forms(words: tuple[str, ...], entity: Entity) -> list[tuple[str, ...]]:
    """A weapon's name also stands in the plural ("Javelins"), unless it ends in a designation."""
    if not words:
        return []
    forms = [words]
    if entity.type == "weapon" and len(words[-1]) > 3 and words[-1].isalpha():
        forms += [(*words[:-1], plural) for plural in number_forms(words[-1]) if plural.startswith(words[-1])]
    if words[0] == "the" and len(words) > 2:
        forms.append(words[1:])
    return forms


def _spelling(name: str, tokens: Sequence[Token]) -> Spelling:
    """Few letters of which more than the first are capitals ("US", "LeT") are no name in any other case, nor are words
    whose capitals are missing ("turkey", "white house"); short words after the first and designations are free.
    """
    if is_upper_case_only(name):
        return _SHOUTED
    letters = name.replace(".", "")
    if len(letters) <= UPPER_CASE_ONLY_LETTERS and letters.isalpha() and any(c.isupper() for c in letters[1:]):
        return Spelling(False, letters, ())
    capitals = []
    for k, (key, start, end, _) in enumerate(tokens):
        if key[0].isdigit():
            return _FREE
        if (k == 0 or end - start > FREE_WORD_LETTERS) and name[start].isupper():
            capitals.append(k)
    return _capitalised(tuple(capitals))


@cache
def _capitalised(words: tuple[int, ...]) -> Spelling:
    return Spelling(False, None, words)


def _is_written(spelling: Spelling, text: str, tokens: Sequence[Token]) -> bool:
    written = text[tokens[0].start : tokens[-1].end]
    if spelling.shouted:
        return written.isupper()
    if spelling.exactly is not None:
        return written.replace(".", "") == spelling.exactly
    # A hyphen lets the second half of a name be small ("Kim Jong-un").
    words = ((k, tokens[k]) for k in spelling.capitals if k < len(tokens))
    return not any(text[token.start].islower() and (k == 0 or not token.joined) for k, token in words)


def _is_one_piece(text: str, tokens: Sequence[Token], i: int, j: int) -> bool:
    """Between the words of one name stand no sentence ends, commas or brackets ("in Iraq. Iran")."""
    return all(tokens[k].joined or _is_gap(text, tokens[k - 1], tokens[k]) for k in range(i + 1, j))


def _is_gap(text: str, before: Token, after: Token) -> bool:
    between = text[before.end : after.start]
    if "." in between and len(before.key) > ABBREVIATION_LETTERS:
        return False
    return len(between) <= 4 and not _BREAKS.intersection(between)
