"""Keep stored facts equal to what the story's articles say now."""

from collections.abc import Iterable

from wirewatch.db import Transaction
from wirewatch.models import StoryFacts
from wirewatch.store import stories
from worker.stories.facts import facts_of

# Held by whoever places articles or changes facts: one at a time.
LOCK = "stories"


def refresh_facts(tx: Transaction, story_ids: Iterable[str]) -> set[str]:
    """Fold the stories' articles again; a story without articles is erased. Callers hold LOCK.

    -> the stories that had facts before and now have others that matter.
    """
    wanted = set(story_ids)
    members = stories.read_members(tx, wanted)
    stories.erase(tx, wanted - members.keys())
    old = stories.get_facts(tx, members)
    changed = set()
    for story_id, told in members.items():
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
