"""Filings of watches in arrays of numbers: little memory, read in few steps, and shared by processes after a fork."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from wirewatch.query.subject import Subject, kind_and_value

# Numbers of terms that every subject has, and that none has.
ALWAYS: Final = 0
NEVER: Final = 1
COLUMNS: Final = 5
_BUCKETS_PER_TERM: Final = 4
_64_BITS: Final = (1 << 64) - 1

Numbers = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]


class Found(NamedTuple):
    """Watches that were found, some more than once, and the numbers of the subject's terms."""

    watches: Numbers
    held: npt.NDArray[np.int64]


class Packed:
    """Filings in the order of their first terms.

    A filing is five numbers: a watch is found where the terms `first`, `second` and `third` are held, and `absent` is
    not.
    """

    def __init__(self, terms: Mapping[str, int], size: int, filings: Numbers) -> None:
        """`filings` are rows of first, second, third, absent, watch. Numbers of `terms` begin at 2, below `size`."""
        self.filings = filings[np.argsort(filings[:, 0], kind="stable")]
        self._table = _TermTable(terms)
        self._size = size
        self._starts = np.searchsorted(self.filings[:, 0], np.arange(size + 1)).astype(np.int32)

    def find(self, hashes: Hashes, *, whole: bool) -> Found:
        """`whole`: what must be absent is looked at too."""
        is_held = np.zeros(self._size, np.bool_)
        is_held[self._table.numbers(hashes)] = True
        is_held[ALWAYS], is_held[NEVER] = True, False
        held = np.flatnonzero(is_held)
        starts = self._starts[held]
        _, second, third, absent, watch = self.filings[_ranges(starts, self._starts[held + 1] - starts)].T
        is_found = is_held[second] & is_held[third]
        if whole:
            is_found &= ~is_held[absent]
        return Found(watch[is_found], held)


class _TermTable:
    """Numbers of terms by their hashes, looked up all at once."""

    def __init__(self, terms: Mapping[str, int]) -> None:
        hashes = np.fromiter(map(_hash_of, terms), np.uint64, len(terms))
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._numbers = np.fromiter(terms.values(), np.int32, len(terms))[order]
        bits = (_BUCKETS_PER_TERM * len(terms)).bit_length() + 1
        self._shift = np.uint64(64 - bits)
        buckets = np.arange(1 << bits, dtype=np.uint64) << self._shift
        self._starts = np.append(np.searchsorted(self._hashes, buckets), len(terms)).astype(np.int32)

    def numbers(self, hashes: Hashes) -> Numbers:
        """The numbers of those that are known."""
        buckets = (hashes >> self._shift).view(np.int64)
        starts = self._starts[buckets]
        counts = self._starts[buckets + 1] - starts
        places = _ranges(starts, counts)
        numbers: Numbers = self._numbers[places[self._hashes[places] == np.repeat(hashes, counts)]]
        return numbers


def _ranges(starts: Numbers, counts: Numbers) -> npt.NDArray[np.int64]:
    """So many numbers from each start on, one range after the other."""
    ends = counts.cumsum()
    places: npt.NDArray[np.int64] = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)
    return places


def hash_terms(subject: Subject, kinds: Iterable[str]) -> Hashes:
    """The hashes of the subject's terms of these kinds.

    64 bits under the secret of this process: that two terms share one does not happen.
    """
    return np.concatenate([_NO_HASHES, *(_salted(map(hash, subject.terms_of(kind)), kind) for kind in kinds)])


_NO_HASHES: Final[Hashes] = np.zeros(0, np.uint64)


def _salted(hashes: Iterable[int], kind: str) -> Hashes:
    """The mark of a kind is mixed into the hashes: so it need not be written before each value."""
    return np.fromiter(hashes, np.int64).view(np.uint64) ^ _salt(kind)


@cache
def _salt(kind: str) -> np.uint64:
    return np.uint64(hash(f"{kind}:") & _64_BITS)


def _hash_of(term: str) -> np.uint64:
    kind, value = kind_and_value(term)
    return np.uint64(hash(value) & _64_BITS) ^ _salt(kind)
