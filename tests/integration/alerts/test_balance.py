"""Whatever happens to watches, articles, stories, alerts and endpoints: each match is told, waits or is suppressed for
a reason, each update is in one delivery for each endpoint that it was meant for, and in the end none waits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.alerts.desk import Desk, emptied
from wirewatch.db import Database
from wirewatch.models import Digest, Policy, QuietHours
from wirewatch.store import stories
from wirewatch.store.views import alerts as views
from wirewatch.store.views.balance import read_balance

# Alerts that are not told although their articles come from as many sources as their watch asks for, each its own.
UNSAID = """
    SELECT a.id, cardinality(a.article_ids), w.policy FROM alerts a JOIN watches w ON w.id = a.watch_id
    WHERE a.last_seq = 0 AND a.folded_into IS NULL AND w.enabled
        AND cardinality(a.article_ids) >= (w.policy ->> 'min_independent_sources')::int
"""
policies = st.builds(
    Policy,
    st.sampled_from(["material", "every_article", "digest"]),
    st.sampled_from([0, 30]),
    st.sampled_from([Digest("hourly", "00:20"), Digest("daily", "08:00", time_zone="Europe/Berlin"), None]),
    st.sampled_from([None, QuietHours("12:00", "12:45"), QuietHours("22:00", "09:00", "Asia/Tokyo")]),
    st.sampled_from([1, 1, 2, 3]),
    st.sampled_from([0.0, 0.0, 0.5]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from(["normal", "urgent"]),
)
few = st.integers(0, 2)
statuses = st.sampled_from([None, "alleged", "denied", "confirmed"])
scores = st.sampled_from([1.0, 0.4])
reports = st.tuples(st.just("report"), few, st.sets(few), statuses, scores)
steps = st.one_of(
    reports,
    reports,
    st.tuples(st.just("revise"), few, st.sets(few), statuses, scores),
    st.tuples(st.just("move"), few, st.sets(few), few),
    st.tuples(st.just("erase"), few),
    st.tuples(st.just("merge"), few, few),
    st.tuples(st.just("split"), few),
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 45, 600])),
    st.tuples(st.just("policy"), few, policies),
    st.tuples(st.just("snooze"), few, st.sampled_from([None, 15, 90])),
    st.tuples(st.just("switch"), few, st.booleans()),
    st.tuples(st.just("dismiss"), few),
)


class Scene:
    """Three watches, three stories, two endpoints; steps name them by place."""

    def __init__(self, database: Database, given_policies: list[Policy]) -> None:
        self.desk = Desk(database, counts_sources=True)
        self.desk.endpoint()
        self.desk.endpoint("other")
        self.policies = given_policies
        self.watches = [self.desk.watch(policy) for policy in given_policies]
        self.stories = [self.desk.story() for _ in range(3)]
        self.articles: list[str] = []

    def take(self, step: tuple[Any, ...]) -> None:
        desk, (name, *given_parts) = self.desk, step
        match name, given_parts:
            case "report", [story, watches, status, score]:
                watching = self._named(watches)
                self.articles.append(desk.report(self._story(story), *watching, status=status, score=score))
            case "revise", [place, watches, status, score] if self.articles:
                words = f"Mortars {len(self.articles)}"
                desk.revise(self._article(place), *self._named(watches), status=status, words=words, score=score)
            case "move", [place, watches, story] if self.articles:
                desk.move(self._article(place), self._story(story), *self._named(watches))
            case "erase", [place] if self.articles:
                desk.erase(self.articles.pop(place % len(self.articles)))
            case "merge", [story, other] if {story, other} <= self._filled().keys() and story != other:
                desk.merge(self.stories[story], self.stories[other])
            case "split", [story] if len(members := self._filled().get(story, [])) > 1:
                self.stories.append(desk.split(self.stories[story], members[1:]))
            case "wait", [minutes]:
                desk.wait(minutes=minutes)
            case "policy", [place, policy]:
                # A threshold that is lowered holds for what comes.
                known = self.policies[place].min_independent_sources
                desk.change(self.watches[place], policy=replace(policy, min_independent_sources=known))
            case "snooze", [place, minutes]:
                until = minutes and desk.now + timedelta(minutes=minutes)
                desk.change(self.watches[place], snoozed_until=until)
            case "switch", [place, enabled]:
                desk.change(self.watches[place], enabled=enabled)
            case "dismiss", [place] if alerts := desk.alerts():
                with desk.database.transaction() as tx:
                    views.set_state(tx, alerts[place % len(alerts)].id, "dismissed", "no arms")

    def _named(self, places: set[int]) -> list[str]:
        return [self.watches[place] for place in sorted(places)]

    def _article(self, place: int) -> str:
        return self.articles[place % len(self.articles)]

    def _story(self, place: int) -> str:
        """The story there; another one where it was merged into its neighbour, or its articles were erased."""
        found = self.desk.rows(f"SELECT facts <> '{{}}' FROM stories WHERE id = {self.stories[place]}")
        if found != [(True,)]:
            self.stories[place] = self.desk.story()
        return self.stories[place]

    def _filled(self) -> dict[int, list[str]]:
        """The articles of the stories that have any, by place."""
        with self.desk.database.transaction() as tx:
            members = stories.get_members(tx, self.stories)
        return {place: members[id_] for place, id_ in enumerate(self.stories) if id_ in members}


@given(st.lists(policies, min_size=3, max_size=3), st.lists(steps, min_size=1, max_size=12))
@settings(phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_update_is_in_one_delivery_for_each_endpoint(
    shared_database: Database, given_policies: list[Policy], taken: list[tuple[Any, ...]]
) -> None:
    scene = Scene(emptied(shared_database), given_policies)
    for step in taken:
        scene.take(step)
        check(scene.desk)

    for place in range(3):
        scene.take(("switch", place, True))
    # By day and by night: who is late for the end of quiet hours may come in the next ones.
    for hours in (1, 12, 12, 12, 12):
        scene.desk.wait(hours=hours)
    check(scene.desk)
    assert scene.desk.deliveries("held") == []
    assert scene.desk.rows("SELECT type, last_error FROM messages WHERE type <> 'DeliveryDue'") == []
    with scene.desk.database.transaction() as tx:
        assert read_balance(tx, scene.desk.now).matches.held == 0


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
    matched = desk.rows("SELECT count(*) FROM matches WHERE holds")[0][0]
    assert (doubled, unreleased, unsent, listed) == ([], [], [], owed)
    assert (balance.is_even, balance.matches.matched) == (True, matched)
    assert desk.rows(UNSAID) == []


@pytest.mark.parametrize("endpoint", ["deleted", "disabled"])
def test_what_waits_for_an_endpoint_that_goes_does_not_wait_for_ever(shared_database: Database, endpoint: str) -> None:
    desk = Desk(emptied(shared_database))
    endpoint_id = desk.endpoint()
    desk.report(desk.story(), desk.watch(Policy("digest", digest=Digest("hourly"))))
    change = "DELETE FROM endpoints" if endpoint == "deleted" else "UPDATE endpoints SET enabled = false"
    desk.rows(f"{change} WHERE id = {endpoint_id} RETURNING 1")
    desk.wait(hours=1)
    assert desk.deliveries("held") == []
