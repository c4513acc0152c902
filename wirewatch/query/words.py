"""The checks about words that are written out: phrases and nearness."""

from dataclasses import dataclass

from wirewatch.models import EvidenceKind
from wirewatch.query.hits import MAX_HITS, AnyOf, Hit, span
from wirewatch.query.subject import Subject, Words
from wirewatch.query.syntax import Where
from wirewatch.text import is_phrase_at


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
