from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from worker.delivery.schedule import (
    MAX_TRIES,
    Outcome,
    held_back_until,
    next_attempt_at,
)

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
OK = Outcome(200, None, None, 12.0, "")
FAILED = replace(OK, status=500)
NO_ANSWER = replace(OK, status=None, error="no complete answer within 15 s")
MIDDLE = 0.5  # jitter that changes nothing
WAITS = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600]


def wait_seconds(attempts: int, outcome: Outcome, jitter: float = MIDDLE) -> float | None:
    at = next_attempt_at(attempts, outcome, NOW, jitter)
    return None if at is None else (at - NOW).total_seconds()


@pytest.mark.parametrize("outcome", [FAILED, NO_ANSWER])
def test_the_waits_are_those_of_the_contract(outcome: Outcome) -> None:
    assert [wait_seconds(attempts, outcome) for attempts in range(1, 10)] == WAITS
    assert wait_seconds(MAX_TRIES, outcome) is None


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_2xx_succeeds(status: int) -> None:
    assert replace(OK, status=status).is_success
    assert wait_seconds(1, replace(OK, status=status)) is None


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 304, 307, 308, 400, 401, 404, 418, 429, 500, 503, 599])
def test_any_other_status_is_tried_again(status: int) -> None:
    assert wait_seconds(1, replace(OK, status=status)) == 5


def test_gone_is_never_tried_again() -> None:
    assert wait_seconds(1, replace(OK, status=410)) is None


def test_jitter_spreads_by_a_tenth_to_either_side() -> None:
    assert wait_seconds(2, FAILED, 0.0) == pytest.approx(270)
    assert wait_seconds(2, FAILED, 1.0) == pytest.approx(330)


@pytest.mark.parametrize("status", [429, 503])
def test_busy_endpoints_are_left_alone_as_long_as_they_ask(status: int) -> None:
    assert wait_seconds(1, replace(OK, status=status, retry_after_seconds=120.0), 0.0) == 120
    assert wait_seconds(1, replace(OK, status=status, retry_after_seconds=1e12), 0.0) == 86_400
    assert wait_seconds(3, replace(OK, status=status, retry_after_seconds=1.0)) == 1800
    assert wait_seconds(1, replace(OK, status=500, retry_after_seconds=120.0)) == 5


def test_what_was_held_back_is_due_soon() -> None:
    assert held_back_until(NOW, None, 0.0) == NOW + timedelta(seconds=5)
    assert held_back_until(NOW, None, 0.5) == NOW + timedelta(seconds=7.5)
    assert held_back_until(NOW, 3.0, 0.5) == NOW + timedelta(seconds=3)
