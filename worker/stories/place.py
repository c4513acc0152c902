"""Which story an article belongs to: similar wording proposes, different arguments refuse."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import nlargest

from worker.stories.arguments import Kind
from worker.stories.vector import TermStatistics, Vector, cosine, key_terms, mean, weigh
from worker.stories.veto import FRAMELESS, FRAMES, STRANGERS_FRAME, agree, deals_differ, differ, transfers_differ

JOIN_SIMILARITY = 0.2
SAME_PEOPLE, OTHER_PEOPLE = 1.2, 0.6
SAME_PLACES, OTHER_PLACES = 1.2, 0.7
# Two stories are one when they are this much alike, and enough of their articles are there to tell.
TWIN_SIMILARITY = 0.2
TWIN_ARTICLES = 3
TWIN_LOOK = 24
# So few may have been told first, when what they are most like was not there yet: they are judged as if they came now.
FEW_ARTICLES = 2
# Of many articles some tell a side of the event that the others do not: so many may stand against a merge.
TOLERATED_SHARE = 1 / 3
WINDOW = timedelta(days=10)
# A story is judged by its articles most like this one: a long story stays open to each of its sides.
NEAREST = 2
# Fewer key terms in common never make similar articles, and need not be looked at.
COMMON_KEY_TERMS = 2
# Of all that are near, those with most key terms in common: in a large story hundreds are near, and say no more.
COMPARED = 20


@dataclass(frozen=True, slots=True)
class Placed:
    """An article that stands in a story; `weights` and `key_terms` as they were when it was placed, None of one that is
    placed now.
    """

    vector: Vector
    story_id: str
    weights: Mapping[str, float] | None = None
    key_terms: Sequence[str] | None = None


@dataclass(slots=True)
class Neighbourhood:
    """The placed articles that may share a story with those of a batch, weighed once."""

    statistics: TermStatistics
    placed: dict[str, Placed] = field(default_factory=dict)
    # Near too, but not to be compared; read where it counts what else stands in a story.
    unread: set[str] = field(default_factory=set)
    _weights: dict[str, Mapping[str, float]] = field(default_factory=dict)
    _key_terms: dict[str, Sequence[str]] = field(default_factory=dict)
    _holders: dict[str, set[str]] = field(default_factory=dict)
    _similarities: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, placed: Sequence[Placed]) -> None:
        for one in placed:
            article_id = one.vector.article_id
            known = self.placed.get(article_id)
            if known is not None and known.vector is not one.vector:
                self._similarities.clear()
                self._weights.pop(article_id, None)
                self._key_terms.pop(article_id, None)
            self.placed[article_id] = one
            self.unread.discard(article_id)
            if one.weights is not None and one.key_terms is not None:
                self._weights[article_id], self._key_terms[article_id] = one.weights, one.key_terms
            for term in self.key_terms(one.vector):
                self._holders.setdefault(term, set()).add(article_id)

    def weights(self, vector: Vector) -> Mapping[str, float]:
        known = self._weights.get(vector.article_id)
        if known is None:
            known = self._weights[vector.article_id] = weigh(vector.counts, self.statistics)
        return known

    def key_terms(self, vector: Vector) -> Sequence[str]:
        known = self._key_terms.get(vector.article_id)
        if known is None:
            known = self._key_terms[vector.article_id] = key_terms(self.weights(vector))
        return known

    def find_story(self, vector: Vector) -> str | None:
        """The story whose articles are most like this one, None where no story is like enough or all are vetoed."""
        for score, story_id, members in self._ranked(vector):
            if score < JOIN_SIMILARITY:
                break
            if not is_vetoed(self, vector, members):
                return story_id
        return None

    def find_rivals(self, vector: Vector, story_id: str) -> set[str]:
        """Other stories that are like enough to be the same event as this one, by this article."""
        return {other for score, other, _ in self._ranked(vector) if score >= JOIN_SIMILARITY} - {story_id}

    def find_twin(self, vector: Vector, story_id: str) -> str | None:
        """Another story that tells of the same event as this one, which the article has just joined."""
        own = self._members(story_id, vector)
        for score, other_id, near in self._ranked(vector):
            if score < JOIN_SIMILARITY:
                break
            others = self._members(other_id, vector)
            if other_id == story_id or len(own) + len(others) < TWIN_ARTICLES:
                continue
            if self._alike(own, others) >= TWIN_SIMILARITY and not self._are_two_events(own, near):
                return other_id
        return None

    def _ranked(self, vector: Vector) -> list[tuple[float, str, list[Vector]]]:
        """-> (score, story, its articles near this one) of the stories that share key terms, the most similar first."""
        found: dict[str, list[tuple[float, Vector]]] = {}
        for placed in self._similar(vector):
            found.setdefault(placed.story_id, []).append((self.similarity(vector, placed.vector), placed.vector))
        ranked = [
            (_score([score for score, _ in scored]), id_, [one for _, one in scored]) for id_, scored in found.items()
        ]
        return sorted(ranked, key=lambda one: one[:2], reverse=True)

    def _members(self, story_id: str, near: Vector) -> list[Vector]:
        """The latest known articles of the story within the window."""
        members = [one.vector for one in self.placed.values() if one.story_id == story_id]
        known = [one for one in members if within(one.seen_at, near.seen_at)]
        return sorted(known, key=lambda one: _turn(one.article_id))[-TWIN_LOOK:]

    def _alike(self, ours: Sequence[Vector], theirs: Sequence[Vector]) -> float:
        few, others = sorted((ours, theirs), key=len)
        if len(few) > FEW_ARTICLES:
            return mean([self.similarity(a, b) for a in ours for b in theirs])
        return mean([_score([self.similarity(one, other) for other in others]) for one in few])

    def _are_two_events(self, ours: Sequence[Vector], theirs: Sequence[Vector]) -> bool:
        if any(is_contradicted(self, one, theirs) for one in ours):
            return True
        return sum(is_vetoed(self, one, theirs) for one in ours) > TOLERATED_SHARE * len(ours)

    def similarity(self, a: Vector, b: Vector) -> float:
        pair = min((a.article_id, b.article_id), (b.article_id, a.article_id))
        known = self._similarities.get(pair)
        if known is None:
            known = self._similarities[pair] = cosine(self.weights(a), self.weights(b)) * alikeness(a, b)
        return known

    def rename(self, gone: str, into: str) -> None:
        """The one story was merged into the other."""
        self.move([id_ for id_, one in self.placed.items() if one.story_id == gone], into)

    def move(self, article_ids: Iterable[str], into: str) -> None:
        """These articles stand in another story now."""
        for id_ in article_ids:
            if id_ in self.placed:
                self.placed[id_] = replace(self.placed[id_], story_id=into)

    def relocate(self, stories: Mapping[str, str]) -> None:
        """Where the articles that are known stand by now; those that are not named are there no more."""
        for id_, one in list(self.placed.items()):
            if id_ in stories:
                self.placed[id_] = replace(one, story_id=stories[id_])
            else:
                del self.placed[id_]
                for held in self._holders.values():
                    held.discard(id_)

    def frame(self, a: Vector, b: Vector) -> float:
        """How alike two articles are in the words that name none of their arguments: 0 to 1."""
        said = a.named("said") | b.named("said")
        return cosine(*(_without(self.weights(one), said) for one in (a, b)))

    def _similar(self, vector: Vector) -> list[Placed]:
        common = Counter(id_ for term in self.key_terms(vector) for id_ in self._holders.get(term, ()))
        common.pop(vector.article_id, None)
        near = [
            (count, _turn(id_))
            for id_, count in common.items()
            if count >= COMMON_KEY_TERMS and within(vector.seen_at, self.placed[id_].vector.seen_at)
        ]
        return [self.placed[id_] for _, (_, id_) in nlargest(COMPARED, near)]


def _turn(article_id: str) -> tuple[int, str]:
    """Grows in the order of acceptance, as numbers do."""
    return len(article_id), article_id


def _without(weights: Mapping[str, float], said: frozenset[str]) -> Mapping[str, float]:
    """The words that are no names and not among these, again of unit length."""
    kept = {term: weight for term, weight in weights.items() if term[0] not in "@>" and term not in said}
    length = math.sqrt(sum(weight * weight for weight in kept.values()))
    return {term: weight / length for term, weight in kept.items()} if length else {}


def alikeness(a: Vector, b: Vector) -> float:
    """What it says for one event, beyond the words, that the same people and places are named, or others."""
    factor = 1.0
    for ours, theirs, same, other in (
        (a.who, b.who, SAME_PEOPLE, OTHER_PEOPLE),
        (a.where, b.where, SAME_PLACES, OTHER_PLACES),
    ):
        if ours and theirs:
            factor *= other if ours.isdisjoint(theirs) else same
    return factor


def _score(similarities: Sequence[float]) -> float:
    return mean(nlargest(NEAREST, similarities))


def within(a: datetime, b: datetime) -> bool:
    return abs(a - b) <= WINDOW


def is_vetoed(known: Neighbourhood, ours: Vector, members: Sequence[Vector]) -> bool:
    """Whether the article tells of another event than the story of these members, although the words are alike."""
    if is_contradicted(known, ours, members):
        return True
    if any(_kind_differs(known, kind, ours, members) for kind in FRAMES if kind in ours.argued):
        return True
    return _is_about_strangers(known, ours, members)


def is_contradicted(known: Neighbourhood, ours: Vector, members: Sequence[Vector]) -> bool:
    """Whether it tells of another transfer, or of another number of the same thing: no other side of one event."""
    if transfers_differ(ours.transfers, frozenset().union(*(one.transfers for one in members))):
        return True
    if any(deals_differ(ours.argued, one.argued) for one in members):
        return True
    return any(_kind_differs(known, kind, ours, members) for kind in FRAMELESS if kind in ours.argued)


def _kind_differs(known: Neighbourhood, kind: Kind, ours: Vector, members: Sequence[Vector]) -> bool:
    """One that names the same speaks for all: a story may have several sides."""
    if any(agree(kind, ours.argued, one.argued) for one in members):
        return False
    return any(differ(kind, ours.argued, one.argued) and known.frame(ours, one) >= FRAMES[kind] for one in members)


def _is_about_strangers(known: Neighbourhood, ours: Vector, members: Sequence[Vector]) -> bool:
    """Whether it begins with people whom none of the members names, and so does one of them the other way round."""
    people = ours.named("person")
    if not people or any(people & one.named("who") for one in members):
        return False
    return any(
        one.named("person")
        and one.named("person").isdisjoint(ours.named("who"))
        and known.frame(ours, one) >= STRANGERS_FRAME
        for one in members
    )
