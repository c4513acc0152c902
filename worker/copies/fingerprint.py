"""Small keys under which copies of a text meet: MinHash bands of all of it, and keys of its sentences."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from worker.copies.shingles import SHINGLE_WORDS
from worker.copies.wording import Sentence, Wording

if TYPE_CHECKING:
    from datasketch import MinHash

# 60 bands of 3 rows find a pair of Jaccard 0.44 with probability 0.995 and one of 0.01 with 6e-5. A text with
# few sentences to be found by has twice as many.
BANDS, ROWS = 60, 3
MORE_BANDS, FEW_SENTENCES = 84, 12
# A sentence with a word or two changed (Jaccard 0.6) shares one of 2 bands of 2 rows with probability 0.6; of three
# such sentences one does with 0.93. They find a text inside a longer one, where bands of the whole do not.
SENTENCE_BANDS, SENTENCE_ROWS = 2, 2
# More would be a book; the beginning finds its copies.
KEYED_SENTENCES = 150


class Fingerprint(NamedTuple):
    """`bands` and `sentences` are signed 64-bit hashes; of each sentence one for all its words, then its bands."""

    folded_hash: bytes
    bands: tuple[int, ...]
    sentences: tuple[int, ...]


def fingerprint(wording: Wording) -> Fingerprint:
    """Method: Broder's MinHash over word shingles, banded (Leskovec et al., Mining of Massive Datasets, ch. 3)."""
    sentences = wording.sentences[:KEYED_SENTENCES]
    return Fingerprint(
        folded_hash=wording.folded_hash,
        bands=_bands(wording, MORE_BANDS if len(sentences) < FEW_SENTENCES else BANDS),
        sentences=tuple(dict.fromkeys(_sentence_keys(sentences))),
    )


def _bands(wording: Wording, count: int) -> tuple[int, ...]:
    if len(wording.words) < SHINGLE_WORDS:
        return ()
    return next(_minhash_keys([wording.shingles], count, ROWS, of=MORE_BANDS))


def _sentence_keys(sentences: Sequence[Sentence]) -> Iterator[int]:
    if not sentences:
        return
    near = _minhash_keys([one.shingles for one in sentences], SENTENCE_BANDS, SENTENCE_ROWS)
    for one, keys in zip(sentences, near, strict=True):
        yield sentence_key(one.words)
        yield from keys


def sentence_key(words: Sequence[str]) -> int:
    """The key of a sentence as a whole."""
    return signed_hash(" ".join(words).encode())


def _minhash_keys(
    texts: Iterable[frozenset[str]], bands: int, rows: int, of: int | None = None
) -> Iterator[tuple[int, ...]]:
    """-> the keys of each text, given by its shingles: of the first `bands` where there are more."""
    minhash = _empty_minhash(bands * rows, (of or bands) * rows).copy()
    for shingles in texts:
        minhash.clear()
        minhash.update_batch([shingle.encode() for shingle in shingles])
        values = minhash.hashvalues.reshape(bands, rows)
        yield tuple(signed_hash(b"%d/%d:" % (band, rows) + values[band].tobytes()) for band in range(bands))


@cache
def _empty_minhash(permutations: int, of: int) -> "MinHash":
    """With the first of so many permutations; made once, since choosing them takes as long as a short text."""
    # Imports scipy: only a process that takes fingerprints pays for it.
    from datasketch import MinHash

    if permutations == of:
        return MinHash(num_perm=permutations, hashfunc=zlib.crc32)
    whole = _empty_minhash(of, of)
    first = whole.permutations[:, :permutations]
    return MinHash(num_perm=permutations, hashfunc=zlib.crc32, permutations=first, scheme=whole.scheme)


def signed_hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)
