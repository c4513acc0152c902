"""Which story an article belongs to: similar wording proposes, different arguments refuse."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from worker.stories.vector import TermStatistics, Vector, cosine, key_terms, mean, weigh

JOIN_SIMILARITY = 0.2
WINDOW = timedelta(days=10)
# A story is judged by its articles most like this one: a long story stays open to each of its sides.
NEAREST = 3
# Fewer key terms in common never make similar articles, and need not be looked at.
COMMON_KEY_TERMS = 2


@dataclass(frozen=True, slots=True)
class Placed:
    """An article that already stands in a story."""

    vector: Vector
    story_id: str


@dataclass(slots=True)
class Neighbourhood:
    """The placed articles that may share a story with those of a batch, weighed once."""

    statistics: TermStatistics
    placed: dict[str, Placed] = field(default_factory=dict)
    _weights: dict[str, Mapping[str, float]] = field(default_factory=dict)
    _holders: dict[str, set[str]] = field(default_factory=dict)

    def add(self, placed: Sequence[Placed]) -> None:
        for one in placed:
            article_id = one.vector.article_id
            self.placed[article_id] = one
            self._weights.pop(article_id, None)
            for term in key_terms(self.weights(one.vector)):
                self._holders.setdefault(term, set()).add(article_id)

    def weights(self, vector: Vector) -> Mapping[str, float]:
        known = self._weights.get(vector.article_id)
        if known is None:
            known = self._weights[vector.article_id] = weigh(vector.counts, self.statistics)
        return known

    def find_story(self, vector: Vector) -> str | None:
        """The story whose articles are most like this one, None where no story is like enough or all are vetoed."""
        ours = self.weights(vector)
        members: dict[str, list[tuple[float, Placed]]] = {}
        for placed in self._similar(vector, ours):
            score = cosine(ours, self.weights(placed.vector))
            members.setdefault(placed.story_id, []).append((score, placed))
        ranked = sorted(((_score(scored), story_id) for story_id, scored in members.items()), reverse=True)
        for score, story_id in ranked:
            if score < JOIN_SIMILARITY:
                break
            if not vetoed(vector.transfers, [placed.vector.transfers for _, placed in members[story_id]]):
                return story_id
        return None

    def _similar(self, vector: Vector, ours: Mapping[str, float]) -> list[Placed]:
        common = Counter(id_ for term in key_terms(ours) for id_ in self._holders.get(term, ()))
        common.pop(vector.article_id, None)
        near = [self.placed[id_] for id_, count in common.items() if count >= COMMON_KEY_TERMS]
        return [placed for placed in near if within(vector.seen_at, placed.vector.seen_at)]


def _score(scored: Sequence[tuple[float, Placed]]) -> float:
    return mean(sorted((score for score, _ in scored), reverse=True)[:NEAREST])


def within(a: datetime, b: datetime) -> bool:
    return abs(a - b) <= WINDOW


def vetoed(ours: frozenset[str], members: Sequence[frozenset[str]]) -> bool:
    """Whether the article tells of other transfers than the story: none in common, and one the reverse of another, or
    of the same supplier to somebody else, or to the same recipient from somebody else.
    """
    theirs = frozenset().union(*members)
    if not ours or not theirs or ours & theirs:
        return False
    for one in ours:
        supplier, recipient = one.split(">", 1)
        for other in theirs:
            their_supplier, their_recipient = other.split(">", 1)
            if supplier in (their_supplier, their_recipient) or recipient in (their_supplier, their_recipient):
                return True
    return False
