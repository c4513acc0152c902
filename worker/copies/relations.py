"""How the articles of a batch relate to their candidates: copies, or texts with sentences in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from wirewatch.models import Article, Entity, SharedSentence
from wirewatch.store.fingerprints import COMMON_KEYS, FEWEST_KEYS, Candidate, StoredFingerprint
from worker.copies.agencies import find_agency
from worker.copies.lineage import lineage_of
from worker.copies.overlap import Likeness, likeness_of, likeness_of_equals
from worker.copies.wording import Wording, read_wording

# Title and beginning of the text, by article id.
Openings = Mapping[str, tuple[str, str]]
ReadOpenings = Callable[[Sequence[str]], Openings]

# So many candidates' texts are held at once, each no longer than what is compared of it.
TEXTS_AT_ONCE = 10


class Relation(NamedTuple):
    """What a pair of texts has in common: they are copies, or share sentences, or neither."""

    likeness: Likeness | None = None
    sentences: tuple[SharedSentence, ...] = ()
    agency_id: str | None = None


@dataclass(slots=True)
class Relations:
    """Relations of candidate pairs, each worked out once; the candidates' texts are read as they are needed.

    `common` are keys of sentences that very many articles hold.
    """

    known: Mapping[str, Article]
    agencies: tuple[Entity, ...]
    wordings: Mapping[str, Wording]
    common: frozenset[int] = frozenset()
    _found: dict[tuple[str, str], Relation] = field(default_factory=dict)

    def find(self, read: ReadOpenings, candidates: Sequence[Candidate]) -> list[tuple[Candidate, Relation]]:
        """-> those candidates that have something in common with their article."""
        new = [one for one in candidates if (one.article_id, one.other) not in self._found]
        self._look(read, [one for one in new if one.original is None])
        # Of an article that is a copy as a whole, its original's other copies tell nothing new.
        self._look(
            read, [one for one in new if one.original is not None and not self._is_copy(one.article_id, one.original)]
        )
        none = Relation()
        found = [(one, self._found.get((one.article_id, one.other), none)) for one in candidates]
        return [(one, relation) for one, relation in found if relation != none]

    def _is_copy(self, article_id: str, original: str) -> bool:
        relation = self._found.get((article_id, original))
        return relation is not None and relation.likeness is not None and relation.likeness.kind == "whole"

    def _look(self, read: ReadOpenings, new: Sequence[Candidate]) -> None:
        unread = sorted({one.other for one in new if not one.equal and one.other not in self.wordings}, key=int)
        self._relate([one for one in new if one.equal or one.other in self.wordings], {})
        for start in range(0, len(unread), TEXTS_AT_ONCE):
            texts = read(unread[start : start + TEXTS_AT_ONCE])
            self._relate([one for one in new if not one.equal and one.other in texts], texts)

    def _relate(self, pairs: Sequence[Candidate], texts: Openings) -> None:
        others = {id_: read_wording(id_, title, text) for id_, (title, text) in texts.items()}
        for one in pairs:
            wording = others.get(one.other) or self.wordings.get(one.other)
            self._found[one.article_id, one.other] = self._compare(one, wording)

    def _compare(self, pair: Candidate, other: Wording | None) -> Relation:
        article, wording = self.known[pair.article_id], self.wordings[pair.article_id]
        if pair.equal:
            at = article.published_at or article.first_seen_at
            return Relation(likeness_of_equals(len(wording.words), at, pair.at))
        if other is None:
            return Relation()
        likeness = likeness_of(wording, other)
        sentences = () if likeness and likeness.kind == "whole" else lineage_of(wording, other, self.common)
        if not sentences:
            return Relation(likeness)
        return Relation(likeness, sentences, find_agency(wording, sentences, other, self.agencies))


def mates(prints: Sequence[StoredFingerprint], known: Mapping[str, Article], common: frozenset[int]) -> list[Candidate]:
    """Candidates within a batch, whose fingerprints are not stored yet, as the store would find them; each pair once,
    from the later article.
    """
    bands = {one.article_id: frozenset(one.bands) for one in prints}
    sentences = {one.article_id: frozenset(one.sentences) for one in prints}
    found = []
    for earlier, later in combinations(sorted(prints, key=lambda one: int(one.article_id)), 2):
        equal = earlier.folded_hash == later.folded_hash
        shared = sentences[earlier.article_id] & sentences[later.article_id]
        quotes = len(shared - common) >= FEWEST_KEYS or len(shared) >= COMMON_KEYS
        if equal or quotes or not bands[earlier.article_id].isdisjoint(bands[later.article_id]):
            article = known[earlier.article_id]
            at = article.published_at or article.first_seen_at
            found.append(Candidate(later.article_id, earlier.article_id, None, equal, at))
    return found
