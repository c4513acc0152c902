"""What is told when, under each policy; the clock is moved by hand."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from tests.integration.alerts.desk import NOON, Desk, emptied
from wirewatch.db import Database
from wirewatch.models import Digest, Policy, QuietHours
from wirewatch.store import erasures
from wirewatch.store.views import alerts as views
from wirewatch.store.views import deliveries as delivery_views
from wirewatch.store.views import matches as match_views
from wirewatch.store.views.balance import read_balance
from wirewatch.store.views.pipeline import get_pipeline
from wirewatch.store.views.precision import read_precision

AT_ONCE = Policy(settle_seconds=0)
QUIET = QuietHours("11:00", "13:00")


@pytest.fixture
def desk(shared_database: Database) -> Desk:
    return Desk(emptied(shared_database))


def test_changes_are_collected_while_an_alert_settles(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(Policy(settle_seconds=30)), desk.story()
    desk.report(story, watch, status="alleged")
    desk.wait(seconds=10)
    desk.report(story, watch, status="denied")
    desk.report(story, watch, status="alleged", item="shells")
    assert desk.deliveries() == [["new_story"]]
    assert desk.alerts()[0].settles_at == NOON + timedelta(seconds=30)
    with desk.database.transaction() as tx:
        assert get_pipeline(tx).scheduled == 0  # by the clock of the database these are long due

    desk.wait(seconds=20)

    assert desk.deliveries() == [["new_story"], ["material_change"]]
    (alert,) = desk.alerts()
    assert alert.updates[1].changes == [
        "status of 'Brazil supplies mortars to Chile' went from alleged to denied by Brazil",
        "new: 'Brazil supplies shells to Chile', alleged",
    ]
    assert alert.settles_at is None
    desk.wait(hours=1)
    assert len(desk.alerts()[0].updates) == 2


def test_what_is_taken_back_while_an_alert_settles_is_not_told(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(Policy(settle_seconds=30)), desk.story()
    desk.report(story, watch, status="alleged")
    other = desk.report(story, watch, status="denied")
    desk.revise(other, watch, status="alleged")
    desk.wait(seconds=60)
    assert desk.deliveries() == [["new_story"]]


def test_an_article_that_was_told_of_and_changed_is_amended(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(AT_ONCE), desk.story()
    told = desk.report(story, watch, status="alleged")
    silent = desk.report(story, watch, status="alleged")
    desk.revise(told, watch, status="alleged")
    desk.revise(silent, watch, status="alleged", words="Mortar shells")
    assert desk.deliveries() == [["new_story"]]

    desk.revise(told, watch, status="alleged", words="Mortar shells")
    desk.revise(told, watch, status="confirmed", words="Mortar shells")

    updates = desk.alerts()[0].updates
    assert [(one.reason, one.changes) for one in updates[1:]] == [
        ("amended", ["the article was changed where it matched"]),
        ("amended", ["status of 'Brazil supplies mortars to Chile' went from alleged to confirmed"]),
    ]


def test_an_alert_is_withdrawn_with_its_last_article_and_stands_again_with_another(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(AT_ONCE), desk.story()
    first, second = desk.report(story, watch), desk.report(story, watch)
    desk.revise(first)
    assert [one.reason for one in desk.alerts()[0].updates] == ["new_story"]
    assert desk.alerts()[0].article_ids == [second]

    desk.revise(second)
    (alert,) = desk.alerts()
    assert (alert.article_ids, alert.evidence, alert.updates[-1].reason) == ([], [], "withdrawn")
    assert desk.rows("SELECT count(*) FROM matches") == [(0,)]

    desk.revise(second, watch)
    assert desk.alerts()[0].updates[-1].changes == ["an article of the story matches again"]
    assert desk.deliveries() == [["new_story"], ["withdrawn"], ["material_change"]]


def test_what_only_an_article_that_left_had_said_is_told(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(AT_ONCE), desk.story()
    desk.report(story, watch, status="alleged")
    other = desk.report(story, watch, status="alleged", item="shells")
    desk.revise(other)
    assert desk.alerts()[0].updates[-1].changes == ["'Brazil supplies shells to Chile' is not said any more"]


def test_an_article_that_is_erased_leaves_its_alert(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(AT_ONCE), desk.story()
    first = desk.report(story, watch, status="alleged")
    other = desk.report(story, watch, status="alleged", item="shells")
    unrelated = desk.article(story)
    for article_id in (other, first):
        with desk.database.transaction() as tx:
            erasures.erase_article(tx, article_id)
        desk.run()
    updates = desk.alerts()[0].updates
    assert [(one.reason, one.changes) for one in updates[1:]] == [
        ("material_change", ["new: 'Brazil supplies shells to Chile', alleged"]),
        ("material_change", ["'Brazil supplies shells to Chile' is not said any more"]),
        ("withdrawn", ["no article of the story matches any more"]),
    ]
    assert unrelated not in desk.alerts()[0].article_ids


def test_an_article_that_moves_to_another_story_changes_its_alert(desk: Desk) -> None:
    desk.endpoint()
    watch, story, other = desk.watch(AT_ONCE), desk.story(), desk.story()
    stays, moves = desk.report(story, watch), desk.report(story, watch)
    desk.move(moves, other, watch)
    assert [(alert.story_id, alert.article_ids) for alert in desk.alerts()] == [(other, [moves]), (story, [stays])]
    desk.match(moves, watch)
    desk.run()
    assert desk.deliveries() == [["new_story"], ["new_story"]]


def test_a_digest_sends_everything_together_at_its_time(desk: Desk) -> None:
    desk.endpoint()
    policy = Policy("digest", digest=Digest("daily", "08:00", time_zone="Europe/Berlin"))
    first, second, stories = desk.watch(policy), desk.watch(policy), [desk.story() for _ in range(3)]
    for story in stories:
        desk.report(story, first, second, status="alleged")
    desk.report(stories[0], first, status="denied")
    assert (desk.deliveries(), len(desk.deliveries("held"))) == ([], 1)
    with desk.database.transaction() as tx:
        (id_,) = delivery_views.find_ids(tx, delivery_views.DeliveryFilter("held"), before=None, limit=5)
        held = delivery_views.get(tx, str(id_))
    assert (held.reason, held.next_attempt_at) == ("daily digest", NOON + timedelta(hours=19))

    desk.wait(hours=19)

    assert desk.deliveries("held") == []
    assert desk.deliveries() == [["new_story"] * 6 + ["material_change"]]
    (body,) = desk.bodies()
    assert [story["id"] for story in body["data"]["stories"]] == stories
    assert body["data"]["story"]["id"] == stories[0]
    assert len(body["data"]["alerts"]) == 7
    assert all(alert["evidence"] for alert in body["data"]["alerts"])
    desk.report(desk.story(), first)
    assert desk.rows("SELECT reason FROM deliveries WHERE state = 'held'") == [("daily digest",)]


def test_quiet_hours_hold_all_but_what_is_urgent(desk: Desk) -> None:
    desk.endpoint()
    quiet = desk.watch(Policy(settle_seconds=0, quiet_hours=QUIET))
    urgent = desk.watch(Policy(settle_seconds=0, quiet_hours=QUIET, priority="urgent"))
    story = desk.story()
    desk.report(story, quiet, urgent)
    assert (desk.deliveries(), desk.deliveries("held")) == ([["new_story"]], [["new_story"]])
    assert desk.bodies()[0]["data"]["alerts"][0]["priority"] == "urgent"
    desk.wait(hours=1)
    assert (desk.deliveries(), desk.deliveries("held")) == ([["new_story"], ["new_story"]], [])


def test_watches_that_share_an_endpoint_are_told_in_one_delivery_also_where_they_wait(desk: Desk) -> None:
    desk.endpoint()
    policy = Policy(settle_seconds=0, quiet_hours=QUIET)
    watches = [desk.watch(policy) for _ in range(3)]
    desk.report(desk.story(), *watches)
    assert desk.deliveries("held") == [["new_story"] * 3]
    desk.wait(hours=1)
    assert [alert["watch_id"] for alert in desk.bodies()[0]["data"]["alerts"]] == watches


def test_past_so_many_an_hour_updates_are_gathered(desk: Desk) -> None:
    desk.endpoint()
    watch = desk.watch(Policy(settle_seconds=0, max_per_hour=2))
    for _ in range(5):
        desk.report(desk.story(), watch)
        desk.wait(minutes=1)
    assert (desk.deliveries(), desk.deliveries("held")) == ([["new_story"]] * 2, [["new_story"] * 3])
    desk.wait(minutes=54)
    assert len(desk.deliveries("held")) == 1
    desk.wait(minutes=1)
    assert desk.deliveries() == [["new_story"], ["new_story"], ["new_story"] * 3]
    desk.wait(minutes=1)
    desk.report(desk.story(), watch)
    assert desk.deliveries("held") == []
    desk.report(desk.story(), watch)
    assert desk.rows("SELECT reason FROM deliveries WHERE state = 'held'") == [("at most 2 an hour",)]


def test_a_snoozed_watch_waits_until_it_is_woken(desk: Desk) -> None:
    desk.endpoint()
    watch = desk.watch(AT_ONCE)
    desk.change(watch, snoozed_until=NOON + timedelta(days=1))
    desk.report(desk.story(), watch)
    assert (desk.deliveries(), desk.deliveries("held")) == ([], [["new_story"]])
    desk.change(watch, snoozed_until=None)
    assert (desk.deliveries(), desk.deliveries("held")) == ([["new_story"]], [])


def test_a_snoozed_alert_waits_and_others_do_not(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(AT_ONCE), desk.story()
    desk.report(story, watch, status="alleged")
    with desk.database.transaction() as tx:
        views.snooze(tx, desk.alerts()[0].id, NOON + timedelta(hours=2))
    desk.report(story, watch, status="denied")
    desk.report(desk.story(), watch)
    assert (desk.deliveries(), desk.deliveries("held")) == ([["new_story"]] * 2, [["material_change"]])
    desk.wait(hours=2)
    assert desk.deliveries("held") == []


def test_a_changed_policy_moves_what_waits(desk: Desk) -> None:
    desk.endpoint()
    watch = desk.watch(Policy("digest", digest=Digest("daily", "08:00")))
    desk.report(desk.story(), watch)
    desk.change(watch, policy=Policy("digest", digest=Digest("hourly")))
    assert desk.rows("SELECT reason FROM deliveries") == [("hourly digest",)]
    desk.change(watch, policy=AT_ONCE)
    assert (desk.deliveries(), desk.deliveries("held")) == ([["new_story"]], [])


def test_what_is_dismissed_or_switched_off_is_suppressed(desk: Desk) -> None:
    desk.endpoint()
    off = desk.endpoint("off", enabled=False)
    watch, story = desk.watch(AT_ONCE), desk.story()
    desk.report(story, watch, status="alleged")
    with desk.database.transaction() as tx:
        views.set_state(tx, desk.alerts()[0].id, "dismissed", "no arms")
    desk.report(story, watch, status="denied")
    desk.report(desk.story(), desk.watch(AT_ONCE, (off,)))
    assert desk.rows("SELECT state, reason FROM deliveries ORDER BY id") == [
        ("pending", None),
        ("suppressed", "the alert was dismissed"),
        ("suppressed", "the endpoint is disabled"),
    ]


def test_a_dismissal_while_an_update_waits_suppresses_it(desk: Desk) -> None:
    desk.endpoint()
    watch = desk.watch(Policy(settle_seconds=0, quiet_hours=QUIET))
    desk.report(desk.story(), watch)
    with desk.database.transaction() as tx:
        views.set_state(tx, desk.alerts()[0].id, "dismissed", None)
    desk.wait(hours=1)
    assert desk.rows("SELECT state, reason FROM deliveries") == [("suppressed", "the alert was dismissed")]


def outcomes(desk: Desk, watch_id: str) -> dict[str, tuple[str, str | None, datetime | None]]:
    """What became of the watch's matches: by article, its state, why and until when."""
    with desk.database.transaction() as tx:
        ids = match_views.find_ids(tx, int(watch_id), None, before=None, limit=100)
        shown = match_views.show(tx, int(watch_id), ids)
        balance = read_balance(tx, desk.now).matches
    assert balance.is_even
    return {one.article_id: (one.state, one.reason, one.until) for one in shown}


def test_a_match_below_the_minimum_score_is_suppressed_until_it_is_read_more_surely(desk: Desk) -> None:
    desk.endpoint()
    watch = desk.watch(Policy(settle_seconds=0, min_score=0.8))
    article_id = desk.report(desk.story(), watch, score=0.7)
    assert desk.alerts() == []
    assert outcomes(desk, watch) == {article_id: ("suppressed", "its score 0.70 is below 0.80", None)}

    desk.revise(article_id, watch, score=0.9)
    assert desk.deliveries() == [["new_story"]]
    assert outcomes(desk, watch) == {article_id: ("pending", None, None)}

    desk.revise(article_id, watch, score=0.7)
    assert desk.deliveries() == [["new_story"], ["withdrawn"]]
    # It was told of, whatever came then.
    assert outcomes(desk, watch) == {article_id: ("pending", None, None)}


def test_a_story_with_too_few_sources_is_suppressed_until_it_has_enough(shared_database: Database) -> None:
    desk = Desk(emptied(shared_database), counts_sources=True)
    desk.endpoint()
    watch, story = desk.watch(Policy(settle_seconds=0, min_independent_sources=3)), desk.story()
    first, second = desk.report(story, watch), desk.report(story, watch)
    assert (desk.alerts(), desk.deliveries()) == ([], [])
    assert outcomes(desk, watch) == {
        first: ("suppressed", "the story has 1 of 3 independent sources", None),
        second: ("suppressed", "the story has 2 of 3 independent sources", None),
    }
    third = desk.report(story, watch)
    assert [update.article_ids for update in desk.alerts()[0].updates] == [[first, second, third]]
    assert set(outcomes(desk, watch).values()) == {("pending", None, None)}


def test_two_stories_that_turn_out_to_be_one_have_enough_sources_together(shared_database: Database) -> None:
    desk = Desk(emptied(shared_database), counts_sources=True)
    desk.endpoint()
    watch, stories = desk.watch(Policy(settle_seconds=0, min_independent_sources=2)), [desk.story(), desk.story()]
    for story in stories:
        desk.report(story, watch)
    assert desk.alerts() == []
    desk.merge(*stories)
    assert desk.deliveries() == [["new_story"]]
    assert len(desk.alerts()[0].updates[0].article_ids) == 2


def test_what_joins_an_alert_while_it_settles_is_held_until_then(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(Policy(settle_seconds=30)), desk.story()
    told = desk.report(story, watch, status="alleged")
    news, repeats = desk.report(story, watch, status="denied"), desk.report(story, watch, status="denied")
    ends = NOON + timedelta(seconds=30)
    assert outcomes(desk, watch) == {
        told: ("pending", None, None),
        news: ("held", "changes are being collected", ends),
        repeats: ("held", "changes are being collected", ends),
    }
    desk.wait(seconds=30)
    assert outcomes(desk, watch) == {
        told: ("pending", None, None),
        news: ("pending", None, None),
        repeats: ("suppressed", "it says nothing material that was not told", None),
    }


def test_what_has_nobody_to_be_told_says_so(desk: Desk) -> None:
    to_nobody, switched_off = desk.watch(AT_ONCE), desk.watch(AT_ONCE, enabled=False)
    article_id = desk.report(desk.story(), to_nobody, switched_off)
    assert outcomes(desk, to_nobody)[article_id] == ("suppressed", "no endpoint is there to be told", None)
    with desk.database.transaction() as tx:
        (shown,) = match_views.show(tx, int(switched_off), [int(article_id)])
    assert (shown.state, shown.reason) == ("suppressed", "the watch was switched off")


def test_a_match_that_nobody_looks_at_again_makes_the_balance_uneven(desk: Desk) -> None:
    watch = desk.watch(AT_ONCE)
    desk.match(desk.article(desk.story()), watch)
    with desk.database.transaction() as tx:
        waits = read_balance(tx, desk.now)
        tx.execute(text("DELETE FROM messages"))
        lost = read_balance(tx, desk.now)
    assert (waits.is_even, waits.matches.pending) == (True, 1)
    assert (lost.is_even, lost.matches.matched, lost.matches.pending) == (False, 1, 0)


def test_judged_alerts_are_the_precision_of_their_watch(desk: Desk) -> None:
    desk.endpoint()
    watch = desk.watch(AT_ONCE)
    for _ in range(5):
        desk.report(desk.story(), watch)
    judged = [("acknowledged", None), ("dismissed", "Known "), ("dismissed", "about toys"), ("dismissed", None)]
    with desk.database.transaction() as tx:
        for alert, (state, reason) in zip(desk.alerts(), judged, strict=False):
            views.set_state(tx, alert.id, state, reason)  # type: ignore[arg-type]
        found = read_precision(tx, [watch])[watch]
    assert (found.judged, found.right, found.share) == (3, 2, 0.667)


def test_nothing_is_told_twice_when_a_run_is_repeated(desk: Desk) -> None:
    desk.endpoint()
    watch, story = desk.watch(AT_ONCE), desk.story()
    article_id = desk.report(story, watch, status="alleged")
    for _ in range(3):
        desk.match(article_id, watch)
        desk.run()
    assert desk.deliveries() == [["new_story"]]
    with desk.database.transaction() as tx:
        balance = read_balance(tx, desk.now)
    assert balance.is_even
