"""Filings of watches in arrays of numbers: little memory, read in few steps, and shared by processes after a fork."""

from typing import Final

import numpy as np
import numpy.typing as npt

COLUMNS: Final = 5

Numbers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


class Packed:
    """Filings in the order of their first terms.

    A filing is five numbers: a watch is found where the terms `first`, `second` and `third` are held, and `absent` is
    not.
    """

    def __init__(self, size: int, filings: Numbers) -> None:
        """`filings` are rows of first, second, third, absent, watch; numbers of terms are below `size`."""
        self.filings = filings[np.argsort(filings[:, 0], kind="stable")]
        self._size = size
        self._starts = np.searchsorted(self.filings[:, 0], np.arange(size + 1)).astype(np.int32)

    def find(self, is_held: Flags, *, whole: bool) -> Numbers:
        """Watches, some more than once. `is_held` by number of term; `whole`: what must be absent is looked at too."""
        held = np.flatnonzero(is_held[: self._size])
        starts = self._starts[held]
        _, second, third, absent, watch = self.filings[_ranges(starts, self._starts[held + 1] - starts)].T
        is_found = is_held[second] & is_held[third]
        if whole:
            is_found &= ~is_held[absent]
        found: Numbers = watch[is_found]
        return found


def _ranges(starts: Numbers, counts: Numbers) -> npt.NDArray[np.int64]:
    """So many numbers from each start on, one range after the other."""
    ends = counts.cumsum()
    places: npt.NDArray[np.int64] = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)
    return places
