"""Small keys under which copies of a text meet: a hash of all of it, MinHash bands, and hashes of its sentences."""

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from wirewatch.text import Token, tokenize

# Three words a shingle: with 15 % of the words edited, 0.85**3 = 61 % of the shingles survive (Jaccard 0.44).
SHINGLE_WORDS = 3
# 42 bands of 3 rows find a pair of Jaccard 0.44 with probability 0.98 and one of 0.01 with 4e-5.
BANDS, ROWS = 42, 3
# Shorter texts say too little in their body alone: the title is part of what is compared.
TITLE_COUNTS_BELOW_WORDS = 20
# Lineage rests on sentences of this many words (design, rules of the domain).
LINEAGE_WORDS = 12
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+|\n{1,}")
QUOTE_MARKS = re.compile(r"[\"“”„«»]")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`folded_hash` is equal for texts equal after folding; `bands` and `sentences` are signed 64-bit hashes."""

    folded_hash: bytes
    bands: tuple[int, ...]
    sentences: tuple[int, ...]


def folded_words(title: str, text: str) -> tuple[str, ...]:
    """The words that decide about copies: the text's, and the title's only before a very short text."""
    return _with_title(title, [token.key for token in tokenize(text)])


def fingerprint(title: str, text: str) -> Fingerprint:
    """Method: Broder's MinHash over word shingles, banded (Leskovec et al., Mining of Massive Datasets, ch. 3)."""
    tokens = tokenize(text)
    words = _with_title(title, [token.key for token in tokens])
    return Fingerprint(
        folded_hash=blake2b(" ".join(words).encode(), digest_size=16).digest(),
        bands=_bands(words),
        sentences=tuple(dict.fromkeys(_sentence_hashes(text, tokens))),
    )


def _with_title(title: str, words: Sequence[str]) -> tuple[str, ...]:
    if len(words) >= TITLE_COUNTS_BELOW_WORDS:
        return tuple(words)
    return (*(token.key for token in tokenize(title)), *words)


def shingles(words: Sequence[str]) -> frozenset[str]:
    """-> every run of SHINGLE_WORDS words; a shorter text is one shingle."""
    if len(words) < SHINGLE_WORDS:
        return frozenset({" ".join(words)} if words else ())
    return frozenset(" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1))


def _bands(words: Sequence[str]) -> tuple[int, ...]:
    if len(words) < SHINGLE_WORDS:
        return ()
    # Imports scipy: only a process that takes fingerprints pays for it.
    from datasketch import MinHash

    minhash = MinHash(num_perm=BANDS * ROWS, hashfunc=zlib.crc32)
    minhash.update_batch([shingle.encode() for shingle in shingles(words)])
    rows = minhash.hashvalues.reshape(BANDS, ROWS)
    return tuple(_signed_hash(b"%d:" % band + rows[band].tobytes()) for band in range(BANDS))


def _sentence_hashes(text: str, tokens: Sequence[Token]) -> Iterator[int]:
    """Hashes of the sentences that can prove lineage: long enough, and not the words of somebody quoted."""
    first = begin = 0
    for end in (*(match.start() for match in SENTENCE_END.finditer(text)), len(text)):
        after = bisect_left(tokens, end, lo=first, key=lambda token: token.start)
        words = tokens[first:after]
        if len(words) >= LINEAGE_WORDS and not _is_quotation(text, begin, end, words):
            yield _signed_hash(" ".join(token.key for token in words).encode())
        first, begin = after, end


def _is_quotation(text: str, begin: int, end: int, words: Sequence[Token]) -> bool:
    """Whether most of the sentence that these words make up stands in quotation marks."""
    marks = [match.start() for match in QUOTE_MARKS.finditer(text, begin, end)]
    inside = sum(bisect_left(marks, word.start) % 2 for word in words) if marks else 0
    return inside * 2 > len(words)


def _signed_hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)
