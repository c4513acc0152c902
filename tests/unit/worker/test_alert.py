"""Who hears of an update, and what goes in one delivery."""

from datetime import UTC, datetime

import pytest

from wirewatch.alerts.hold import Hold
from wirewatch.models import Watch
from wirewatch.store.alerts import StoredAlert
from wirewatch.store.updates import NewUpdate, StoredUpdate
from worker.alerts.untold import SWITCHED_OFF
from worker.delivery.dispatch import DISABLED, DISMISSED, group, recipients
from worker.delivery.told import Told

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ENDPOINTS = {"1": True, "2": True, "3": False}


def told(watch_id: str = "7", story_id: str = "3", *, state: str = "open", enabled: bool = True) -> Told:
    alert = StoredAlert(f"alert-{watch_id}", watch_id, story_id, state=state)  # type: ignore[arg-type]
    update = StoredUpdate(watch_id, NOON, NewUpdate(alert.id, 1, "new_story", (), ("10",), ("1",)))
    return Told(Watch(watch_id, "name", "query", enabled=enabled), alert, update, ())


@pytest.mark.parametrize(
    ("endpoint_ids", "expected"),
    [(None, ("1", "2")), ((), ()), (("2",), ("2",)), (("3",), ("3",)), (("9",), ())],
)
def test_a_watch_tells_the_endpoints_it_names_or_all_that_are_enabled(
    endpoint_ids: tuple[str, ...] | None, expected: tuple[str, ...]
) -> None:
    assert recipients(Watch("7", "name", "query", endpoint_ids=endpoint_ids), ENDPOINTS) == expected


def test_watches_that_share_an_endpoint_share_a_delivery() -> None:
    groups = group([("1", told("7"), None), ("1", told("8"), None)], ENDPOINTS, lambda one: one.alert.story_id)
    assert [one.watch.id for one in groups.now["1", "3"]] == ["7", "8"]


def test_stories_are_delivered_apart() -> None:
    parts = [("1", told("7", "3"), None), ("1", told("7", "4"), None)]
    assert set(group(parts, ENDPOINTS, lambda one: one.alert.story_id).now) == {("1", "3"), ("1", "4")}


def test_what_waits_for_the_same_is_gathered() -> None:
    hold = Hold(NOON, "quiet hours")
    groups = group([("1", told("7", "3"), hold), ("1", told("8", "4"), hold)], ENDPOINTS, lambda one: "")
    assert [one.watch.id for one in groups.later["1", hold]] == ["7", "8"]


@pytest.mark.parametrize(
    ("endpoint_id", "update", "why"),
    [
        ("3", told(), DISABLED),
        ("1", told(state="dismissed"), DISMISSED),
        ("1", told(enabled=False), SWITCHED_OFF),
    ],
)
def test_what_nobody_wants_is_suppressed_and_says_why(endpoint_id: str, update: Told, why: str) -> None:
    groups = group([(endpoint_id, update, Hold(NOON, "snoozed"))], ENDPOINTS, lambda one: "")
    assert (groups.now, groups.later, list(groups.never)) == ({}, {}, [(endpoint_id, why)])
