"""How often an endpoint would have been told, had a watch been live: matches of the past, through the very decisions
that alerts are made by."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from wirewatch.alerts.decide import Events, Heard, decide
from wirewatch.alerts.hold import Hold, find_hold, keep_sent
from wirewatch.models import Policy, SaidClaim
from wirewatch.store.alerts import StoredAlert

# What the digests of a policy send in a week at the most, however little of a week was looked at.
WEEK = timedelta(weeks=1)
MOST_DIGESTS = {"hourly": 24 * 7, "daily": 7, "weekly": 1}


class Matched(NamedTuple):
    """An article that matches, and when it came. `line`: what all articles of its story have in common whose texts come
    from one another.
    """

    article_id: str
    story_id: str
    at: datetime
    score: float
    said: tuple[SaidClaim, ...]
    line: str


def forecast(policy: Policy, matched: Iterable[Matched]) -> int:
    """-> how many deliveries would have told one endpoint of these matches.

    What waits for a time to come, as the next digest, counts as one. Nobody snoozes or dismisses anything.
    """
    told = _Telling(policy)
    for one in sorted(matched, key=lambda one: (one.at, int(one.article_id))):
        if one.score >= policy.min_score:
            told.until(one.at)
            told.join(one)
    told.until(None)
    return told.deliveries


def per_week(policy: Policy, deliveries: float, looked_at: timedelta) -> float:
    """-> the rate, of a policy that bounds it no more than that."""
    rate = deliveries * WEEK / looked_at
    if policy.mode != "digest":
        return rate
    return min(rate, MOST_DIGESTS[policy.digest.every if policy.digest else "daily"])


class _Telling:
    """Alerts by story, and what of them waits: for an alert to have settled, or in held deliveries."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.deliveries = policy, 0
        self._alerts: dict[str, StoredAlert] = {}
        self._lines: dict[str, set[str]] = {}
        self._sent: Sequence[datetime] = ()
        self._settling: list[tuple[datetime, str]] = []
        self._held: set[Hold] = set()

    def join(self, one: Matched) -> None:
        lines = self._lines.setdefault(one.story_id, set())
        lines.add(one.line)
        self._decide(one.story_id, Events([Heard(one.article_id, one.said, len(lines))]), one.at)

    def until(self, at: datetime | None) -> None:
        """What is due before then, in its order; None: all that ever is."""
        while self._settling or self._held:
            settles = self._settling[0][0] if self._settling else None
            hold = min(self._held, default=None)
            due = min(time for time in (settles, hold and hold.until) if time)
            if at is not None and due > at:
                return
            if settles == due:
                self._settle(*heappop(self._settling))
            elif hold:
                self._held.remove(hold)
                self._tell(due, was_held=True)

    def _settle(self, at: datetime, story_id: str) -> None:
        alert = self._alerts[story_id]
        if alert.settles_at == at:
            self._alerts[story_id] = alert._replace(settles_at=None)
            self._decide(story_id, Events(), at)

    def _decide(self, story_id: str, events: Events, now: datetime) -> None:
        alert = self._alerts.get(story_id) or StoredAlert(story_id, "", story_id)
        outcome = decide(alert, self.policy, events, now)
        self._alerts[story_id] = alert._replace(
            # Whether there are any is all that matters here.
            article_ids=alert.article_ids or tuple(one.article_id for one in events.joined),
            last_seq=alert.last_seq + len(outcome.news),
            told=outcome.told,
            standing=outcome.standing,
            told_at=now if outcome.news else alert.told_at,
            settles_at=outcome.settles_at,
        )
        if outcome.settles_at and outcome.settles_at != alert.settles_at:
            heappush(self._settling, (outcome.settles_at, story_id))
        if outcome.news:
            self._tell(now, was_held=False)

    def _tell(self, now: datetime, *, was_held: bool) -> None:
        hold = find_hold(self.policy, (), self._sent, now, was_held=was_held)
        if hold:
            self._held.add(hold)
            return
        self.deliveries += 1
        if self.policy.max_per_hour is not None:
            self._sent = keep_sent(self.policy, self._sent, now)
