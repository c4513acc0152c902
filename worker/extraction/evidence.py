"""What the words around a name say of it: titles and verbs of persons, prepositions and neighbours of places."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from wirewatch.models import MentionLabel
from worker.extraction.lexicon import Lexicon, fold
from worker.extraction.spans import Candidate

_NEAR_CHARS = 40
_BEFORE = re.compile(r"([\w-]+)[.,]?\s+$")
_OF_BEFORE = re.compile(r"(\w+) of (?:the )?$")
_AFTER = re.compile(r"(?:['’]s)?,?\s+(\w+)")
_AGE_AFTER = re.compile(r",\s+(?:aged\s+)?\d\d\b,|\s+\(\d\d\)")
_PLACE_AFTER = re.compile(r",\s+([A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)?)")
_NEXT_WORD = re.compile(r" ([^\W\d_][\w'’-]*)")
_LAST_WORD = re.compile(r"([^\W\d_][\w'’-]*) $")
_IN = frozenset("in near across throughout outside inside around".split())
_SURE, _LIKELY, _HINT = 3, 2, 1


def read_evidence(text: str, c: Candidate, lexicon: Lexicon) -> Counter[MentionLabel]:
    """Votes for labels by the words next to the candidate; empty where they say nothing."""
    found: Counter[MentionLabel] = Counter()
    before = _BEFORE.search(text, max(0, c.start - _NEAR_CHARS), c.start)
    after = _AFTER.match(text, c.end)
    word = fold(before[1]) if before is not None else ""
    follower = fold(after[1]) if after is not None else ""
    if word in lexicon.titles:
        found["PERSON"] += _SURE
    if word in _IN:
        found["GPE"] += _LIKELY if c.label == "PERSON" else _HINT
    if word in lexicon.speech or follower in lexicon.speech:
        found["PERSON"] += _HINT
    if _AGE_AFTER.match(text, c.end):
        found["PERSON"] += _SURE
    if _is_placed(text, c, follower, lexicon):
        found["GPE"] += _SURE
    return found


def _is_placed(text: str, c: Candidate, follower: str, lexicon: Lexicon) -> bool:
    """ "X province", "the town of X", "X, Kenya"."""
    of = _OF_BEFORE.search(text, max(0, c.start - _NEAR_CHARS), c.start)
    if of is not None and of[1].lower() in lexicon.settlements:
        return True
    if follower in lexicon.settlements and text[c.end : c.end + 1] == " " and text[c.end + 1].islower():
        return True
    wider = _PLACE_AFTER.match(text, c.end)
    # A person or a body stands before a place too ("..., Paris mayor"), so only a place may still be a place.
    if c.label not in ("GPE", "LOC") or wider is None:
        return False
    name = fold(wider[1])
    return name in lexicon.regions or name in lexicon.places


def complete_persons(
    text: str, candidates: Sequence[Candidate], linked: Sequence[Candidate], people: Collection[str], lexicon: Lexicon
) -> list[Candidate]:
    """Persons whose given name or family name the model left outside the span, made whole."""
    taken = {position for c in (*candidates, *linked) for position in (c.start, c.end)}
    return [_complete(text, c, taken, people, lexicon) if c.label == "PERSON" else c for c in candidates]


def _complete(text: str, c: Candidate, taken: set[int], people: Collection[str], lexicon: Lexicon) -> Candidate:
    before = _LAST_WORD.search(text, max(0, c.start - _NEAR_CHARS), c.start)
    if before is not None and before.start(1) not in taken and before.end(1) not in taken:
        word = before[1]
        if (
            word[0].isupper()
            and fold(word) not in lexicon.titles
            and (fold(word) in lexicon.given_names or word in people)
        ):
            c = replace(c, start=before.start(1))
    after = _NEXT_WORD.match(text, c.end)
    if after is not None and after.start(1) not in taken and " " not in text[c.start : c.end]:
        word = after[1].removesuffix("'s").removesuffix("’s")
        if word[0].isupper() and (fold(word) in lexicon.surnames or word in people):
            c = replace(c, end=after.start(1) + len(word))
    return c
