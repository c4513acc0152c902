"""Matches that are stored as holding, and by a new look do not."""

from collections.abc import Callable, Mapping, Sequence

from wirewatch.models import Article
from wirewatch.store.matches import Held, Match


def find_ended(
    held: Held, found: Mapping[str, Sequence[Match]], known: Mapping[str, Article], was_decided: Callable[[str], object]
) -> list[Match]:
    """-> what `held` has and `found` has not, of the watches that were decided at all."""
    now = {(one.watch_id, one.article_id) for matches in found.values() for one in matches}
    return [
        Match(watch_id, id_, known[id_].version, known[id_].story_id, (), decided_at=held.read_at)
        for watch_id, id_ in sorted(held.pairs - now)
        if id_ in found and was_decided(watch_id)
    ]
