"""Keep stored facts equal to what the story's articles say now."""

from collections.abc import Iterable, Mapping, Sequence

from wirewatch.db import Transaction
from wirewatch.models import StoryFacts
from wirewatch.store import stories
from wirewatch.store.stories import StoryMember
from wirewatch.stories.facts import EMPTY, can_grow, facts_of, fold


def refresh_facts(tx: Transaction, story_ids: Iterable[str]) -> set[str]:
    """Fold the stories' articles again; a story without articles is erased, unless told of. Callers hold stories.LOCK.

    -> the stories that had facts before and now have others that matter.
    """
    wanted = set(story_ids)
    members = stories.read_members(tx, wanted)
    if wanted - members.keys():
        stories.erase(tx, wanted - members.keys(), with_told=False)
    old = stories.get_facts(tx, members)
    return _store(tx, old, {story_id: facts_of(told) for story_id, told in members.items()})


def join_facts(tx: Transaction, joining: Mapping[str, Sequence[StoryMember]]) -> set[str]:
    """Fold articles that have just joined into their stories' facts, whatever their size. Callers hold stories.LOCK.

    -> the stories that had facts before and now have others that matter.
    """
    old = stories.get_facts(tx, joining)
    outdated = {story_id for story_id, facts in old.items() if not can_grow(facts)}
    new = {
        story_id: fold(old.get(story_id, EMPTY), members)
        for story_id, members in joining.items()
        if story_id not in outdated
    }
    return _store(tx, old, new) | (refresh_facts(tx, outdated) if outdated else set())


def _store(tx: Transaction, old: Mapping[str, StoryFacts], new: Mapping[str, StoryFacts]) -> set[str]:
    changed = {story_id: facts for story_id, facts in new.items() if facts != old.get(story_id)}
    stories.update_facts(tx, changed)
    return {story_id for story_id, facts in changed.items() if story_id in old and matters(old[story_id], facts)}


def matters(old: StoryFacts, new: StoryFacts) -> bool:
    """Whether a watch that asks about the story could now decide otherwise on its earlier articles."""
    return (
        old.independent_sources != new.independent_sources
        or old.article_count != new.article_count
        or old.sources != new.sources
        or old.conflicts != new.conflicts
    )
