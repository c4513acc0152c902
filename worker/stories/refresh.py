"""Keep stored facts equal to what the story's articles say now."""

from collections.abc import Iterable

from wirewatch.db import Transaction
from wirewatch.models import Analysis, StoryFacts
from wirewatch.store import analyses, articles, fingerprints, stories
from worker.stories.facts import Member, facts_of

# Held by whoever places articles or changes facts: one at a time.
LOCK = "stories"


def refresh_facts(tx: Transaction, story_ids: Iterable[str]) -> set[str]:
    """Fold the stories' articles again; a story without articles is erased. Callers hold LOCK.

    -> the stories that had facts before and now have others that matter.
    """
    wanted = set(story_ids)
    members = stories.get_members(tx, wanted)
    stories.erase(tx, wanted - members.keys())
    ids = [id_ for one in members.values() for id_ in one]
    known, found, sentences = (
        articles.get_many(tx, ids),
        analyses.get_many(tx, ids),
        fingerprints.get_sentences(tx, ids),
    )
    old = stories.get_facts(tx, members)
    changed = set()
    for story_id, article_ids in members.items():
        told = [
            Member(known[id_], found.get(id_, Analysis(lang=None)), sentences.get(id_, frozenset()))
            for id_ in article_ids
        ]
        facts = facts_of(told)
        if facts != old.get(story_id):
            stories.update_facts(tx, story_id, facts)
            changed |= {story_id} if story_id in old and matters(old[story_id], facts) else set()
    return changed


def matters(old: StoryFacts, new: StoryFacts) -> bool:
    """Whether a watch that asks about the story could now decide otherwise on its earlier articles."""
    return (
        old.independent_sources != new.independent_sources
        or len(old.article_ids) != len(new.article_ids)
        or old.sources != new.sources
        or old.conflicts != new.conflicts
    )
