"""When a story has drifted: its articles fall into two groups that tell of different events."""

from collections.abc import Sequence
from itertools import combinations

from worker.stories.arguments import Argument, Kind
from worker.stories.place import JOIN_SIMILARITY, Neighbourhood
from worker.stories.vector import Vector, mean

# The latest articles of a story, by which it is judged: drift shows while it happens.
LOOK = 24
FEWEST_ARTICLES = 3
# Below the likeness at which an article joins, so that nothing which has just joined for good is parted.
PART_SIMILARITY = 0.15
# Of these one in common holds two groups together. A country is in too many events to say so, `said` and `where` are
# words and places of whole articles.
BINDING: frozenset[Kind] = frozenset({"weapon", "item", "person", "who", "place", "date", "deal", "ordinal", "count"})


def may_drift(known: Neighbourhood, joined: Vector, others: Sequence[Vector], unlike: int) -> bool:
    """Whether an article that has just joined is so little like the story's others that these are worth comparing.

    `unlike`: of how many more it is known that they share no term that matters.
    """
    likeness = [known.similarity(joined, one) for one in others]
    return len(likeness) + unlike + 1 >= FEWEST_ARTICLES and mean([*likeness, *[0.0] * unlike]) < JOIN_SIMILARITY


def find_part(known: Neighbourhood, members: Sequence[Vector]) -> list[Vector]:
    """-> the smaller of the two groups into which these articles of one story fall; none where it tells of one event.

    The groups are those that average linkage (Sokal & Michener 1958) leaves last.
    """
    # Looked at first, as it costs little: it holds for nearly every story that is large.
    if len(members) < FEWEST_ARTICLES or _hang_together(members):
        return []
    ours, theirs, likeness = _halve(known, members)
    if likeness >= PART_SIMILARITY or _bound(ours) & _bound(theirs):
        return []
    return min(ours, theirs, key=len)


def _hang_together(members: Sequence[Vector]) -> bool:
    """Whether each is bound to each, if through others: then no two groups of them name nothing in common."""
    groups: list[set[Argument]] = []
    for one in members:
        bound = _bound([one])
        groups = [bound.union(*(g for g in groups if g & bound)), *(g for g in groups if not g & bound)]
    return len(groups) == 1


def _halve(known: Neighbourhood, members: Sequence[Vector]) -> tuple[list[Vector], list[Vector], float]:
    """-> two groups, and how alike their articles are on average."""
    groups = {place: [one] for place, one in enumerate(members)}
    sums = {(a, b): known.similarity(members[a], members[b]) for a, b in combinations(groups, 2)}

    def likeness(pair: tuple[int, int]) -> float:
        return sums[pair] / (len(groups[pair[0]]) * len(groups[pair[1]]))

    while len(groups) > 2:
        into, gone = max(sums, key=likeness)
        del sums[into, gone]
        for other in groups.keys() - {into, gone}:
            sums[min(into, other), max(into, other)] += sums.pop((min(gone, other), max(gone, other)))
        groups[into] += groups.pop(gone)
    (pair,) = sums
    return groups[pair[0]], groups[pair[1]], likeness(pair)


def _bound(group: Sequence[Vector]) -> set[Argument]:
    return {argument for one in group for argument in one.arguments if argument.kind in BINDING}
