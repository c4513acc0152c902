"""How many independent sources an alert has: of the story's, those whose articles match its watch."""

from collections.abc import Iterable, Mapping, Sequence

from wirewatch.db import Transaction
from wirewatch.models import Policy, Standing
from wirewatch.store import stories
from wirewatch.store.alerts import StoredAlert
from wirewatch.store.stories import StoryMember
from worker.stories.facts import count_independent

NOTHING = Standing()


class Independence:
    """Counts among the members of the stories that have more than one independent source; read once for a run."""

    def __init__(self, members: Mapping[str, StoryMember]) -> None:
        self._members = members

    @classmethod
    def read(cls, tx: Transaction, story_ids: Iterable[str]) -> "Independence":
        wanted = set(story_ids)
        members = stories.read_members(tx, wanted) if wanted else {}
        return cls({one.article_id: one for told in members.values() for one in told})

    def count(self, article_ids: Iterable[str]) -> int:
        """-> 1 or more; articles of stories that were not read come from one source."""
        return max(1, count_independent([self._members[id_] for id_ in article_ids if id_ in self._members]))

    def counts(self, alert: StoredAlert, joining: Sequence[str], policy: Policy) -> list[int]:
        """-> the count with each of the joining articles, in their order; past what anybody asks it is not followed."""
        known = (alert.standing or alert.told or NOTHING).independent_sources
        wanted = asked_for(policy)
        last = self.count([*alert.article_ids, *joining]) if known < wanted else known
        if last <= max(known, 1):
            return [max(known, 1)] * len(joining)
        return [self.count([*alert.article_ids, *joining[: place + 1]]) for place in range(len(joining))]


def asked_for(policy: Policy) -> int:
    """Up to which count of independent sources another one matters."""
    return max(2, policy.min_independent_sources)
