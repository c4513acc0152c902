"""Find whose copy an article is and which texts it shares sentences with; of a new version, what it changed.

The original is the article accepted first, whichever is checked first.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from wirewatch.db import Database, Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Article, VersionChanges
from wirewatch.store import articles, fingerprints, lineages, versions
from wirewatch.store.articles import Checked
from wirewatch.store.fingerprints import Candidate, StoredFingerprint
from wirewatch.store.lineages import Lineage
from worker.copies import COMPARED_CHARS, changes_of, fingerprint, read_wording, retraction_in, turned
from worker.copies.relations import Openings, Relation, Relations, mates
from worker.stage import Context, Record

# Those that share most; more than so many texts of their own that resemble one article are not met in news.
CANDIDATES = 40

Found = Sequence[tuple[Candidate, Relation]]


class Copy(NamedTuple):
    """`copy` has the text of `original`, which was accepted before it."""

    copy: str
    original: str
    similarity: float


def choose_originals(found: Mapping[str, Found]) -> dict[str, Copy]:
    """Whose copy each of these articles is, of those that are copies, by their relations to others."""
    chosen: dict[str, Copy] = {}
    for article_id in sorted(found, key=int):
        copies = [(one, like.likeness) for one, like in found[article_id] if like.likeness]
        direct = {one.other: likeness.similarity for one, likeness in copies}
        earlier: dict[str, float] = {}
        for one, likeness in copies:
            original = chosen[one.other].original if one.other in chosen else one.original
            root = original or one.other
            # The copies of a part are no copies of the whole: only the root's own text can tell.
            if int(root) < int(article_id) and (original is None or likeness.kind == "whole" or root in direct):
                earlier.setdefault(root, direct.get(root, likeness.similarity))
        if earlier:
            original = min(earlier, key=int)
            chosen[article_id] = Copy(article_id, original, earlier[original])
    return chosen


def later_copies(article_id: str, original: str | None, found: Found) -> list[Copy]:
    """Articles accepted later, but checked before this one, that turn out to be its copies, or its original's."""
    target = original or article_id
    return [
        Copy(one.other, target, like.likeness.similarity)
        for one, like in found
        if like.likeness
        and int(one.original or one.other) > int(target)
        and int(one.other) > int(article_id)
        and (like.likeness.kind == "whole" or (original is None and one.original is None))
    ]


def dedupe(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.statements() as tx:
        known = articles.get_many(tx, [message.subject_id for message in messages])
        before = versions.get_previous(tx, {article.id: article.version for article in known.values()})
    wordings = {id_: read_wording(id_, article.title, article.text) for id_, article in known.items()}
    prints = {id_: StoredFingerprint(id_, known[id_].version, *fingerprint(one)) for id_, one in wordings.items()}
    changes = {id_: changes_of(before[id_], (known[id_].title, known[id_].text)) for id_ in before}
    relations = Relations(known, context.catalogue.agencies(), wordings)
    with context.database.statements() as tx:
        seen = fingerprints.find_candidates(tx, list(prints.values()), CANDIDATES)
    relations.common = seen.common
    neighbours = mates(list(prints.values()), known, seen.common)
    relations.find(partial(_read_apart, context.database), [*seen.candidates, *neighbours])

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        current = [prints[id_] for id_ in sorted(counting, key=int)]
        # From here to the commit nobody else records fingerprints. Who did since the look above may be a copy too: of
        # two copies that arrive at once, exactly one finds the other.
        is_as_seen = fingerprints.upsert_all(tx, current) == seen.recorded + 1
        met = seen if is_as_seen else fingerprints.find_candidates(tx, current, CANDIDATES)
        relations.common |= met.common
        fingerprints.note_common(tx, met.unnoted)
        outside = [one for one in met.candidates if one.article_id in counting and one.other not in prints]
        inside = [one for one in neighbours if {one.article_id, one.other} <= counting]
        found: dict[str, list[tuple[Candidate, Relation]]] = {id_: [] for id_ in counting}
        for one, relation in relations.find(partial(_read, tx), [*outside, *inside]):
            found[one.article_id].append((one, relation))
        return _write(tx, [known[id_] for id_ in found], found, changes)

    yield Record(messages, write)


def _read(tx: Transaction, ids: Sequence[str]) -> Openings:
    return articles.get_openings(tx, ids, COMPARED_CHARS)


def _read_apart(database: Database, ids: Sequence[str]) -> Openings:
    with database.statements() as tx:
        return _read(tx, ids)


def _write(
    tx: Transaction,
    current: Sequence[Article],
    found: Mapping[str, Found],
    changes: Mapping[str, VersionChanges],
) -> list[NewMessage]:
    chosen = choose_originals(found)
    later = [copy for id_ in found for copy in later_copies(id_, _original_of(chosen, id_), found[id_])]
    articles.mark_checked(tx, [_checked(article, chosen.get(article.id)) for article in current])
    articles.mark_duplicates(tx, later)
    renewed = [article.id for article in current if article.version > 1]
    lineages.replace_all(tx, renewed, _lineages(found))
    versions.set_changes(tx, [(a.id, a.version, changes[a.id]) for a in current if a.id in changes])
    follow = [NewMessage("ArticleChecked", article.id, article.version) for article in current]
    return follow + (_abandoned(tx, renewed, found) if renewed else [])


def _original_of(chosen: Mapping[str, Copy], article_id: str) -> str | None:
    return chosen[article_id].original if article_id in chosen else None


def _checked(article: Article, copy: Copy | None) -> Checked:
    retraction = retraction_in(article.title, article.text)
    return Checked(article.id, copy and copy.original, copy and copy.similarity, retraction)


def _lineages(found: Mapping[str, Found]) -> list[Lineage]:
    pairs = {}
    for id_, relations in found.items():
        for one, relation in relations:
            if not relation.sentences:
                continue
            earlier, later = sorted((id_, one.other), key=int)
            sentences = relation.sentences if later == id_ else turned(relation.sentences)
            pairs[later, earlier] = Lineage(later, earlier, relation.agency_id, sentences)
    return list(pairs.values())


def _abandoned(tx: Transaction, renewed: Sequence[str], found: Mapping[str, Found]) -> list[NewMessage]:
    """Copies of what these articles said before: they are checked again, and may have another original, or none."""
    still = {one.other for id_ in renewed for one, like in found[id_] if like.likeness} | found.keys()
    return [
        NewMessage("ArticleReceived", id_, version)
        for id_, version, _ in articles.find_copies(tx, renewed)
        if id_ not in still
    ]
