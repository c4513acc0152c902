"""How many independent sources an alert has: of the story's, those whose articles match its watch."""

from collections.abc import Iterable, Mapping, Sequence

from wirewatch.db import Transaction
from wirewatch.models import Policy, Standing
from wirewatch.store import stories
from wirewatch.store.alerts import StoredAlert

NOTHING = Standing()


class Independence:
    """Counts in the stories that have more than one independent source, by what their facts say; read once for a run.

    `lines`: of each article, what all articles have in common whose texts come from one another.
    """

    def __init__(self, lines: Mapping[str, tuple[str, str]]) -> None:
        self._lines = lines

    @classmethod
    def read(cls, tx: Transaction, story_ids: Iterable[str]) -> "Independence":
        wanted = set(story_ids)
        if not wanted:
            return cls({})
        facts = stories.get_facts(tx, wanted)
        origins = {id_: place for id_, place in stories.get_origins(tx, wanted).items() if place[0] in facts}
        return cls({id_: (story, facts[story].origins.get(of, of)) for id_, (story, of) in origins.items()})

    def count(self, article_ids: Iterable[str]) -> int:
        """-> 1 or more; articles of stories that were not read come from one source."""
        return max(1, len({self._lines[id_] for id_ in article_ids if id_ in self._lines}))

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
