"""A feed polled through days of a moved clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.habits import FeedState, Reading, find_identity_change
from ingest.schedule import PollDecision, PollOutcome, decide_poll

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
NOTHING_NEW = PollOutcome(304)


def brought(new_entries: int, **fields: object) -> PollOutcome:
    return PollOutcome(200, reading=Reading(new_entries=new_entries, **fields))  # type: ignore[arg-type]


class Feed:
    """A feed's state, carried from poll to poll as the store does."""

    def __init__(self, **known: object) -> None:
        self.now = NOW
        self.state = FeedState(300, 86_400, url="https://news.example/feed", **known)  # type: ignore[arg-type]
        self.events: list[str] = []

    def poll(self, outcome: PollOutcome, later: timedelta = timedelta(0)) -> PollDecision:
        self.now += later
        decision = decide_poll(outcome, self.state, self.now, 0.0)
        carried = ["failures", "entries_per_day", "usual_gap_seconds", "ttl_seconds", "moved_to", "last_entry_at"]
        carried += ["silent_since", "title", "site_host", "last_warning"]
        changes = {name: getattr(decision, name) for name in carried}
        success = self.now if decision.failures == 0 else self.state.last_success_at
        url = decision.new_url or self.state.url
        self.state = replace(self.state, last_success_at=success, url=url, **changes)
        self.events += [kind for kind, _ in decision.events]
        return decision


def test_the_interval_follows_what_is_observed_not_what_dates_say() -> None:
    feed = Feed()
    feed.poll(brought(20, dates=(NOW - timedelta(days=400), NOW - timedelta(days=399))))
    slow = feed.poll(NOTHING_NEW, timedelta(hours=1)).next_poll_at - feed.now
    for _ in range(200):
        feed.poll(brought(1), timedelta(hours=1))
    fast = feed.poll(brought(1), timedelta(hours=1)).next_poll_at - feed.now
    assert slow == timedelta(days=1)
    assert timedelta(minutes=25) < fast < timedelta(minutes=40), "half an hour, for one entry an hour"


def test_an_undated_feed_starts_as_usual_and_finds_its_pace() -> None:
    feed = Feed()
    assert feed.poll(brought(10)).next_poll_at - feed.now == timedelta(minutes=30)
    assert feed.poll(NOTHING_NEW, timedelta(minutes=30)).next_poll_at - feed.now < timedelta(minutes=35)
    for _ in range(100):
        last = feed.poll(NOTHING_NEW, timedelta(hours=6))
    assert last.next_poll_at - feed.now == timedelta(days=1)


def test_ttl_counts_for_answers_that_do_not_repeat_it() -> None:
    feed = Feed()
    feed.poll(brought(1, ttl_seconds=7200.0))
    assert feed.poll(NOTHING_NEW, timedelta(hours=2)).next_poll_at - feed.now == timedelta(hours=2)


def test_a_feed_that_falls_silent_is_told_once_and_its_return_too() -> None:
    feed = Feed()
    for _ in range(50):
        feed.poll(brought(1), timedelta(hours=1))
    for _ in range(47):
        feed.poll(NOTHING_NEW, timedelta(hours=1))
    assert feed.events == []
    for _ in range(30):
        decision = feed.poll(NOTHING_NEW, timedelta(hours=1))
    assert feed.events == ["silent"]
    assert decision.silent_since == NOW + timedelta(hours=50)
    feed.poll(brought(1), timedelta(hours=1))
    assert feed.events == ["silent", "recovered"]
    assert feed.state.silent_since is None


def test_a_feed_that_is_always_slow_is_not_silent() -> None:
    feed = Feed()
    monthly = tuple(NOW - timedelta(days=30 * n) for n in range(12))
    feed.poll(brought(12, dates=monthly))
    for _ in range(100):
        feed.poll(NOTHING_NEW, timedelta(days=1))
    assert feed.events == []


def test_failing_and_recovering_are_told_once_each() -> None:
    feed = Feed()
    feed.poll(brought(1))
    for _ in range(10):
        feed.poll(PollOutcome(500), timedelta(hours=1))
    feed.poll(NOTHING_NEW, timedelta(hours=1))
    feed.poll(PollOutcome(500), timedelta(hours=1))
    feed.poll(NOTHING_NEW, timedelta(hours=1))
    assert feed.events == ["failing", "recovered"]


def test_a_failure_forgets_nothing() -> None:
    feed = Feed(
        title="World", site_host="news.example", entries_per_day=5.0, ttl_seconds=60.0, moved_to="https://x.example"
    )
    before = feed.state
    feed.poll(PollOutcome(None, "no answer"), timedelta(hours=1))
    assert feed.state == replace(before, failures=1)


def test_moves_and_pauses_are_told() -> None:
    feed = Feed()
    moved = replace(NOTHING_NEW, permanent_url="https://new.example/feed")
    feed.poll(moved)
    feed.poll(moved)
    assert (feed.state.url, feed.events) == ("https://new.example/feed", ["moved"])
    feed.poll(PollOutcome(410))
    assert feed.events == ["moved", "paused"]


def test_a_feed_with_secrets_moves_only_within_its_server() -> None:
    feed = Feed(has_secrets=True)
    for _ in range(5):
        feed.poll(replace(NOTHING_NEW, permanent_url="https://thief.example/feed"))
    assert feed.state.url == "https://news.example/feed"
    for _ in range(2):
        feed.poll(replace(NOTHING_NEW, permanent_url="https://news.example/new"))
    assert feed.state.url == "https://news.example/new"


def test_what_could_not_be_read_is_told_once() -> None:
    feed = Feed()
    for _ in range(3):
        feed.poll(brought(1, warning="only its beginning was read"), timedelta(hours=1))
    assert feed.events == ["partial"]


@pytest.mark.parametrize(
    ("title", "host", "is_change"),
    [
        ("World News", "news.example", False),
        ("World news - latest", "news.example", False),
        (None, None, False),
        ("Casino bonus", "news.example", True),
        ("World News", "casino.example", True),
        ("海事", "news.example", True),
    ],
)
def test_another_feed_under_the_same_address_is_told(title: str | None, host: str | None, is_change: bool) -> None:
    state = FeedState(300, 86_400, title="World News", site_host="news.example")
    assert (find_identity_change(state, Reading(title=title, site_host=host)) is not None) == is_change


def test_a_first_reading_is_no_change() -> None:
    assert find_identity_change(FeedState(300, 86_400), Reading(title="World", site_host="news.example")) is None


def test_what_one_undated_entry_does_not_tell_is_not_made_up() -> None:
    feed = Feed()
    feed.poll(brought(1))
    assert (feed.state.entries_per_day, feed.state.usual_gap_seconds) == (None, None)
    for _ in range(10):
        feed.poll(NOTHING_NEW, timedelta(hours=12))
    assert feed.state.entries_per_day is None
    assert feed.events == [], "no habit is known that its silence breaks"
    feed.poll(brought(1), timedelta(hours=0))
    assert feed.state.entries_per_day == pytest.approx(1 / 5), "the first in five days"


def test_one_date_long_past_makes_no_busy_feed() -> None:
    feed = Feed()
    first = feed.poll(brought(1, dates=(NOW - timedelta(days=5),)))
    assert first.next_poll_at - feed.now == timedelta(hours=12)
    assert feed.state.entries_per_day is None
