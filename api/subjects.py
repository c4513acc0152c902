"""Stored articles as the watch language looks at them: search and backtest decide as live matching does.

The archive is gone through from the newest article backwards, a window of ids at a time. In each the database leaves
out what cannot match (wirewatch/query/prefilter.py); what is left is read and decided exactly.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wirewatch.db import Transaction
from wirewatch.query import Compiled, Subject
from wirewatch.query.prefilter import Condition, necessary_conditions
from wirewatch.store import stories, subjects
from wirewatch.store.views.archive import find_possible, get_bounds
from wirewatch.store.views.articles import PAGE_BYTES, ArticleFilter

# Where little can match, the next window is so much larger; what a window holds is kept in memory: ids and sizes.
FIRST_WINDOW, MOST_WINDOW, GROWTH = 5_000, 500_000, 4
CHUNK = 100


@dataclass
class Budget:
    """How far a search may go through the archive within one request."""

    articles: int
    seconds: float
    started_at: float = field(default_factory=time.monotonic)

    def is_spent(self, read: int) -> bool:
        return read >= self.articles or time.monotonic() - self.started_at > self.seconds


@dataclass(frozen=True, slots=True)
class Portion:
    """Articles that may match, newest first. All with ids from `down_to` on have been seen when they are decided."""

    subjects: Sequence[Subject]
    down_to: int


def read_subjects(tx: Transaction, ids: Sequence[int]) -> list[Subject]:
    """The articles that exist, in the given order, each with its analysis and its story's facts."""
    wanted = [str(number) for number in ids]
    known = subjects.get_known(tx, wanted)
    facts = stories.get_facts(tx, {article.story_id for article, _ in known.values() if article.story_id})
    return [Subject(*known[id_], facts.get(known[id_].article.story_id or "")) for id_ in wanted if id_ in known]


def go_through(
    tx: Transaction, queries: Sequence[Compiled], wanted: ArticleFilter, budget: Budget, before: int | None = None
) -> Iterator[Portion]:
    """Every article below the id `before` that one of the queries can match, until the budget is spent."""
    lowest, highest, _ = get_bounds(tx, wanted)
    below = highest + 1 if before is None else min(before, highest + 1)
    filters = [necessary_conditions(query) for query in queries]
    read, window = 0, FIRST_WINDOW
    while below > lowest and not budget.is_spent(read):
        start = max(lowest, below - window)
        possible = _possible(tx, wanted, filters, start, below)
        if len(possible) < window // GROWTH:
            window = min(window * GROWTH, MOST_WINDOW)
        for ids in _chunks(possible):
            if budget.is_spent(read):
                return
            read += len(ids)
            yield Portion(read_subjects(tx, ids), ids[-1])
        below = start
        yield Portion((), below)


def _possible(
    tx: Transaction, wanted: ArticleFilter, filters: Sequence[list[Condition]], lowest: int, below: int
) -> list[tuple[int, int]]:
    found = {row for one in filters for row in find_possible(tx, wanted, one, lowest=lowest, below=below)}
    return sorted(found, reverse=True)


def _chunks(rows: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Ids in groups that are read at once: articles may be megabytes long."""
    chunk: list[int] = []
    total_bytes = 0
    for id_, stored_bytes in rows:
        if chunk and (len(chunk) == CHUNK or total_bytes + stored_bytes > PAGE_BYTES):
            yield chunk
            chunk, total_bytes = [], 0
        chunk.append(id_)
        total_bytes += stored_bytes
    if chunk:
        yield chunk
