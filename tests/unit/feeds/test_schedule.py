from datetime import UTC, datetime, timedelta

import pytest

from ingest.habits import FeedState, Reading, estimate_entries_per_day
from ingest.schedule import PollOutcome, decide_poll, find_permanent_url, host_pause_seconds, parse_max_age
from wirewatch.http import Redirect

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
STATE = FeedState(min_interval_seconds=300, max_interval_seconds=86_400)


def wait(outcome: PollOutcome, state: FeedState = STATE, jitter: float = 0.0) -> float:
    return (decide_poll(outcome, state, NOW, jitter).next_poll_at - NOW).total_seconds()


def with_rate(rate: float) -> FeedState:
    return FeedState(300, 86_400, entries_per_day=rate)


@pytest.mark.parametrize("status", [200, 226, 304])
def test_success_clears_failures(status: int) -> None:
    decision = decide_poll(PollOutcome(status), FeedState(300, 86_400, failures=7), NOW, 0.0)
    assert (decision.failures, decision.last_error, decision.paused_reason) == (0, None, None)
    assert decision.next_poll_at == NOW + timedelta(minutes=30)


def test_the_interval_follows_the_rate_within_the_limits() -> None:
    assert wait(PollOutcome(200), with_rate(24)) == 1800
    assert wait(PollOutcome(200), with_rate(5000)) == 300
    assert wait(PollOutcome(200), with_rate(0.001)) == 86_400


def test_the_feeds_own_wishes_are_obeyed_within_the_limits() -> None:
    assert wait(PollOutcome(200, reading=Reading(ttl_seconds=7200))) == 7200
    assert wait(PollOutcome(304, max_age_seconds=3600)) == 3600
    assert wait(PollOutcome(200, max_age_seconds=10, reading=Reading(ttl_seconds=60))) == 1800
    assert wait(PollOutcome(200, reading=Reading(ttl_seconds=1e9))) == 86_400


def test_limits_that_contradict_each_other_do_no_harm() -> None:
    assert wait(PollOutcome(200), FeedState(3600, 60)) == 3600


def test_failures_back_off_to_a_day_and_never_end() -> None:
    waits = [wait(PollOutcome(500), FeedState(300, 86_400, failures=n)) for n in range(12)]
    assert waits[:4] == [600, 1200, 2400, 4800]
    assert waits == sorted(waits)
    assert waits[-1] == 86_400
    decision = decide_poll(PollOutcome(500), FeedState(300, 86_400, failures=100_000), NOW, 0.99)
    assert (decision.failures, decision.paused_reason) == (100_001, None)
    assert decision.next_poll_at < NOW + timedelta(days=2)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 451, 500, 503])
def test_a_bad_status_is_said_in_words(status: int) -> None:
    decision = decide_poll(PollOutcome(status), STATE, NOW, 0.0)
    assert decision.last_error == f"the server answered {status}"
    assert decision.paused_reason is None


def test_errors_of_network_and_body_are_failures() -> None:
    for outcome in (PollOutcome(None, "no complete answer within 30 s"), PollOutcome(200, "this is no feed")):
        decision = decide_poll(outcome, STATE, NOW, 0.0)
        assert (decision.failures, decision.last_error) == (1, outcome.error)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_and_clamped(status: int) -> None:
    assert wait(PollOutcome(status, retry_after_seconds=7200)) == 7200
    assert wait(PollOutcome(status, retry_after_seconds=1)) == 600
    assert wait(PollOutcome(status, retry_after_seconds=1e12)) == 7 * 86_400
    assert wait(PollOutcome(500, retry_after_seconds=7200)) == 600


def test_gone_pauses() -> None:
    assert decide_poll(PollOutcome(410), STATE, NOW, 0.0).paused_reason is not None


def test_jitter_only_delays() -> None:
    assert wait(PollOutcome(200, reading=Reading(ttl_seconds=7200)), jitter=0.5) == pytest.approx(7560)
    assert wait(PollOutcome(429, retry_after_seconds=7200), jitter=0.999) > 7200


def test_a_move_is_believed_when_seen_twice() -> None:
    moved = PollOutcome(200, permanent_url="https://new.example/feed")
    first = decide_poll(moved, STATE, NOW, 0.0)
    assert (first.moved_to, first.new_url) == ("https://new.example/feed", None)
    second = decide_poll(moved, FeedState(300, 86_400, moved_to=first.moved_to), NOW, 0.0)
    assert (second.moved_to, second.new_url) == (None, "https://new.example/feed")
    back = decide_poll(PollOutcome(200), FeedState(300, 86_400, moved_to=first.moved_to), NOW, 0.0)
    assert (back.moved_to, back.new_url) == (None, None)
    failed = decide_poll(PollOutcome(500), FeedState(300, 86_400, moved_to=first.moved_to), NOW, 0.0)
    assert failed.moved_to == first.moved_to


def test_only_permanent_hops_move_a_feed() -> None:
    assert find_permanent_url([]) is None
    assert find_permanent_url([Redirect(301, "a"), Redirect(308, "b")]) == "b"
    assert find_permanent_url([Redirect(301, "a"), Redirect(302, "b"), Redirect(301, "c")]) == "a"
    assert find_permanent_url([Redirect(307, "a"), Redirect(301, "b")]) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("max-age=600", 600),
        ("public, Max-Age = 600, must-revalidate", 600),
        ('max-age="600"', 600),
        ("no-cache, max-age=600", None),
        ("no-store", None),
        ("s-maxage=600", None),
        ("max-age=-1", None),
        ("max-age=soon", None),
        ("max-age=" + "9" * 5000, None),
    ],
)
def test_max_age(header: str | None, seconds: float | None) -> None:
    assert parse_max_age(header) == seconds


def test_the_rate_is_that_of_the_entries_and_falls_with_silence() -> None:
    hourly = [NOW - timedelta(hours=n) for n in range(1, 25)]
    assert estimate_entries_per_day(hourly, NOW) == pytest.approx(24)
    assert estimate_entries_per_day(hourly, NOW + timedelta(days=23)) == pytest.approx(1)
    assert estimate_entries_per_day([NOW], NOW) is None
    assert estimate_entries_per_day([NOW, NOW], NOW) is None
    assert estimate_entries_per_day([NOW + timedelta(days=400), NOW - timedelta(days=1)], NOW) is None


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        (PollOutcome(200), 1),
        (PollOutcome(None, "no answer"), 1),
        (PollOutcome(429), 60),
        (PollOutcome(503, retry_after_seconds=120), 120),
        (PollOutcome(429, retry_after_seconds=0), 1),
        (PollOutcome(429, retry_after_seconds=1e9), 3600),
        (PollOutcome(500, retry_after_seconds=1000), 1),
    ],
)
def test_a_busy_host_is_left_alone_for_as_long_as_it_asks(outcome: PollOutcome, seconds: float) -> None:
    assert host_pause_seconds(outcome, gap_seconds=1.0) == seconds
