"""A text as copies are judged by: its words, and its sentences with where they stand."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import pairwise

from wirewatch.text import Token, tokenize
from worker.copies.shingles import shingles_of

# Of a longer text only the beginning is compared: a book would cost seconds and hundreds of megabytes.
COMPARED_CHARS = 100_000
# Reprints of one text meet the same few articles again and again. A wording takes some sixty times its text's length.
KEPT, KEPT_CHARS = 200, 10_000
# Shorter texts say too little in their body alone: the title is part of what is compared.
TITLE_COUNTS_BELOW_WORDS = 20
# Lineage rests on sentences of this many words (design, rules of the domain).
LINEAGE_WORDS = 12
# In a shorter text, filling other names and numbers into the same form makes another report, no copy.
FORM_WORDS = 100
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+|\n+")
PARAGRAPH_END = re.compile(r"\n+")
QUOTE_MARKS = re.compile(r"[\"“”„«»]|``|''")
# "BREST, March 3 (Agency) - ": where and by whom, before what is told.
DATELINE = re.compile(r"\s*[A-Z][\w .,'/-]{1,60}\([^()\n]{2,30}\)\s*[-–—:]+\s*")
# Stands under all articles of a publisher or an agency, and does not show that one comes from another.
BOILERPLATE = re.compile(
    r"\b(?:all rights reserved|may not be (?:published|reproduced|copied|broadcast)|newsletter|subscribe|"
    r"sign up|cookies|contributed to this report|click here|follow us|terms of (?:use|service)|privacy policy)\b"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence that can prove lineage: long enough, nobody's quoted words; `words` are folded."""

    start: int
    end: int
    words: tuple[str, ...]

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles_of(self.words)


@dataclass(frozen=True)
class Wording:
    """`words` are folded; `telling`, of a text short enough to be a form, those that name or number something;
    `folded_hash` is equal for texts equal after folding, and the article's own where there are no words at all.
    `tokens` are those of `text`, which is as much of the article's as is compared.
    """

    words: tuple[str, ...]
    telling: frozenset[str]
    folded_hash: bytes
    text: str
    tokens: Sequence[Token]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(_sentences(self.text, self.tokens))

    def tokens_between(self, start: int, end: int) -> Sequence[Token]:
        first = bisect_left(self.tokens, start, key=lambda token: token.start)
        return self.tokens[first : bisect_left(self.tokens, end, lo=first, key=lambda token: token.start)]

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple(pairwise(self.words))

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles_of(self.words)


def read_wording(article_id: str, title: str, text: str) -> Wording:
    """The text's wording; the title counts only before a very short text."""
    return (_read_kept if len(text) <= KEPT_CHARS else _read)(article_id, title, text)


def _read(article_id: str, title: str, text: str) -> Wording:
    head, rest = text[:COMPARED_CHARS], text[COMPARED_CHARS:]
    tokens = tokenize(head)
    words, telling = [token.key for token in tokens], frozenset[str]()
    if len(words) < FORM_WORDS:
        telling = _telling(head, tokens)
    if len(words) < TITLE_COUNTS_BELOW_WORDS:
        heading = tokenize(title)
        words = [*(token.key for token in heading), *words]
        telling |= _telling(title, heading)
    return Wording(
        words=tuple(words),
        telling=telling,
        folded_hash=_hash(words, rest) if words else blake2b(article_id.encode(), digest_size=16).digest(),
        text=head,
        tokens=tokens,
    )


_read_kept = lru_cache(maxsize=KEPT)(_read)


def _hash(words: Sequence[str], rest: str) -> bytes:
    folded = " ".join(words)
    if rest:
        folded += "\n" + " ".join(rest.casefold().split())
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _telling(text: str, tokens: Sequence[Token]) -> frozenset[str]:
    """Names and numbers, as far as their letters show: with a digit, or with a capital inside a sentence."""
    found = set()
    for before, token in zip((None, *tokens), tokens, strict=False):
        opens = before is None or text[before.end : token.start].strip() not in ("", "-", ",", ":", ";", "(", "/", "'")
        if token.key[0].isdigit() or (text[token.start].isupper() and not opens):
            found.add(token.key)
    return frozenset(found)


def _sentences(text: str, tokens: Sequence[Token]) -> Iterator[Sentence]:
    first = 0
    for end, marks in _spans(text):
        after = bisect_left(tokens, end, lo=first, key=lambda token: token.start)
        words = tokens[first:after]
        first = after
        if len(words) < LINEAGE_WORDS or _is_quotation(marks, words):
            continue
        keys = tuple(word.key for word in words)
        if not BOILERPLATE.search(" ".join(keys)):
            start = words[0].start
            yield Sentence(start, start + len(text[start:end].rstrip()), keys)


def _spans(text: str) -> Iterator[tuple[int, list[int]]]:
    """(end, quotation marks of its paragraph up to there) of each sentence; a dateline is a sentence of its own."""
    dateline = DATELINE.match(text)
    ends = [dateline.end()] if dateline else []
    ends += [match.end() for match in SENTENCE_END.finditer(text, ends[0] if ends else 0)]
    paragraphs = [match.end() for match in PARAGRAPH_END.finditer(text)]
    marks = [match.start() for match in QUOTE_MARKS.finditer(text)]
    begin = 0
    for end in (*ends, len(text)):
        nearest = bisect_left(paragraphs, begin + 1)
        opened = paragraphs[nearest - 1] if nearest else 0
        yield end, marks[bisect_left(marks, opened) : bisect_left(marks, end)]
        begin = end


def _is_quotation(marks: Sequence[int], words: Sequence[Token]) -> bool:
    """Whether most of these words stand in quotation marks; a quotation may have begun sentences before."""
    inside = sum(bisect_left(marks, word.start) % 2 for word in words) if marks else 0
    return inside * 2 > len(words)
