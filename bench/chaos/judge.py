"""The verdict: nothing lost, nothing twice, by the receiver's own log; and the ledger agrees."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wirewatch.stack.receiver import ReceivedWebhook

ONCE = ("dedupe", "extract", "cluster")
# An article that a merge or a split moves is decided again, and told of again if that changed what is known of it.
DECIDED_AGAIN, TOLD_AGAIN = "match", "alert"


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
    article_ids: Sequence[str], webhooks: Sequence[ReceivedWebhook], counts: Mapping[str, tuple[int, int]], moved: int
) -> Verdict:
    """`counts`: by stage (done, runs); `moved`: how often merges and splits moved an article.

    Every article passes each article stage exactly once, and once more what a move asks for, whatever was killed.
    """
    verified = [webhook for webhook in webhooks if webhook.fault is None]
    told = {webhook.id: _articles_told(webhook) for webhook in verified}
    tellings = Counter(article for articles in told.values() for article in articles)
    return Verdict(
        lost=sum(article not in tellings for article in article_ids),
        twice=sum(count > 1 for count in tellings.values()),
        repeated=len(verified) - len(told),
        refused=len(webhooks) - len(verified),
        miscounted=tuple(_miscounted(len(article_ids), counts, moved)),
    )


def _miscounted(articles: int, counts: Mapping[str, tuple[int, int]], moved: int) -> Iterator[str]:
    bounds = dict.fromkeys(ONCE, (articles, articles))
    bounds |= {DECIDED_AGAIN: (articles + moved, articles + moved), TOLD_AGAIN: (articles, articles + moved)}
    for stage, (least, most) in bounds.items():
        done, _ = counts.get(stage, (0, 0))
        if not least <= done <= most:
            yield f"{stage} recorded {done} of {articles}, {moved} of them moved"


def _articles_told(webhook: ReceivedWebhook) -> list[str]:
    return [article for alert in webhook.payload["data"]["alerts"] for article in alert["update"]["article_ids"]]
