"""A text as copies are judged by: its words, and its sentences with where they stand."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

from wirewatch.text import Token, keys, sentence_ends, tokenize
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
PARAGRAPH_END = re.compile(r"\n+")
QUOTE_MARKS = re.compile(r"[\"“”„«»]|``|''")
# "BREST, March 3 (Agency) - ": where and by whom, before what is told.
DATELINE = re.compile(r"\s*[A-Z][\w .,'/-]{1,60}\([^()\n]{2,30}\)\s*[-–—:]+\s*")
# Stands under all articles of a publisher or an agency, and does not show that one comes from another.
BOILERPLATE = tuple(
    f" {words} "
    for words in (
        *("all rights reserved", "may not be published", "may not be reproduced", "may not be copied"),
        *("may not be broadcast", "newsletter", "subscribe", "sign up", "cookies", "contributed to this report"),
        *("click here", "follow us", "terms of use", "terms of service", "privacy policy"),
    )
)


@dataclass(frozen=True)
class Sentence:
    """A sentence that can prove lineage: long enough, nobody's quoted words; `words` are folded. It is what is
    `written` from `begin` on in the text.
    """

    begin: int
    written: str
    words: tuple[str, ...]

    @cached_property
    def start(self) -> int:
        """Where its first word stands in the text."""
        return self.begin + tokenize(self.written)[0].start

    @property
    def end(self) -> int:
        return self.begin + len(self.written.rstrip())

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles_of(self.words)


class Passage(NamedTuple):
    """What stands between two ends of sentences: its folded words, and the places of the quotation marks of its
    paragraph, up to its end.
    """

    begin: int
    written: str
    words: tuple[str, ...]
    marks: Sequence[int]


@dataclass(frozen=True)
class Wording:
    """`words` are folded; `telling`, of a text short enough to be a form, those that name or number something;
    `folded_hash` is equal for texts equal after folding, and the article's own where there are no words at all.
    `text` is as much of the article's as is compared, `passages` all of it.
    """

    words: tuple[str, ...]
    telling: frozenset[str]
    folded_hash: bytes
    text: str
    passages: Sequence[Passage]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(Sentence(one.begin, one.written, one.words) for one in self.passages if _can_prove(one))

    @cached_property
    def tokens(self) -> Sequence[Token]:
        return tokenize(self.text)

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
    passages = list(_passages(head))
    words, telling = [word for one in passages for word in one.words], frozenset[str]()
    if len(words) < FORM_WORDS:
        telling = _telling(head)
    if len(words) < TITLE_COUNTS_BELOW_WORDS:
        words = [*keys(title), *words]
        telling |= _telling(title)
    return Wording(
        words=tuple(words),
        telling=telling,
        folded_hash=_hash(words, rest) if words else blake2b(article_id.encode(), digest_size=16).digest(),
        text=head,
        passages=passages,
    )


_read_kept = lru_cache(maxsize=KEPT)(_read)


def _hash(words: Sequence[str], rest: str) -> bytes:
    folded = " ".join(words)
    if rest:
        folded += "\n" + " ".join(rest.casefold().split())
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _telling(text: str) -> frozenset[str]:
    """Names and numbers, as far as their letters show: with a digit, or with a capital inside a sentence."""
    found, tokens = set(), tokenize(text)
    for before, token in zip((None, *tokens), tokens, strict=False):
        opens = before is None or text[before.end : token.start].strip() not in ("", "-", ",", ":", ";", "(", "/", "'")
        if token.key[0].isdigit() or (text[token.start].isupper() and not opens):
            found.add(token.key)
    return frozenset(found)


def _passages(text: str) -> Iterator[Passage]:
    """A dateline is a passage of its own."""
    dateline = DATELINE.match(text)
    ends = [dateline.end()] if dateline else []
    ends += sentence_ends(text, ends[0] if ends else 0)
    paragraphs = [match.end() for match in PARAGRAPH_END.finditer(text)]
    marks = [match.start() for match in QUOTE_MARKS.finditer(text)]
    begin = 0
    for end in (*ends, len(text)):
        nearest = bisect_left(paragraphs, begin + 1)
        opened = paragraphs[nearest - 1] if nearest else 0
        written = text[begin:end]
        yield Passage(begin, written, keys(written), marks[bisect_left(marks, opened) : bisect_left(marks, end)])
        begin = end


def _can_prove(passage: Passage) -> bool:
    if len(passage.words) < LINEAGE_WORDS or _is_quotation(passage):
        return False
    spaced = f" {' '.join(passage.words)} "
    return not any(words in spaced for words in BOILERPLATE)


def _is_quotation(passage: Passage) -> bool:
    """Whether most of its words stand in quotation marks; a quotation may have begun sentences before."""
    begin, written, words, marks = passage
    before = bisect_left(marks, begin)
    if before == len(marks):
        return before % 2 == 1
    cuts = [0, *(mark - begin for mark in marks[before:]), len(written)]
    inside = [
        len(keys(written[start:end])) for place, (start, end) in enumerate(pairwise(cuts)) if (before + place) % 2
    ]
    return sum(inside) * 2 > len(words)
