"""How often an endpoint would have been told, under each policy."""

from datetime import UTC, datetime, timedelta

import pytest

from wirewatch.alerts.forecast import Matched, forecast, per_week
from wirewatch.models import ClaimStatus, Digest, Policy, QuietHours, SaidClaim

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def match(
    number: int, story: int, status: ClaimStatus = "alleged", *, line: str = "A", score: float = 1.0, **after: float
) -> Matched:
    """An article that came so long after Monday noon."""
    said = SaidClaim("arms_transfer", "Brazil", "Chile", "mortars", status, (), str(number))
    return Matched(str(number), str(story), MONDAY + timedelta(**after), score, (said,), line)


# Three stories on three days; the first has three reprints within the hour and a denial two hours later.
WEEK = [
    *(match(number, 1, minutes=number) for number in range(4)),
    match(4, 1, "denied", hours=2),
    match(5, 2, days=1),
    match(6, 3, line="A", days=2),
    match(7, 3, line="B", days=2, hours=1),
]


@pytest.mark.parametrize(
    ("policy", "deliveries"),
    [
        (Policy(), 5),
        (Policy("every_article"), 8),
        (Policy("digest"), 3),
        (Policy("digest", digest=Digest("hourly")), 5),
        (Policy("digest", digest=Digest("weekly")), 1),
        (Policy(min_independent_sources=2), 1),
        (Policy(min_independent_sources=3), 0),
        (Policy(min_score=0.5), 5),
        # The first story's articles but one are gathered when the hour allows another.
        (Policy("every_article", max_per_hour=1), 6),
        (Policy("every_article", max_per_hour=1, priority="urgent"), 8),
        (Policy("every_article", quiet_hours=QuietHours("11:00", "13:30")), 4),
    ],
)
def test_a_week_is_told_as_often_as_the_policy_lets_it(policy: Policy, deliveries: int) -> None:
    assert forecast(policy, reversed(WEEK)) == deliveries


def test_what_is_read_too_unsurely_is_not_told() -> None:
    unsure = [match(1, 1, score=0.4), match(2, 2, score=0.6)]
    assert forecast(Policy(min_score=0.5), unsure) == 1


def test_what_changes_while_an_alert_settles_is_told_in_one() -> None:
    changes = [match(1, 1), match(2, 1, "denied", seconds=5), match(3, 1, "confirmed", seconds=20)]
    assert forecast(Policy(settle_seconds=30), changes) == 2
    assert forecast(Policy(settle_seconds=0), changes) == 3


def test_a_digest_is_sent_no_more_often_than_it_is_due() -> None:
    hour = timedelta(hours=1)
    assert per_week(Policy("digest", digest=Digest("weekly")), 1, hour) == 1
    assert per_week(Policy("digest"), 3, timedelta(days=3)) == 7
    assert per_week(Policy("digest", digest=Digest("hourly")), 400, hour) == 168
    assert per_week(Policy(), 3, timedelta(days=14)) == 1.5


def test_nothing_that_matches_is_never_told() -> None:
    assert forecast(Policy("digest"), []) == 0
