"""The verdict: nothing lost, nothing twice, by the receiver's own log; and the ledger agrees."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wirewatch.stack.receiver import ReceivedWebhook

ARTICLE_STAGES = ("dedupe", "extract", "cluster", "match", "alert")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lost`: articles never told of. `twice`: articles told of in more than one update or webhook. `repeated`:
    webhooks received again under their own id, which a receiver is told to expect after a crash.
    """

    lost: int
    twice: int
    repeated: int
    refused: int
    miscounted: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.twice or self.refused or self.miscounted)


def judge(
    article_ids: Sequence[str], webhooks: Sequence[ReceivedWebhook], counts: Mapping[str, tuple[int, int]]
) -> Verdict:
    """`counts`: by stage (done, runs). Every article passes each article stage exactly once, whatever was killed."""
    verified = [webhook for webhook in webhooks if webhook.fault is None]
    told = {webhook.id: _articles_told(webhook) for webhook in verified}
    tellings = Counter(article for articles in told.values() for article in articles)
    return Verdict(
        lost=sum(article not in tellings for article in article_ids),
        twice=sum(count > 1 for count in tellings.values()),
        repeated=len(verified) - len(told),
        refused=len(webhooks) - len(verified),
        miscounted=tuple(
            f"{stage} recorded {counts.get(stage, (0, 0))[0]} of {len(article_ids)}"
            for stage in ARTICLE_STAGES
            if counts.get(stage, (0, 0))[0] != len(article_ids)
        ),
    )


def _articles_told(webhook: ReceivedWebhook) -> list[str]:
    return [article for alert in webhook.payload["data"]["alerts"] for article in alert["update"]["article_ids"]]
