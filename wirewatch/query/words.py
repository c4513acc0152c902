"""The checks about words that are written out: phrases and nearness."""

from dataclasses import dataclass, field

from wirewatch.query.hits import MAX_HITS, AnyOf, Check, Hit, span
from wirewatch.query.subject import Subject, Words
from wirewatch.query.syntax import Where
from wirewatch.text import is_phrase_at


@dataclass(frozen=True, slots=True)
class Form:
    """Consecutive keys; `last` holds all forms of the final word, `meaning` says what the form is if not that asked."""

    phrase: tuple[str, ...]
    last: tuple[str, ...]
    meaning: str | None = None


@dataclass(frozen=True, slots=True)
class PhraseCheck(Check):
    """Any of the forms, which have equally many words, or the keys of one written as one word (`compound`).

    With `written` the span must also be spelled exactly so.
    """

    where: Where
    forms: tuple[Form, ...]
    compound: frozenset[str] = frozenset()
    written: str | None = None
    plain: tuple[str, ...] = field(init=False)
    """The keys of which one that is present decides: where all forms are single words, which stand for themselves."""

    def __post_init__(self) -> None:
        found = [key for form in self.forms for key in form.last]
        decides = self.written is None and len(self.forms[0].phrase) == 1
        plain = decides and all(len(key) > 1 and key.isalpha() for key in found)
        object.__setattr__(self, "plain", tuple(found) if plain else ())

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for name in subject.within(self.where):
            words = subject.words(name)
            for i, j, meaning in self._ranges(words):
                start, end = words.tokens[i].start, words.tokens[j - 1].end
                if self.written is None or words.text[start:end] == self.written:
                    hits.append(span(subject, name, start, end, None, meaning))
                    if len(hits) == MAX_HITS:
                        return hits
        return hits

    def holds(self, subject: Subject) -> bool:
        if not self.plain:
            return bool(self.find(subject))
        present = subject.present[self.where]
        if not present.keys.isdisjoint(self.plain):
            return True
        return not present.compounds.isdisjoint(self.compound)

    def _ranges(self, words: Words) -> list[tuple[int, int, str | None]]:
        found = {(i, j): form.meaning for form in reversed(self.forms) for i, j in _ranges(form, words)}
        for key in self.compound:
            found |= {(i, i + 1): None for i in words.places.get(key, ())}
            found |= {(i, i + 2): None for i in words.compounds.get(key, ())}
        return [(i, j, found[i, j]) for i, j in sorted(found)]

    def needs(self) -> tuple[AnyOf, ...]:
        every = len(self.forms[0].phrase)
        columns = [{form.phrase[k] for form in self.forms} for k in range(every - 1)]
        columns.append({key for form in self.forms for key in form.last})
        whole = self.compound | {f"j:{key}" for key in self.compound}
        return tuple(frozenset(column | whole) for column in columns)

    @property
    def is_exact(self) -> bool:
        return bool(self.plain) and self.where == "any"


def _ranges(form: Form, words: Words) -> list[tuple[int, int]]:
    length = len(form.phrase)
    return [(i, i + length) for i in _starts(form, words) if is_phrase_at(words.tokens, i, form.phrase, form.last)]


def _starts(form: Form, words: Words) -> list[int]:
    """Where the phrase may begin, seen from the word of it that is rarest here."""
    phrase, places = form.phrase, words.places
    if len(phrase) == 1:
        return sorted(i for key in form.last for i in places.get(key, ()))
    rarest = min(range(len(phrase) - 1), key=lambda k: len(places.get(phrase[k], ())))
    return [i - rarest for i in places.get(phrase[rarest], ()) if i >= rarest]


@dataclass(frozen=True, slots=True)
class NearCheck(Check):
    """All keys within a stretch that holds at most `distance` tokens besides them, in any order."""

    where: Where
    words: tuple[str, ...]
    distance: int

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for name in subject.within(self.where):
            words = subject.words(name)
            for i, j in self._stretches(words.places):
                hits.append(span(subject, name, words.tokens[i].start, words.tokens[j].end))
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
        return tuple(frozenset({key}) for key in dict.fromkeys(self.words))
