"""Stored articles as the watch language looks at them: search and backtest decide as live matching does."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wirewatch.db import Transaction
from wirewatch.models import Analysis
from wirewatch.query import Compiled, Decision, Subject, decide
from wirewatch.store import analyses, articles, stories
from wirewatch.store.views.articles import ArticleFilter, find_page

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
class Decided:
    subject: Subject
    decision: Decision


def read_subjects(tx: Transaction, ids: Sequence[int]) -> list[Subject]:
    """The articles that exist, in the given order, each with its analysis and its story's facts."""
    wanted = [str(number) for number in ids]
    known = articles.get_many(tx, wanted)
    found = analyses.get_many(tx, known)
    facts = stories.get_facts(tx, {article.story_id for article in known.values() if article.story_id})
    return [
        Subject(known[id_], found.get(id_, Analysis(lang=None)), facts.get(known[id_].story_id or ""))
        for id_ in wanted
        if id_ in known
    ]


def decide_archive(
    tx: Transaction, compiled: Compiled, wanted: ArticleFilter, budget: Budget, before: int | None = None
) -> Iterator[Decided]:
    """Every article below the id `before`, the newest first, with its decision, until the budget is spent."""
    read, more = 0, True
    while more and not budget.is_spent(read):
        ids, more = find_page(tx, wanted, before=before, limit=CHUNK)
        for subject in read_subjects(tx, ids):
            if budget.is_spent(read):
                return
            read += 1
            yield Decided(subject, decide(compiled, subject))
        before = ids[-1] if ids else before
