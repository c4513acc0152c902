"""Spans as the model gives them, trimmed and cut to what is really a name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wirewatch.models import Entity, MentionLabel
from worker.extraction.lexicon import Lexicon, fold

_EDGES = " \t\r\n\v\f\u00a0\u200b\"'“”„‘’‚«»‹›()[]{}<>,;:!?¡¿*•·|/\\=+_#@~^`´…-–—"
_POSSESSIVE = re.compile(r"['’`´]s?$")
_CUTS = re.compile(r"\s*[\r\n\t]+\s*|\s{2,}|\s*\(|\)\s*|['’]s\s+(?=[^\Wa-z])|\s*[;|•]\s*|:\s+|\s+[-–—]\s+")
_PERSON_CUTS = re.compile(r",\s+|\s+(?:and|&|y|et|v|vs|surnamed)\s+|\s*/\s*")
_LIST_CUTS = re.compile(r",\s+|\s+(?:and|&)\s+|\s*/\s*")
_WORD = re.compile(r"[^\s]+")
_DETERMINERS = re.compile(r"(?:the|a|an|this|that|its|his|her|their|our)\s+", re.IGNORECASE)
# The rest of a hyphenated name that the model cut ("Komsomolsk|-on-Amur", "Suk|-yeol"); "China|-based" is no such name.
_REST = re.compile(r"(?:[-‐‑](?:(?!based|backed|led|born|made|style)[^\W\d_][\w'’]*))+")
_OWNED = re.compile(r"['’]s? ((?:[A-Z][\w-]+ ){0,3}[A-Z][\w-]+)")
_DOTTED = re.compile(r"(?:\b\w\.){2,}$|\b(?:Jr|Sr|St)\.$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of a field that may become a mention; `entity` where the gazetteer knows it."""

    start: int
    end: int
    label: MentionLabel
    score: float
    entity: Entity | None = None


def clean(text: str, start: int, end: int, label: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """The names inside text[start:end], without articles, titles, quotes, possessives and lower-case edges."""
    for piece_start, piece_end in _cut(text, start, end, label, lexicon):
        trimmed = _trim(text, piece_start, piece_end, label, lexicon)
        if trimmed is not None:
            yield trimmed[0], _complete(text, *trimmed, label, lexicon)


def _cut(text: str, start: int, end: int, label: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    patterns = [_CUTS]
    if label == "PERSON":
        patterns.append(_PERSON_CUTS)
    elif label in ("NORP", "GPE"):
        patterns.append(_LIST_CUTS)
    pieces = [(start, end)]
    for pattern in patterns:
        pieces = [part for piece in pieces for part in _split(text, *piece, pattern, lexicon)]
    return iter(pieces)


def _split(text: str, start: int, end: int, pattern: re.Pattern[str], lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text, start, end):
        if match[0][0] in "'’" and _is_owner(text[start : match.start()], lexicon):
            continue
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < end:
        yield start, end


def _is_owner(name: str, lexicon: Lexicon) -> bool:
    """Is the possessive part of a body's name ("Supreme People's Court")?"""
    words = name.split()
    return bool(words) and fold(words[-1]) in lexicon.owners


def _trim(text: str, start: int, end: int, label: str, lexicon: Lexicon) -> tuple[int, int] | None:
    before = (-1, -1)
    while start < end and (start, end) != before:
        before = (start, end)
        start, end = _trim_edges(text, start, end)
        if match := _DETERMINERS.match(text, start, end):
            start = match.end()
        start, end = _trim_small_words(text, start, end)
        if label == "PERSON":
            start = _skip_titles(text, start, end, lexicon)
    return (start, end) if start < end and any(c.isalpha() for c in text[start:end]) else None


def _trim_edges(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start] in _EDGES or text[start] == "."):
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    if text[end - 1 : end] == "." and not _DOTTED.search(text, start, end):
        end -= 1
    if match := _POSSESSIVE.search(text[start:end]):
        end = start + match.start()
    return start, end


def _trim_small_words(text: str, start: int, end: int) -> tuple[int, int]:
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    if not any(any(c.isupper() for c in text[s:e]) for s, e in words):
        return start, end
    while words and not _is_name_word(text, *words[0]):
        words.pop(0)
    while words and not _is_name_word(text, *words[-1]):
        words.pop()
    return (words[0][0], words[-1][1]) if words else (start, start)


def _is_name_word(text: str, start: int, end: int) -> bool:
    word = text[start:end]
    return not word[0].islower() or any(c.isupper() or c.isdigit() for c in word[1:])


def _skip_titles(text: str, start: int, end: int, lexicon: Lexicon) -> int:
    """Past the last title before the name ("Deputy Prime Minister |Mira Holt"), unless a given name comes first."""
    words = [(fold(match[0].rstrip(".,")), match.start()) for match in _WORD.finditer(text, start, end)]
    if not words or (words[0][0] in lexicon.given_names and words[0][0] not in lexicon.titles):
        return start
    titles = [place for place, (word, _) in enumerate(words[:-1]) if word in lexicon.titles]
    return words[titles[-1] + 1][1] if titles else start


def _complete(text: str, start: int, end: int, label: str, lexicon: Lexicon) -> int:
    owned = _OWNED.match(text, end)
    if owned is not None and fold(owned[1].split()[-1]) in lexicon.org_heads and _is_owner(text[start:end], lexicon):
        return owned.end()
    match = _REST.match(text, end)
    if match is None:
        return end
    last = re.split("[-‐‑]", match[0])[-1]
    return match.end() if label == "PERSON" or last[0].isupper() else end
