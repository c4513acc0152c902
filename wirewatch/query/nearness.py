"""How far apart two words are in letters, and what words that are near have in common."""

from functools import lru_cache
from typing import Final

MAX_DISTANCE: Final = 2
_PREFIX_LETTERS: Final = 7


@lru_cache(maxsize=65_536)
def is_near(left: str, right: str, distance: int) -> bool:
    """Are at most `distance` insertions, deletions, replacements and swaps of neighbours between the two?

    Optimal string alignment distance, rejected early by length and by letters that occur in one word only.
    """
    if abs(len(left) - len(right)) > distance or len(set(left) ^ set(right)) > 2 * distance:
        return False
    return _edits(left, right) <= distance


@lru_cache(maxsize=65_536)
def remnants(word: str, distance: int) -> tuple[str, ...]:
    """What is left of the word's first letters when up to `distance` of them are left out, itself included.

    Two words that are near have one of these in common (Garbe's symmetric deletes, on a prefix of seven letters).
    """
    found = {word[:_PREFIX_LETTERS]}
    latest = found
    for _ in range(distance):
        latest = {kept[:i] + kept[i + 1 :] for kept in latest for i in range(len(kept))}
        found |= latest
    return tuple(found)


def _edits(left: str, right: str) -> int:
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        row = [i]
        for j, b in enumerate(right, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
