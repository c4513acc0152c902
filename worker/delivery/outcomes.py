"""Recording what came of tries: attempts, the deliveries' next due times, and the health of their endpoints."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.store import deliveries, targets
from wirewatch.store.deliveries import DueDelivery, Tried
from wirewatch.store.targets import Health, Target
from worker.delivery.circuit import HEALTHY, Try, Verdict, next_health
from worker.delivery.notices import notify_of_failing
from worker.delivery.schedule import Outcome, held_back_until, next_attempt_at
from worker.delivery.send import Result
from worker.stage import Context, Write


class _Ended(NamedTuple):
    """A try that was really made, with what became of its delivery."""

    endpoint_id: str
    outcome: Outcome
    is_probe: bool
    tried: Tried


class _Judged(NamedTuple):
    """What an endpoint's failing tries come to; a reason disables it."""

    after: Health
    verdict: Verdict
    disabled_reason: str | None


def record_results(
    results: Sequence[Result],
    due: Mapping[str, DueDelivery],
    known: Mapping[str, Target],
    probes: frozenset[str],
    context: Context,
) -> Write:
    """-> what writes these results; may be called again where the database was lost in between."""

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        counted = [result for result in results if str(result.job.delivery_id) in counting]
        ended = [
            _ended(due[str(result.job.delivery_id)], result, result.outcome, probes, context)
            for result in counted
            if result.outcome is not None
        ]
        held_back = [
            NewMessage(
                "DeliveryDue",
                str(result.job.delivery_id),
                due_at=held_back_until(context.clock(), result.wait_seconds, random.random()),
            )
            for result in counted
            if result.outcome is None
        ]
        return held_back + (_record(tx, ended, known, context) if ended else [])

    return write


def _ended(delivery: DueDelivery, result: Result, outcome: Outcome, probes: frozenset[str], context: Context) -> _Ended:
    is_probe = delivery.id in probes
    now = context.clock()
    # A probe may come before the delivery's own time; then it does not use up one of its tries.
    is_extra = is_probe and delivery.next_attempt_at is not None and result.started_at < delivery.next_attempt_at
    step = delivery.step if is_extra else delivery.step + 1
    next_at = delivery.next_attempt_at if is_extra else next_attempt_at(step, outcome, now, random.random())
    reason = None if outcome.is_success else outcome.error or f"the endpoint answered {outcome.status}"
    is_over = outcome.is_success or outcome.is_gone or next_at is None
    tried = Tried(
        delivery_id=delivery.id,
        tries=delivery.tries + 1,
        started_at=result.started_at,
        duration_ms=outcome.duration_ms,
        status=outcome.status,
        error=outcome.error,
        excerpt=outcome.excerpt,
        state="sent" if outcome.is_success else "failed" if is_over else "pending",
        reason=reason,
        step=step,
        next_attempt_at=None if is_over else next_at,
        redacted_at=delivery.redacted_at,
    )
    return _Ended(delivery.endpoint_id or "", outcome, is_probe, tried)


def _record(
    tx: Transaction, ended: Sequence[_Ended], known: Mapping[str, Target], context: Context
) -> list[NewMessage]:
    by_endpoint: dict[str, list[_Ended]] = defaultdict(list)
    for one in ended:
        by_endpoint[one.endpoint_id].append(one)
    well = [id_ for id_, tries in by_endpoint.items() if all(one.outcome.is_success for one in tries)]
    # Before their deliveries: who deletes an endpoint holds it, and then wants those. In the order of ids, so that what
    # another run found out in the meantime is built upon, not written over.
    health = targets.lock_health(tx, [id_ for id_ in by_endpoint if id_ not in well or _is_changing(known[id_])])
    answers_again = deliveries.record_tries(tx, [one.tried for one in ended], well)
    if answers_again:
        targets.begin_catching_up(tx, answers_again, context.clock())
    failing = {id_: tries for id_, tries in by_endpoint.items() if id_ not in well}
    again = _record_failing(tx, failing, health, known, context) if failing else []
    catching_up = [id_ for id_ in by_endpoint if known[id_].catching_up_to is not None]
    if catching_up:
        targets.go_on_catching_up(tx, catching_up, context.clock())
    return again


def _is_changing(target: Target) -> bool:
    """Whether a success changes its row."""
    return target.health != HEALTHY or target.catching_up_to is not None


def _record_failing(
    tx: Transaction,
    failing: Mapping[str, Sequence[_Ended]],
    locked: Mapping[str, Health],
    known: Mapping[str, Target],
    context: Context,
) -> list[NewMessage]:
    now = context.clock()
    health = {id_: before for id_, before in locked.items() if id_ in failing}
    judged = {id_: _judge(before, failing[id_], now) for id_, before in health.items()}
    targets.save_health(tx, {id_: (one.after, one.disabled_reason) for id_, one in judged.items()})
    crowded = targets.find_crowded(tx, judged)
    again = []
    for endpoint_id in failing.keys() - judged.keys():  # deleted since
        again += _due_again(failing[endpoint_id], None)
    for endpoint_id, one in judged.items():
        again += _due_again(failing[endpoint_id], one.after if endpoint_id in crowded else None)
        if one.verdict != "none":
            again += notify_of_failing(tx, known[endpoint_id], one.after, one.disabled_reason, now)
        if one.after.open_until is not None and all(tried.tried.state != "pending" for tried in failing[endpoint_id]):
            targets.probe_next(tx, endpoint_id, one.after.open_until)
    _wake(tx, health, judged, now)
    return again


def _judge(before: Health, tries: Sequence[_Ended], now: datetime) -> _Judged:
    after, verdict = next_health(before, [Try(one.outcome, one.is_probe) for one in tries], now, random.random())
    reason = None
    if verdict == "disable":
        is_gone = any(one.outcome.is_gone for one in tries)
        reason = (
            "it answered 410 Gone" if is_gone else f"it has only failed since {after.failing_since:%Y-%m-%d %H:%M} UTC"
        )
    return _Judged(after, verdict, reason)


def _wake(tx: Transaction, before: Mapping[str, Health], judged: Mapping[str, _Judged], now: datetime) -> None:
    """What waits for endpoints that were disabled, or answer again although one of these tries failed."""
    disabled = [id_ for id_, one in judged.items() if one.disabled_reason is not None]
    if disabled:
        targets.wake(tx, disabled, now)
    closed = [
        id_
        for id_, one in judged.items()
        if id_ not in disabled and before[id_].open_until is not None and one.after.open_until is None
    ]
    if closed:
        targets.begin_catching_up(tx, closed, now)


def _due_again(tries: Sequence[_Ended], health: Health | None) -> list[NewMessage]:
    """When the failed ones are due; of an endpoint with an open circuit the oldest is the probe, `health` given."""
    pending = sorted((one.tried for one in tries if one.tried.state == "pending"), key=lambda one: int(one.delivery_id))
    again = [NewMessage("DeliveryDue", one.delivery_id, due_at=one.next_attempt_at) for one in pending]
    if again and health is not None and health.open_until is not None:
        again[0] = NewMessage("DeliveryDue", again[0].subject_id, due_at=health.open_until)
    return again
