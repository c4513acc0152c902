"""Which paragraphs are worth a parse, by folded words alone."""

import re
from collections.abc import Iterator, Sequence

from wirewatch.text import Token, number_forms, tokenize
from worker.claims.inflections import IRREGULAR, inflections
from worker.claims.items import EXPORTS, HEADS, MILITARY
from worker.claims.rules import NOUN_RULES, SIDED_RULES, USE_RULES, VERB_RULES

_DENIALS = frozenset(
    "denied deny denies denying denial dismissed dismiss rejects rejected reject refuted false baseless".split()
)
_LINES = re.compile(r"[^\r\n\u2028\u2029]*\S[^\r\n\u2028\u2029]*")


# A text is not parsed without end, however long it is and however often it speaks of arms.
MAX_PARAGRAPH_CHARS = 3_000
MAX_PARSED_CHARS = 100_000
TRIGGERS = frozenset(
    form
    for rule in (*VERB_RULES, *NOUN_RULES, *SIDED_RULES, *USE_RULES)
    for word in rule.words
    for form in inflections(word)
) | frozenset(IRREGULAR)


class CandidateFinder:
    """Knows the words of transfer and of arms."""

    def __init__(self, phrases: Sequence[tuple[str, ...]]) -> None:
        self._single = {form for words in phrases if len(words) == 1 for form in forms_of(words[0])}
        self._first: dict[str, list[tuple[str, ...]]] = {}
        for words in phrases:
            if len(words) > 1:
                self._first.setdefault(words[0], []).append(words)

    def paragraphs(self, text: str) -> list[tuple[int, int]]:
        """Spans of lines with a trigger and arms; after the first of them also lines that answer with a denial."""
        found: list[tuple[int, int]] = []
        chars = 0
        for start, end in lines(text):
            if chars > MAX_PARSED_CHARS:
                break
            words = tokenize(text[start:end])
            present = {token.key for token in words}
            if (present & TRIGGERS and self.names_arms(words, present)) or (found and present & _DENIALS):
                found.append((start, end))
                chars += end - start
        return found

    def names_arms(self, words: Sequence[Token], present: set[str]) -> bool:
        if present & self._single or (present & MILITARY and any(present & forms_of(head) for head in HEADS)):
            return True
        if present & {"military", "defense", "defence"} and present & EXPORTS:
            return True
        return any(self._stands_at(words, i) for i, token in enumerate(words) if token.key in self._first)

    def _stands_at(self, words: Sequence[Token], i: int) -> bool:
        for phrase in self._first[words[i].key]:
            there = [token.key for token in words[i : i + len(phrase)]]
            if there[:-1] == list(phrase[:-1]) and len(there) == len(phrase) and there[-1] in forms_of(phrase[-1]):
                return True
        return False


def forms_of(word: str) -> set[str]:
    return {word, *number_forms(word)}


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Lines in order, long ones cut after a sentence, else at a space, else hard."""
    for match in _LINES.finditer(text):
        start, end = match.span()
        while end - start > MAX_PARAGRAPH_CHARS:
            limit = start + MAX_PARAGRAPH_CHARS
            cut = max(text.rfind(". ", start, limit) + 1, start) or start
            cut = cut if cut > start else text.rfind(" ", start, limit)
            cut = cut if cut > start else limit
            yield start, cut
            start = cut
        yield start, end
