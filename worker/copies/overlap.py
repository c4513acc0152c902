"""How much of two texts is the same wording, and how much makes a copy."""

from collections.abc import Sequence
from typing import NamedTuple

from worker.copies.fingerprint import shingles

# A text with 15 % of its words edited keeps Jaccard 0.44; two reports of one event in their own words stay under 0.15.
COPY_JACCARD = 0.38
# One text inside the other (a truncated feed, a wire text with a local frame): this much of the smaller one.
COPY_CONTAINMENT = 0.75
CONTAINED_WORDS = 40
# The containing text may be at most this many times longer: a quoted press release does not make an essay a copy.
CONTAINING_FACTOR = 4


class Overlap(NamedTuple):
    """Shares of common shingles, 0 to 1: of the union (`jaccard`) and of the smaller text (`containment`)."""

    jaccard: float
    containment: float


def overlap_of(a: Sequence[str], b: Sequence[str]) -> Overlap:
    """Exact overlap of the word shingles of two folded texts; method: Broder 1997, resemblance and containment."""
    ours, theirs = shingles(a), shingles(b)
    common = len(ours & theirs)
    smaller = min(len(ours), len(theirs))
    union = len(ours) + len(theirs) - common
    return Overlap(common / union if union else 0.0, common / smaller if smaller else 0.0)


def is_copy(overlap: Overlap, words_a: int, words_b: int) -> bool:
    """Whether texts of these many words with this overlap are copies; very short texts only when they are equal."""
    smaller, larger = sorted((words_a, words_b))
    if smaller < CONTAINED_WORDS // 2:
        return overlap.jaccard == 1.0
    if overlap.jaccard >= COPY_JACCARD:
        return True
    return (
        overlap.containment >= COPY_CONTAINMENT and smaller >= CONTAINED_WORDS and larger <= CONTAINING_FACTOR * smaller
    )
