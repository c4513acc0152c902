"""Sentences that two texts share, and how many of them prove that one comes from the other (docs/adr/0010)."""

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

from wirewatch.models import SharedSentence
from worker.copies.fingerprint import sentence_key
from worker.copies.shingles import SHINGLE_WORDS
from worker.copies.wording import LINEAGE_WORDS, Sentence, Wording

# Of the shingles of two sentences: a word or two changed in twenty.
NEAR_JACCARD = 0.5
NEAR_SENTENCES = 3
# Fewer in common, and not even the shortest sentence that counts is shared, were half of it repetition.
SENTENCE_SHINGLES = (LINEAGE_WORDS - SHINGLE_WORDS + 1) // 2
# Kept and shown of one pair of articles.
SHOWN_SENTENCES = 30


def lineage_of(a: Wording, b: Wording, common: frozenset[int] = frozenset()) -> tuple[SharedSentence, ...]:
    """-> the shared sentences in the order of `a`, where they prove lineage: one identical one, or three nearly so.

    Identical ones whose key is in `common`, since very many articles hold them, prove no more than nearly so.
    """
    shared = a.shingles & b.shingles
    if len(shared) < SENTENCE_SHINGLES:
        return ()
    ours = _likely(a.sentences, shared)
    theirs = _likely(b.sentences, shared) if ours else []
    identical = _identical(ours, theirs)
    taken = {(one.start, one.other_start) for one in identical}
    near = _near(
        [one for one in ours if one.start not in {start for start, _ in taken}],
        [one for one in theirs if one.start not in {start for _, start in taken}],
    )
    words = {one.start: one.words for one in ours}
    is_proof = any(sentence_key(words[one.start]) not in common for one in identical)
    if not is_proof and len(identical) + len(near) < NEAR_SENTENCES:
        return ()
    return tuple(sorted((*identical, *near), key=lambda one: one.start)[:SHOWN_SENTENCES])


def turned(shared: Sequence[SharedSentence]) -> tuple[SharedSentence, ...]:
    """The same sentences seen from the other article."""
    return tuple(
        replace(one, start=one.other_start, end=one.other_end, other_start=one.start, other_end=one.end)
        for one in shared
    )


def _likely(sentences: Sequence[Sentence], shared: frozenset[str]) -> list[Sentence]:
    """Those of which so much stands somewhere in the other text that one of its sentences may be near them: where two
    sets have a Jaccard index of NEAR_JACCARD, each has that share of itself in common with the other.
    """
    return [one for one in sentences if len(one.shingles & shared) >= NEAR_JACCARD * len(one.shingles)]


def _identical(ours: Sequence[Sentence], theirs: Sequence[Sentence]) -> list[SharedSentence]:
    known: dict[tuple[str, ...], Sentence] = {}
    for one in theirs:
        known.setdefault(one.words, one)
    found = []
    for one in ours:
        other = known.pop(one.words, None)
        if other is not None:
            found.append(SharedSentence(one.start, one.end, other.start, other.end, 1.0))
    return found


def _near(ours: Sequence[Sentence], theirs: Sequence[Sentence]) -> list[SharedSentence]:
    """Each sentence of `ours` with the most similar one of `theirs` that no earlier one took."""
    their_shingles = [one.shingles for one in theirs]
    holders: dict[str, list[int]] = {}
    for place, held in enumerate(their_shingles):
        for shingle in held:
            holders.setdefault(shingle, []).append(place)
    found: list[SharedSentence] = []
    taken: set[int] = set()
    for one in ours:
        held = one.shingles
        common: dict[int, int] = {}
        for shingle in held & holders.keys():
            for place in holders[shingle]:
                if place not in taken:
                    common[place] = common.get(place, 0) + 1
        if common:
            place, count = max(common.items(), key=itemgetter(1))
            jaccard = count / (len(held) + len(their_shingles[place]) - count)
            if jaccard >= NEAR_JACCARD:
                other = theirs[place]
                found.append(SharedSentence(one.start, one.end, other.start, other.end, round(jaccard, 3)))
                taken.add(place)
    return found
