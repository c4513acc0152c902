"""What a preview says that a policy would have sent is what the stages send."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.alerts.desk import Desk, emptied
from tests.integration.alerts.test_balance import few, policies, statuses
from wirewatch.alerts.forecast import Matched, forecast
from wirewatch.alerts.standing import said_by
from wirewatch.db import Database
from wirewatch.models import ClaimStatus, Policy
from wirewatch.store import analyses

arrivals = st.tuples(st.sampled_from([0, 10, 600, 3600, 40_000]), few, statuses, st.sampled_from([1.0, 0.4]))


@given(policies, st.lists(arrivals, min_size=1, max_size=8))
@settings(phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_forecast_is_what_is_sent(
    shared_database: Database, policy: Policy, arriving: list[tuple[int, int, ClaimStatus | None, float]]
) -> None:
    desk = Desk(emptied(shared_database), counts_sources=True)
    desk.endpoint()
    watch, stories = desk.watch(policy), [desk.story() for _ in range(3)]
    matched = []
    for seconds, place, status, score in arriving:
        go_on(desk, desk.now + timedelta(seconds=seconds))
        id_ = desk.report(stories[place], watch, status=status, score=score)
        with desk.database.transaction() as tx:
            said = said_by(id_, analyses.get_claims(tx, [id_]).get(id_, ()))
        matched.append(Matched(id_, stories[place], desk.now, score, said, id_))
    go_on(desk, desk.now + timedelta(days=9))
    assert forecast(policy, matched) == len(desk.deliveries())


def go_on(desk: Desk, until: datetime) -> None:
    """Everything at its time, as the relay does it."""
    while (due := next_due(desk)) and due <= until:
        desk.now = due
        desk.run()
    desk.now = until


def next_due(desk: Desk) -> datetime | None:
    (due,) = desk.rows("SELECT min(due_at) FROM messages WHERE type <> 'DeliveryDue'")[0]
    return due if isinstance(due, datetime) else None
