"""Decide watches on articles, each in its story."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wirewatch.db import Transaction
from wirewatch.models import Analysis, Article, StoryFacts
from wirewatch.query import Compiled, Subject, decide
from wirewatch.store import analyses, articles, stories
from wirewatch.store.matches import Match
from worker.matching.score import score_of


def read_subjects(tx: Transaction, article_ids: Sequence[str]) -> tuple[dict[str, Article], dict[str, Subject]]:
    """-> the articles that exist, and what watches are decided on: each with its analysis and its story's facts."""
    known = articles.get_many(tx, article_ids)
    found = analyses.get_many(tx, known)
    facts: Mapping[str, StoryFacts] = stories.get_facts(tx, {a.story_id for a in known.values() if a.story_id})
    return known, {
        id_: Subject(article, found.get(id_, Analysis(lang=None)), facts.get(article.story_id or ""))
        for id_, article in known.items()
    }


def decide_watches(
    subject: Subject, article: Article, watches: Mapping[str, Compiled], read_at: datetime
) -> list[Match]:
    """-> those of these watches that match, each with the spans that prove it; an article taken back matches none.

    The subject was read at `read_at`.
    """
    if article.retracted:
        return []
    decided = {watch_id: decide(compiled, subject) for watch_id, compiled in watches.items()}
    return [
        Match(
            watch_id,
            article.id,
            article.version,
            article.story_id,
            decision.evidence,
            score_of(decision.evidence, subject.analysis),
            read_at,
        )
        for watch_id, decision in decided.items()
        if decision.matched
    ]
