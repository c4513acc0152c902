"""What a found name is called in full: the surname's bearer, the acronym's expansion."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wirewatch.models import EntityType, MentionLabel
from worker.extraction.lexicon import Lexicon, fold
from worker.extraction.spans import Candidate

_TYPES: dict[MentionLabel, EntityType] = {
    "PERSON": "person", "ORG": "org", "GPE": "place", "LOC": "place", "FAC": "place", "WEAPON": "weapon",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_](?:[\w'’]|-(?=\w))*")
_ACRONYM_AFTER = re.compile(r"[”\"’']?,?\s*\(\s*([A-Z][A-Za-z&.-]{1,9})\s*[)，,;]")
_SMALL = frozenset("of the and for in on de la du des et y e".split())
_SAME_NAME_SCORE = 0.8


@dataclass(frozen=True, slots=True)
class Named:
    """A candidate with what it is called; `entity_id` None: the knowledge base has no such thing."""

    entity_id: str | None
    name: str
    type: EntityType
    label: MentionLabel
    start: int
    end: int
    score: float


def name_all(text: str, candidates: Sequence[Candidate], lexicon: Lexicon) -> list[Named]:
    """Names for candidates in order; a part of one full name alone in the document stands for that person."""
    bearers = _bearers(text, candidates, lexicon)
    bodies = {short: whole for whole, short in expansions(text, candidates)}
    named = []
    for c in candidates:
        surface = text[c.start : c.end]
        whole = c
        if c.entity is None and c.label == "PERSON":
            whole = bearers.get(fold(surface), c)
        elif c.entity is None and c.label == "ORG":
            whole = bodies.get(surface, c)
        named.append(_named(text, c, whole))
    return named


def expansions(text: str, candidates: Sequence[Candidate]) -> list[tuple[Candidate, str]]:
    """Bodies that are followed by their own acronym in brackets, with the acronym."""
    found = []
    for c in candidates:
        match = _ACRONYM_AFTER.match(text, c.end) if c.label in ("ORG", "GPE", "LOC", "FAC") else None
        if match is not None and _abbreviates(match[1], text[c.start : c.end]):
            found.append((c, match[1]))
    return found


def _abbreviates(acronym: str, name: str) -> bool:
    """The capitals of an acronym are initials of the name's words, in order, and the first two initials agree."""
    initials = "".join(word[0] for word in _WORD.findall(name) if word.lower() not in _SMALL).upper()
    wanted = [letter for letter in acronym if letter.isupper()]
    rest = iter(initials)
    return len(wanted) > 1 and initials[:1] == wanted[0] and all(letter in rest for letter in wanted[:2])


def _bearers(text: str, candidates: Sequence[Candidate], lexicon: Lexicon) -> dict[str, Candidate]:
    """The one full name of the document that a part of a name belongs to."""
    holders: dict[str, dict[str, Candidate]] = defaultdict(dict)
    for c in candidates:
        words = fold(text[c.start : c.end]).split() if c.label == "PERSON" else []
        if len(words) < 2:
            continue
        identity = c.entity.id if c.entity else " ".join(words)
        for part in {words[0], words[-1], " ".join(words[1:]), " ".join(words[-2:])}:
            if len(part) > 2 and part not in lexicon.particles:
                holders[part].setdefault(identity, c)
    return {part: next(iter(found.values())) for part, found in holders.items() if len(found) == 1}


def _named(text: str, c: Candidate, whole: Candidate) -> Named:
    if whole.entity is not None:
        score = c.score if whole is c else _SAME_NAME_SCORE
        return Named(whole.entity.id, whole.entity.name, whole.entity.type, c.label, c.start, c.end, score)
    name = " ".join(text[whole.start : whole.end].split())
    return Named(None, name, _TYPES.get(c.label, "other"), c.label, c.start, c.end, c.score)
