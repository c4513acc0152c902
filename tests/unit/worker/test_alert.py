"""One alert per watch and story; an update only when there is something to tell."""

from datetime import UTC, datetime

import pytest

from wirewatch.models import Policy, Watch
from wirewatch.store.alerts import NewUpdate, StoredAlert, StoredUpdate
from worker.alert import decide_updates
from worker.delivery.dispatch import group_by_endpoint
from worker.delivery.told import Told

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NEW = StoredAlert("1", "7", "3", (), is_new=True, last_seq=0)
OPEN = StoredAlert("1", "7", "3", ("10",), is_new=False, last_seq=1)


def test_the_first_match_is_a_new_story() -> None:
    (update,) = decide_updates(Policy("material"), NEW, ["10", "11"])
    assert update == NewUpdate("1", 1, "new_story", (), ("10", "11"))


def test_later_matches_join_silently() -> None:
    assert decide_updates(Policy("material"), OPEN, ["11"]) == []


def test_every_article_is_told_of_if_the_policy_says_so() -> None:
    assert [(one.seq, one.reason) for one in decide_updates(Policy("every_article"), NEW, ["10", "11"])] == [
        (1, "new_story"),
        (2, "new_article"),
    ]
    assert [(one.seq, one.reason) for one in decide_updates(Policy("every_article"), OPEN, ["11"])] == [
        (2, "new_article")
    ]


def told(watch_id: str, endpoint_ids: tuple[str, ...] | None, story_id: str = "3") -> Told:
    alert = StoredAlert(f"alert-{watch_id}", watch_id, story_id, (), is_new=True, last_seq=0)
    update = StoredUpdate(watch_id, NOON, NewUpdate(alert.id, 1, "new_story", (), ("10",)))
    return Told(Watch(watch_id, "name", "query", endpoint_ids=endpoint_ids), alert, update, ())


@pytest.mark.parametrize(
    ("endpoint_ids", "expected"),
    [(None, {"1", "2"}), ((), set()), (("2",), {"2"}), (("9",), set())],
)
def test_a_watch_without_endpoints_means_all_that_are_enabled(
    endpoint_ids: tuple[str, ...] | None, expected: set[str]
) -> None:
    groups = group_by_endpoint([told("7", endpoint_ids)], ["1", "2"])
    assert {endpoint for endpoint, _ in groups} == expected


def test_watches_that_share_an_endpoint_share_a_delivery() -> None:
    groups = group_by_endpoint([told("7", None), told("8", ("1",))], ["1"])
    assert [one.watch.id for one in groups["1", "3"]] == ["7", "8"]


def test_stories_are_delivered_apart() -> None:
    groups = group_by_endpoint([told("7", None, "3"), told("7", None, "4")], ["1"])
    assert set(groups) == {("1", "3"), ("1", "4")}
