"""Names made whole by the names and words beside them, once it is settled what each is."""

import re
from collections.abc import Iterable
from dataclasses import replace

from worker.extraction.lexicon import Lexicon, fold
from worker.extraction.spans import Candidate

_WORD_BEFORE = re.compile(r"(?<![\w'’-])([A-Z][\w'’.]*) $")
_BEFORE_CHARS = 24


def complete_names(text: str, candidates: Iterable[Candidate], lexicon: Lexicon) -> list[Candidate]:
    """The candidates, in order: two unknown persons beside each other are one ("Mama Ngina| |Kenyatta"), and a place
    after the first word of a club, bank or station is a part of its name ("Real |Madrid")."""
    whole: list[Candidate] = []
    for c in candidates:
        last = whole[-1] if whole else None
        if last is not None and text[last.end : c.start] == " " and _is_unknown_person(last) and _is_unknown_person(c):
            whole[-1] = replace(last, end=c.end, score=max(last.score, c.score))
            continue
        start = _club_start(text, last.end if last else 0, c, lexicon)
        whole.append(c if start is None else replace(c, start=start, label="ORG", entity=None))
    return whole


def _is_unknown_person(c: Candidate) -> bool:
    return c.label == "PERSON" and c.entity is None


def _club_start(text: str, floor: int, c: Candidate, lexicon: Lexicon) -> int | None:
    if c.label not in ("GPE", "LOC"):
        return None
    word = _WORD_BEFORE.search(text, max(floor, c.start - _BEFORE_CHARS), c.start)
    return word.start() if word is not None and fold(word[1]) in lexicon.club_starts else None
