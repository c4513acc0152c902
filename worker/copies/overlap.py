"""How much of two texts is the same wording in the same order, and how much makes a copy (docs/adr/0010)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from worker.copies.wording import FORM_WORDS, Wording

# Pairs of words that stand in both texts in the same order, as a share. With 15 % of the words edited 0.74 of them
# stay, with 30 % 0.52; two reports of one event in their own words share under 0.29, sentences of one agency included.
COPY_SHARE = 0.45
SHORT_COPY_SHARE = 0.62
SHORT_WORDS = 100
# Of the smaller text's words. What shares COPY_SHARE of its pairs in order without even so many runs of three is no
# text, but two lists of the same small words; the order is the costly part.
FEWEST_SHINGLES = 0.05
# The same shingles in any order: a copy whose paragraphs were moved.
COPY_JACCARD = 0.6
# One text inside the other (a truncated feed, a wire text with a local frame): this much of the smaller one.
CONTAINED_SHARE = 0.65
CONTAINED_WORDS = 40
# A shorter one must stand there nearly as it is.
SHORT_CONTAINED_SHARE, SHORT_CONTAINED_WORDS = 0.9, 25
# The containing text may be at most this many times longer: a quoted press release does not make an essay a copy.
CONTAINING_FACTOR = 5
# Unless the smaller one is how it begins, with so many words more: feeds carry the beginning of articles.
OPENING_FACTOR, OPENING_WORDS = 1.3, 20
# Below this only an equal text is a copy, if it has a few words at all and comes soon: "Morning briefing" comes back.
VERY_SHORT_WORDS = 20
FEWEST_WORDS = 4
VERY_SHORT_WITHIN = timedelta(days=2)
# Of all words that a form's two reports do not share, the names and numbers.
FORM_SHARE = 0.8

# Of copies as a whole, the copies are copies of one another; of a roundup and its parts they are not.
Kind = Literal["whole", "part", "brief"]


class Likeness(NamedTuple):
    """Two texts are copies: as a whole, one as a part of the other, or as equal very short texts. `similarity` is the
    share of word pairs that they have in common in the same order: of both texts, or of the smaller one.
    """

    similarity: float
    kind: Kind


def likeness_of(a: Wording, b: Wording) -> Likeness | None:
    """What makes texts copies that are not equal after folding; None if they are no copies."""
    smaller, larger = sorted((a, b), key=lambda wording: len(wording.words))
    if len(smaller.words) < VERY_SHORT_WORDS:
        return None
    shared = len(a.shingles & b.shingles)
    if shared < FEWEST_SHINGLES * len(smaller.words):
        return None
    ours, theirs = smaller.pairs, larger.pairs
    needed = COPY_SHARE if len(smaller.words) >= SHORT_WORDS else SHORT_COPY_SHARE
    both = len(ours) + len(theirs)
    # No more stand there in the same order than stand there at all.
    if _present(ours, theirs) >= int(min(needed * both / 2, CONTAINED_SHARE * len(ours))):
        common = common_in_order(ours, theirs)
        share = 2 * common / both
        if share >= needed and not _is_form(smaller, larger):
            return Likeness(share, "whole")
        if _is_contained(common, ours, theirs):
            return Likeness(common / len(ours), "part")
    jaccard = shared / len(a.shingles | b.shingles) if len(smaller.words) >= FORM_WORDS else 0.0
    return Likeness(jaccard, "whole") if jaccard >= COPY_JACCARD else None


def likeness_of_equals(words: int, at: datetime | None, other_at: datetime | None) -> Likeness | None:
    """What makes copies of two texts of so many words that are equal after folding: very short ones must come close in
    time, and hold a few words at all.
    """
    if words >= VERY_SHORT_WORDS:
        return Likeness(1.0, "whole")
    if words < FEWEST_WORDS or at is None or other_at is None or abs(at - other_at) > VERY_SHORT_WITHIN:
        return None
    return Likeness(1.0, "brief")


def common_in_order(a: Sequence[object], b: Sequence[object]) -> int:
    """Length of the longest common subsequence; method: bit-parallel, Hyyro 2004, a row of the table a big integer."""
    places: dict[object, int] = {}
    for place, one in enumerate(a):
        places[one] = places.get(one, 0) | (1 << place)
    full = (1 << len(a)) - 1
    row = full
    for one in b:
        held = places.get(one)
        if held:
            kept = row & held
            row = ((row + kept) | (row - kept)) & full
    return len(a) - row.bit_count()


def _present(ours: Sequence[object], theirs: Sequence[object]) -> int:
    """How many of `ours` stand somewhere in `theirs`."""
    held = frozenset(theirs)
    return sum(one in held for one in ours)


def _is_contained(common: int, ours: Sequence[object], theirs: Sequence[object]) -> bool:
    if len(ours) + 1 < SHORT_CONTAINED_WORDS:
        return False
    needed = CONTAINED_SHARE if len(ours) + 1 >= CONTAINED_WORDS else SHORT_CONTAINED_SHARE
    if common < needed * len(ours):
        return False
    if len(theirs) <= CONTAINING_FACTOR * len(ours):
        return True
    opening = theirs[: int(OPENING_FACTOR * len(ours)) + OPENING_WORDS]
    return common_in_order(ours, opening) >= needed * len(ours)


def _is_form(a: Wording, b: Wording) -> bool:
    """Whether the texts differ in hardly anything but names and numbers, each having its own."""
    if len(a.words) >= FORM_WORDS:
        return False
    only_a, only_b = frozenset(a.words) - frozenset(b.words), frozenset(b.words) - frozenset(a.words)
    telling = len(only_a & a.telling), len(only_b & b.telling)
    return all(telling) and sum(telling) >= FORM_SHARE * (len(only_a) + len(only_b))
