"""One document agrees with itself: the same name has one label throughout, and a surname follows its full name."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from wirewatch.models import MentionLabel
from worker.extraction.evidence import complete_persons, read_evidence
from worker.extraction.lexicon import Lexicon, fold
from worker.extraction.spans import Candidate

_NAME_WORD = re.compile(r"[^\W\d_](?:[\w'’´]|-(?=\w))*")
_ACRONYM = re.compile(r"[A-Z]{3,6}$")
_BEFORE = re.compile(r"([\w-]+)[.,]?\s+$")
_SMALL_WORD = re.compile(r"(?<![\w'’-])[^\W\d_A-Z][\w]*")
_SHOUTED_AFTER = re.compile(r"[\s,:]+[A-Z]{2,}")
_SHOUTED = re.compile(r"[A-Z]{2,}[\s,:]+$|[A-Z]{2,}$")
_MIN_NAME_LETTERS = 3
_RULE_SCORE = 0.6
_FULL_NAME_VOTES = 40
_DOUBTFUL_NAME_VOTES = 2


@dataclass(frozen=True, slots=True)
class Names:
    """What a document says of single words: `people` are words of full personal names, `small` its small words,
    `witnessed` the names that words beside them call a person's."""

    people: frozenset[str]
    labels: dict[str, MentionLabel]
    small: frozenset[str]
    witnessed: frozenset[str]


def agree(text: str, candidates: Sequence[Candidate], linked: Sequence[Candidate], lexicon: Lexicon) -> list[Candidate]:
    """The candidates with one label per name, and with what the model missed of names that it found elsewhere.

    `linked` are the spans that the gazetteer has settled; they witness, and nothing is found inside them.
    """
    names = _decide(text, [*candidates, *linked], lexicon)
    kept = [replace(c, label=names.labels.get(text[c.start : c.end], c.label)) for c in candidates]
    kept = [c for c in kept if not _is_common_word(text[c.start : c.end], c.label, names)]
    kept = [c for c in kept if not _is_mere_guess(text[c.start : c.end], c.label, names, lexicon)]
    known = sorted([*kept, *linked], key=lambda c: c.start)
    whole = sorted([*kept, *_missed(text, known, names, lexicon)], key=lambda c: c.start)
    return complete_persons(text, whole, linked, names.people, lexicon)


def _decide(text: str, candidates: Sequence[Candidate], lexicon: Lexicon) -> Names:
    places = {text[c.start : c.end] for c in candidates if c.entity is not None and c.label != "PERSON"}
    sure, doubtful = (words - places for words in _people(text, candidates, lexicon))
    votes: dict[str, Counter[MentionLabel]] = defaultdict(Counter)
    witnessed = set()
    for c in candidates:
        surface = text[c.start : c.end]
        # A lone word that begins a sentence is a body to the model for its capital alone; it is rather a person.
        lone = c.label == "ORG" and _opens_sentence(text, c) and surface[1:].islower() and c.entity is None
        votes[surface]["PERSON" if lone else c.label] += 2
        if c.entity is None:
            evidence = read_evidence(text, c, lexicon)
            votes[surface].update(evidence)
            if evidence["PERSON"]:
                witnessed.add(surface)
    labels: dict[str, MentionLabel] = {}
    for surface, counted in votes.items():
        counted["PERSON"] += _FULL_NAME_VOTES * (surface in sure) + _DOUBTFUL_NAME_VOTES * (surface in doubtful)
        if _ACRONYM.match(surface) and surface.title() not in sure:
            counted["ORG"] += counted.pop("PERSON") + counted["GPE"] // 2 + counted["LOC"] // 2
        if fold(surface) in lexicon.given_names or fold(surface) in lexicon.surnames:
            counted["PERSON"] += counted["ORG"]
        labels[surface] = max(counted, key=lambda label: counted[label])
    small = frozenset(_SMALL_WORD.findall(text))
    people = frozenset(word for word in sure | doubtful if word.lower() not in small)
    return Names(people, labels, small, frozenset(witnessed))


def _opens_sentence(text: str, c: Candidate) -> bool:
    before = text[max(0, c.start - 3) : c.start].rstrip(" “\"'‘")
    return not before or before[-1] in ".!?\n\r"


def _people(text: str, candidates: Iterable[Candidate], lexicon: Lexicon) -> tuple[frozenset[str], frozenset[str]]:
    """Words of full personal names: of those that look like one to the name lists, and of the others."""
    sure: set[str] = set()
    doubtful: set[str] = set()
    for c in candidates:
        parts = _NAME_WORD.findall(text[c.start : c.end]) if c.label == "PERSON" else []
        if len(parts) > 1:
            words = sure if c.entity or _is_credible(text, c, parts, lexicon) else doubtful
            words.update(part for part in parts if _may_stand_alone(part, lexicon))
    return frozenset(sure), frozenset(doubtful - sure)


def _is_credible(text: str, c: Candidate, parts: Sequence[str], lexicon: Lexicon) -> bool:
    before = _BEFORE.search(text, max(0, c.start - 30), c.start)
    known = fold(parts[0]) in lexicon.given_names or fold(parts[-1]) in lexicon.surnames
    return known or (before is not None and fold(before[1]) in lexicon.titles)


def _may_stand_alone(word: str, lexicon: Lexicon) -> bool:
    key = fold(word)
    unfit = (lexicon.generic, lexicon.titles, lexicon.particles, lexicon.peoples, lexicon.regions, lexicon.bodies)
    return len(word) >= _MIN_NAME_LETTERS and word[0].isupper() and not any(key in words for words in unfit)


def _is_common_word(surface: str, label: MentionLabel, names: Names) -> bool:
    """A single capitalised word that the document also writes small is no name."""
    return label in ("ORG", "PERSON") and surface.lower() in names.small and not surface.isupper()


def _is_mere_guess(surface: str, label: MentionLabel, names: Names, lexicon: Lexicon) -> bool:
    """A lone unheard-of word that only the model takes for a person: as often it is a firm, a place or a dish."""
    if label != "PERSON" or " " in surface or surface in names.people or surface in names.witnessed:
        return False
    return fold(surface) not in lexicon.given_names and fold(surface) not in lexicon.surnames


def _missed(text: str, known: Sequence[Candidate], names: Names, lexicon: Lexicon) -> list[Candidate]:
    starts = [c.start for c in known]
    found = []
    for match in _NAME_WORD.finditer(text):
        word = match[0]
        if not word[0].isupper():
            continue
        word = word.removesuffix("'s").removesuffix("’s")
        at = bisect_right(starts, match.start()) - 1
        if at >= 0 and known[at].end > match.start():
            continue
        label = names.labels.get(word) or ("PERSON" if word in names.people else None)
        if label == "PERSON" and _is_mere_guess(word, label, names, lexicon):
            continue
        if fold(word) in lexicon.peoples:
            found.append(Candidate(match.start(), match.start() + len(word), "NORP", _RULE_SCORE))
            continue
        if label is None and _is_acronym(text, match.start(), word, lexicon):
            label = "ORG"
        if label is not None and word.lower() not in names.small and _may_stand_alone(word, lexicon):
            found.append(Candidate(match.start(), match.start() + len(word), label, _RULE_SCORE))
    return found


def _is_acronym(text: str, start: int, word: str, lexicon: Lexicon) -> bool:
    """An acronym is a body's unless it is known to be something else, or the whole line shouts."""
    if not _ACRONYM.match(word) or fold(word) in lexicon.acronyms:
        return False
    end = start + len(word)
    return not (_SHOUTED.search(text, max(0, start - 30), start) or _SHOUTED_AFTER.match(text, end, end + 30))
