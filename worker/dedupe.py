"""Find whose copy an article is. The original is the one accepted first, whichever is checked first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from wirewatch.db import Transaction, lock_in_transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Article
from wirewatch.store import articles, fingerprints
from wirewatch.store.fingerprints import Candidate, StoredFingerprint
from worker.copies import fingerprint, folded_words, is_copy, overlap_of
from worker.stage import Context, Record

# Enough for any honest text; more would be boilerplate that thousands share.
CANDIDATES = 50

LOCK = "duplicates"


class Copy(NamedTuple):
    """`copy` has the text of `original`, which was accepted before it."""

    copy: str
    original: str
    similarity: float


def choose_original(article_id: str, found: Sequence[tuple[Candidate, float]]) -> Copy | None:
    """The earliest text among those that share this one's wording, if it came before; ties in id are impossible."""
    roots = {candidate.original or candidate.other: similarity for candidate, similarity in reversed(found)}
    earlier = [root for root in roots if int(root) < int(article_id)]
    if not earlier:
        return None
    original = min(earlier, key=int)
    return Copy(article_id, original, roots[original])


def later_copies(article_id: str, found: Sequence[tuple[Candidate, float]]) -> list[Copy]:
    """Articles accepted later, but checked before this one, that turn out to be its copies."""
    return [
        Copy(candidate.other, article_id, similarity)
        for candidate, similarity in found
        if int(candidate.original or candidate.other) > int(article_id)
    ]


class Comparison:
    """Exact overlaps of candidate pairs, each computed once; texts come from the store as they are needed."""

    def __init__(self, known: Mapping[str, Article]) -> None:
        self._words = {id_: folded_words(article.title, article.text) for id_, article in known.items()}
        self._similarity: dict[tuple[str, str], float | None] = {}

    def copies(self, tx: Transaction, candidates: Sequence[Candidate]) -> dict[str, list[tuple[Candidate, float]]]:
        """-> by article, those candidates that are copies, with the overlap as a share of the union."""
        # Equal ones need no words: of a text that fifty outlets print, none is read.
        missing = {candidate.other for candidate in candidates if not candidate.equal} - self._words.keys()
        for id_, article in articles.get_many(tx, missing).items() if missing else ():
            self._words[id_] = folded_words(article.title, article.text)
        found: dict[str, list[tuple[Candidate, float]]] = {}
        for candidate in candidates:
            similarity = self._compare(candidate)
            if similarity is not None:
                found.setdefault(candidate.article_id, []).append((candidate, similarity))
        return found

    def _compare(self, candidate: Candidate) -> float | None:
        if candidate.equal:
            return 1.0
        pair = (candidate.article_id, candidate.other)
        if pair not in self._similarity:
            ours, theirs = self._words[pair[0]], self._words.get(pair[1], ())
            overlap = overlap_of(ours, theirs)
            copied = is_copy(overlap, len(ours), len(theirs))
            self._similarity[pair] = max(overlap) if copied else None
        return self._similarity[pair]


def dedupe(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.transaction() as tx:
        known = articles.get_many(tx, [message.subject_id for message in messages])
    prints = {id_: _fingerprint(article) for id_, article in known.items()}
    comparison = Comparison(known)
    with context.database.transaction() as tx:
        comparison.copies(tx, fingerprints.find_candidates(tx, list(prints.values()), CANDIDATES))

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        current = [prints[id_] for id_ in sorted(counting, key=int)]
        # Under the lock each sees the fingerprints of all that were recorded before it: of two copies that arrive at
        # once, exactly one finds the other.
        lock_in_transaction(tx, LOCK)
        fingerprints.upsert_all(tx, current)
        found = comparison.copies(tx, fingerprints.find_candidates(tx, current, CANDIDATES))
        chosen = {id_: choose_original(id_, found.get(id_, ())) for id_ in counting}
        articles.mark_checked(
            tx, [(id_, copy and copy.original, copy and copy.similarity) for id_, copy in chosen.items()]
        )
        originals = [id_ for id_, copy in chosen.items() if copy is None]
        articles.mark_duplicates(tx, [copy for id_ in originals for copy in later_copies(id_, found.get(id_, ()))])
        return [NewMessage("ArticleChecked", row.article_id, row.version) for row in current]

    yield Record(messages, write)


def _fingerprint(article: Article) -> StoredFingerprint:
    computed = fingerprint(article.title, article.text)
    return StoredFingerprint(article.id, article.version, computed.folded_hash, computed.bands, computed.sentences)
