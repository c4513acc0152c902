"""A backtest: what a query would have found in the archive, decided by the same code as live matching."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.subjects import Budget, Decided, decide_archive
from wirewatch.db import Transaction
from wirewatch.models import Evidence, Policy
from wirewatch.query import Compiled, explain
from wirewatch.store.views.articles import ArticleFilter

SAMPLES = 10
NEAR_MISSES = 5
BUDGET_ARTICLES = 5000
BUDGET_SECONDS = 8.0
DAYS = 30


@dataclass(frozen=True, slots=True)
class Sample:
    """A match and the spans that prove it."""

    article_id: str
    title: str
    story_id: str | None
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An article that fails at one clause alone; `nearest` is the most similar word or name in it."""

    article_id: str
    title: str
    clause: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """`complete` False: the archive is larger than one request reads, and `articles` says how much was read."""

    matches: int
    stories: int
    alerts_per_week: float
    articles: int
    complete: bool
    since: datetime
    samples: list[Sample]
    near_misses: list[NearMiss]
    warnings: list[str]


def preview(tx: Transaction, compiled: Compiled, policy: Policy, since: datetime | None, now: datetime) -> Preview:
    """Decide the query on the articles first seen since then (30 days by default), the newest first."""
    since = since or now - timedelta(days=DAYS)
    budget = Budget(BUDGET_ARTICLES, BUDGET_SECONDS)
    read, matched, missed = 0, list[Decided](), list[NearMiss]()
    for one in decide_archive(tx, compiled, ArticleFilter(since=since), budget):
        read += 1
        if one.decision.matched:
            matched.append(one)
        elif len(missed) < NEAR_MISSES and (near := find_near_miss(compiled, one)):
            missed.append(near)
    stories = {one.subject.article.story_id for one in matched} - {None}
    alerts = len(matched) if policy.mode == "every_article" else len(stories)
    return Preview(
        matches=len(matched),
        stories=len(stories),
        alerts_per_week=round(alerts * timedelta(weeks=1) / max(now - since, timedelta(days=1)), 2),
        articles=read,
        complete=not budget.is_spent(read),
        since=since,
        samples=[_sample(one) for one in matched[:SAMPLES]],
        near_misses=missed,
        warnings=list(compiled.warnings),
    )


def find_near_miss(compiled: Compiled, one: Decided) -> NearMiss | None:
    """Where all clauses but one are as the query asks, and at least one of them found something: that clause."""
    clauses = explain(compiled, one.subject)
    failed = [clause for clause in clauses if not clause.satisfied]
    if len(failed) != 1 or not any(clause.found and not clause.negated for clause in clauses):
        return None
    article = one.subject.article
    return NearMiss(article.id, article.title, failed[0].clause, failed[0].nearest)


def _sample(one: Decided) -> Sample:
    article = one.subject.article
    return Sample(article.id, article.title, article.story_id, list(one.decision.evidence))
