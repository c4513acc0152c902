"""Articles that a query misses by one clause alone: what the clause kept out."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.subjects import read_subjects
from wirewatch.db import Transaction
from wirewatch.query import Compiled, Subject, find_only_failure
from wirewatch.query.prefilter import necessary_conditions
from wirewatch.query.syntax import Clause
from wirewatch.store.views.archive import find_possible
from wirewatch.store.views.articles import ArticleFilter

NEAR_MISSES = 5
# Looked for among the newest articles only, and few of them are explained: explaining is costly.
NEWEST = 2_000
TRIED = 40


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An article that fails at one clause alone; `nearest` says in words what came nearest."""

    article_id: str
    title: str
    clause: str
    nearest: str | None


def find_near_misses(
    tx: Transaction, compiled: Compiled, wanted: ArticleFilter, *, lowest: int, below: int
) -> list[NearMiss]:
    """The newest, spread over the clauses that kept them out."""
    if isinstance(compiled.query.root, Clause):
        return []
    found: dict[str, NearMiss] = {}
    start = max(lowest, below - NEWEST)
    for id_ in _nearly_possible(tx, compiled, wanted, start, below):
        if id_ in found:
            continue
        for subject in read_subjects(tx, [int(id_)]):
            if near := near_miss(compiled, subject):
                found[id_] = near
        if len(found) == NEAR_MISSES:
            break
    return list(found.values())


def _nearly_possible(
    tx: Transaction, compiled: Compiled, wanted: ArticleFilter, lowest: int, below: int
) -> Iterator[str]:
    """Ids of articles that fulfil every condition of the database, and of those that fulfil all but one of them."""
    conditions = necessary_conditions(compiled)
    fewer = [conditions[:n] + conditions[n + 1 :] for n in range(len(conditions))]
    tried: set[int] = set()
    for some in [*fewer, conditions]:
        rows = find_possible(tx, wanted, some, lowest=lowest, below=below)
        new = [id_ for id_, _ in rows if id_ not in tried][: TRIED // (len(fewer) + 1)]
        tried.update(new)
        yield from map(str, new)


def near_miss(compiled: Compiled, subject: Subject) -> NearMiss | None:
    """Where all clauses but one are as the query asks, and at least one of them found something: that clause."""
    if compiled.root.holds(subject):
        return None
    failed = find_only_failure(compiled, subject)
    return NearMiss(subject.article.id, subject.article.title, failed.clause, failed.nearest) if failed else None
