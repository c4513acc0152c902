"""When an endpoint is left alone, probed, warned of and given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wirewatch.store.targets import Health, Target
from worker.delivery.circuit import HEALTHY, OPEN_AFTER, OPEN_SECONDS, Try, admit, next_health
from worker.delivery.schedule import Outcome

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
OK = Outcome(200, None, None, 12.0, "")
FAILED = replace(OK, status=500)
MIDDLE = 0.5  # jitter that changes nothing


def after(health: Health, *outcomes: Outcome, now: datetime = NOW, is_probe: bool = False) -> Health:
    return next_health(health, [Try(outcome, is_probe) for outcome in outcomes], now, MIDDLE)[0]


def verdict(health: Health, outcome: Outcome, days: float) -> str:
    return next_health(health, [Try(outcome, is_probe=False)], NOW + timedelta(days=days), MIDDLE)[1]


def target(health: Health, *, enabled: bool = True) -> Target:
    return Target("1", "Desk", "webhook", "http://x/", (), enabled, health, "full", None, None, None, None)


def test_a_few_failures_leave_the_circuit_closed() -> None:
    health = after(HEALTHY, *[FAILED] * (OPEN_AFTER - 1))
    assert (health.failures_in_row, health.open_until, health.failing_since) == (OPEN_AFTER - 1, None, NOW)
    assert admit(target(health), "7", NOW) == "send"


def test_more_open_it_and_each_failed_probe_keeps_it_open_for_longer() -> None:
    health = after(HEALTHY, *[FAILED] * OPEN_AFTER)
    waits = []
    for _ in range(len(OPEN_SECONDS) + 2):
        assert health.open_until is not None
        waits.append((health.open_until - NOW).total_seconds())
        health = after(health._replace(open_until=NOW), FAILED, is_probe=True)
    assert waits == [*OPEN_SECONDS, OPEN_SECONDS[-1], OPEN_SECONDS[-1]]


def test_what_was_under_way_when_it_opened_says_nothing_new() -> None:
    health = after(HEALTHY, *[FAILED] * 20)
    assert health.failures_in_row == OPEN_AFTER
    assert after(health, FAILED) == health


def test_an_open_circuit_lets_nobody_through_before_its_time() -> None:
    health = after(HEALTHY, *[FAILED] * OPEN_AFTER)
    assert admit(target(health), "7", NOW) == "park"
    assert admit(target(health), "7", NOW + timedelta(seconds=OPEN_SECONDS[0])) == "probe"
    assert admit(target(health, enabled=False), "7", NOW) == "suppress"
    assert admit(None, "7", NOW) == "suppress"


def test_while_an_endpoint_catches_up_later_deliveries_wait() -> None:
    catching_up = target(HEALTHY)._replace(catching_up_to=7)
    assert admit(catching_up, "7", NOW) == "send"
    assert admit(catching_up, "8", NOW) == "park"


def test_one_success_closes_it() -> None:
    health = after(HEALTHY, *[FAILED] * OPEN_AFTER)
    assert after(health, OK, is_probe=True) == HEALTHY
    assert after(health, OK, FAILED).failures_in_row == 1


@pytest.mark.parametrize("status", [429, 503])
def test_an_endpoint_that_asks_for_time_is_given_it(status: int) -> None:
    busy = replace(OK, status=status, retry_after_seconds=120.0)
    assert after(HEALTHY, busy).open_until == NOW + timedelta(seconds=120)
    assert after(HEALTHY, replace(busy, retry_after_seconds=1e12)).open_until == NOW + timedelta(days=1)
    assert after(HEALTHY, replace(busy, status=500)).open_until is None


def test_a_failing_endpoint_is_warned_of_once_and_then_disabled() -> None:
    failing = after(HEALTHY, FAILED)
    assert verdict(failing, FAILED, 2.9) == "none"
    assert verdict(failing, FAILED, 3) == "warn"
    assert verdict(failing, OK, 3) == "none"
    warned = after(failing, FAILED, now=NOW + timedelta(days=3))
    assert verdict(warned, FAILED, 4.9) == "none"
    assert verdict(warned, FAILED, 5) == "disable"


def test_nobody_is_disabled_without_a_warning_a_day_before() -> None:
    failing = after(HEALTHY, FAILED)
    assert verdict(failing, FAILED, 9) == "warn"
    warned = after(failing, FAILED, now=NOW + timedelta(days=9))
    assert verdict(warned, FAILED, 9.5) == "none"
    assert verdict(warned, FAILED, 10) == "disable"


def test_who_is_gone_is_disabled_at_once() -> None:
    assert verdict(HEALTHY, replace(OK, status=410), 0) == "disable"
