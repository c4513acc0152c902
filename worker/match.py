"""Decide every live watch on each article in its story; the index says which watches are worth deciding."""

from collections.abc import Iterator, Mapping, Sequence

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Analysis, Article, StoryFacts
from wirewatch.query import Subject, decide
from wirewatch.store import analyses, articles, matches, stories
from wirewatch.store.matches import Match
from worker.catalogue import Catalogue
from worker.stage import Context, Record


def match(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.transaction() as tx:
        known, subjects = read_subjects(tx, [message.subject_id for message in messages])
    found = {id_: decide_all(subject, known[id_], context.catalogue) for id_, subject in subjects.items()}

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        current = sorted(counting, key=int)
        for article_id in current:
            matches.delete_others(tx, article_id, [one.watch_id for one in found[article_id]])
        matches.upsert_all(tx, [one for article_id in current for one in found[article_id]])
        articles.mark_stage(tx, current, "matched")
        return [NewMessage("WatchMatched", id_, known[id_].version) for id_ in current if found[id_]]

    yield Record(messages, write)


def read_subjects(tx: Transaction, article_ids: Sequence[str]) -> tuple[dict[str, Article], dict[str, Subject]]:
    """-> the articles that exist, and what watches are decided on: each with its analysis and its story's facts."""
    known = articles.get_many(tx, article_ids)
    found = analyses.get_many(tx, known)
    facts: Mapping[str, StoryFacts] = stories.get_facts(tx, {a.story_id for a in known.values() if a.story_id})
    return known, {
        id_: Subject(article, found.get(id_, Analysis(lang=None)), facts.get(article.story_id or ""))
        for id_, article in known.items()
    }


def decide_all(subject: Subject, article: Article, catalogue: Catalogue) -> list[Match]:
    """-> the live watches that match, each with the spans that prove it."""
    found = []
    for watch_id in catalogue.index().candidates(subject):
        decision = decide(catalogue.compiled()[watch_id], subject)
        if decision.matched:
            found.append(Match(watch_id, article.id, article.version, article.story_id, decision.evidence))
    return found
