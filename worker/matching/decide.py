"""Decide watches on articles, each in its story."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wirewatch.alerts.score import score_of
from wirewatch.db import Transaction
from wirewatch.models import Article, StoryFacts
from wirewatch.query import Compiled, Decision, Subject, decide
from wirewatch.query.index import WatchIndex
from wirewatch.store import stories, subjects
from wirewatch.store.matches import Match


def read_subjects(tx: Transaction, article_ids: Sequence[str]) -> tuple[dict[str, Article], dict[str, Subject]]:
    """-> the articles that exist, and what watches are decided on: each with its analysis and its story's facts."""
    known = subjects.get_known(tx, article_ids)
    read = {id_: one.article for id_, one in known.items()}
    facts: Mapping[str, StoryFacts] = stories.get_facts(tx, {a.story_id for a in read.values() if a.story_id})
    return read, {id_: Subject(*one, facts.get(one.article.story_id or "")) for id_, one in known.items()}


def match_watches(subject: Subject, index: WatchIndex, read_at: datetime) -> list[Match]:
    """-> the watches of the index that match, each with the spans that prove it; an article taken back matches none.

    The subject was read at `read_at`.
    """
    return [] if subject.article.retracted else _matches(subject, index.matches(subject), read_at)


def decide_watches(subject: Subject, watches: Mapping[str, Compiled], read_at: datetime) -> list[Match]:
    """-> those of these few watches that match, as `match_watches` has them."""
    if subject.article.retracted:
        return []
    return _matches(subject, {id_: decide(compiled, subject) for id_, compiled in watches.items()}, read_at)


def _matches(subject: Subject, decided: Mapping[str, Decision], read_at: datetime) -> list[Match]:
    article = subject.article
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
