"""Whatever happens to watches, articles, alerts and endpoints: each update is in one delivery for each endpoint that it
was meant for, and in the end none waits."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.alerts.desk import Desk, emptied
from wirewatch.db import Database
from wirewatch.models import Digest, Policy, QuietHours
from wirewatch.store.views import alerts as views
from wirewatch.store.views.balance import read_balance

policies = st.builds(
    Policy,
    st.sampled_from(["material", "every_article", "digest"]),
    st.sampled_from([0, 30]),
    st.sampled_from([Digest("hourly", "00:20"), Digest("daily", "08:00", time_zone="Europe/Berlin"), None]),
    st.sampled_from([None, QuietHours("12:00", "12:45"), QuietHours("22:00", "09:00", "Asia/Tokyo")]),
    st.just(1),
    st.just(0.0),
    st.sampled_from([None, 1, 2]),
    st.sampled_from(["normal", "urgent"]),
)
few = st.integers(0, 2)
statuses = st.sampled_from([None, "alleged", "denied", "confirmed"])
steps = st.one_of(
    st.tuples(st.just("report"), few, st.sets(few), statuses),
    st.tuples(st.just("report"), few, st.sets(few), statuses),
    st.tuples(st.just("revise"), few, st.sets(few), statuses),
    st.tuples(st.just("move"), few, st.sets(few), few),
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 45, 600])),
    st.tuples(st.just("policy"), few, policies),
    st.tuples(st.just("snooze"), few, st.sampled_from([None, 15, 90])),
    st.tuples(st.just("dismiss"), few),
)


class Scene:
    """Three watches, three stories, two endpoints; steps name them by place."""

    def __init__(self, database: Database, given_policies: list[Policy]) -> None:
        self.desk = Desk(database)
        self.desk.endpoint()
        self.desk.endpoint("other")
        self.watches = [self.desk.watch(policy) for policy in given_policies]
        self.stories = [self.desk.story() for _ in range(3)]
        self.articles: list[str] = []

    def take(self, step: tuple[Any, ...]) -> None:
        desk, (name, *given_parts) = self.desk, step
        match name, given_parts:
            case "report", [story, watches, status]:
                self.articles.append(desk.report(self.stories[story], *self._named(watches), status=status))
            case "revise", [place, watches, status] if self.articles:
                article_id = self.articles[place % len(self.articles)]
                desk.revise(article_id, *self._named(watches), status=status, words=f"Mortars {len(self.articles)}")
            case "move", [place, watches, story] if self.articles:
                desk.move(self.articles[place % len(self.articles)], self.stories[story], *self._named(watches))
            case "wait", [minutes]:
                desk.wait(minutes=minutes)
            case "policy", [place, policy]:
                desk.change(self.watches[place], policy=policy)
            case "snooze", [place, minutes]:
                until = minutes and desk.now + timedelta(minutes=minutes)
                desk.change(self.watches[place], snoozed_until=until)
            case "dismiss", [place] if alerts := desk.alerts():
                with desk.database.transaction() as tx:
                    views.set_state(tx, alerts[place % len(alerts)].id, "dismissed", "no arms")

    def _named(self, places: set[int]) -> list[str]:
        return [self.watches[place] for place in sorted(places)]


@given(st.lists(policies, min_size=3, max_size=3), st.lists(steps, min_size=1, max_size=12))
@settings(
    max_examples=5, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_update_is_in_one_delivery_for_each_endpoint(
    shared_database: Database, given_policies: list[Policy], taken: list[tuple[Any, ...]]
) -> None:
    scene = Scene(emptied(shared_database), given_policies)
    for step in taken:
        scene.take(step)
        check(scene.desk)

    # By day and by night: who is late for the end of quiet hours may come in the next ones.
    for hours in (1, 12, 12, 12, 12):
        scene.desk.wait(hours=hours)
    check(scene.desk)
    assert scene.desk.deliveries("held") == []
    assert scene.desk.rows("SELECT type, last_error FROM messages WHERE type <> 'DeliveryDue'") == []


def check(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        balance = read_balance(tx, desk.now)
    doubled = desk.rows("""
        SELECT update_id, endpoint_id FROM delivery_updates JOIN deliveries d ON d.id = delivery_id
        GROUP BY 1, 2 HAVING count(*) > 1
    """)
    unreleased = desk.rows("""
        SELECT id FROM deliveries d WHERE state = 'held'
            AND NOT EXISTS (SELECT FROM messages m WHERE m.type = 'HoldDue' AND m.subject_id = d.id)
    """)
    unsent = desk.rows("""
        SELECT id FROM deliveries d WHERE state = 'pending'
            AND NOT EXISTS (SELECT FROM messages m WHERE m.type = 'DeliveryDue' AND m.subject_id = d.id)
    """)
    owed = desk.rows("SELECT sum(cardinality(endpoint_ids)) FROM updates")[0][0] or 0
    listed = desk.rows("SELECT count(*) FROM delivery_updates")[0][0]
    assert (doubled, unreleased, unsent, listed) == ([], [], [], owed)
    assert balance.is_even


@pytest.mark.parametrize("endpoint", ["deleted", "disabled"])
def test_what_waits_for_an_endpoint_that_goes_does_not_wait_for_ever(shared_database: Database, endpoint: str) -> None:
    desk = Desk(emptied(shared_database))
    endpoint_id = desk.endpoint()
    desk.report(desk.story(), desk.watch(Policy("digest", digest=Digest("hourly"))))
    change = "DELETE FROM endpoints" if endpoint == "deleted" else "UPDATE endpoints SET enabled = false"
    desk.rows(f"{change} WHERE id = {endpoint_id} RETURNING 1")
    desk.wait(hours=1)
    assert desk.deliveries("held") == []
