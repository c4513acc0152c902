"""Recording what came of tries: attempts, the deliveries' next due times, and the health of their endpoints."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.store import deliveries, targets
from wirewatch.store.deliveries import DueDelivery, Tried
from wirewatch.store.targets import Health, Target
from worker.delivery.circuit import Try, next_health
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
    )
    return _Ended(delivery.endpoint_id or "", outcome, is_probe, tried)


def _record(
    tx: Transaction, ended: Sequence[_Ended], known: Mapping[str, Target], context: Context
) -> list[NewMessage]:
    by_endpoint: dict[str, list[_Ended]] = defaultdict(list)
    for one in ended:
        by_endpoint[one.endpoint_id].append(one)
    well = [id_ for id_, tries in by_endpoint.items() if all(one.outcome.is_success for one in tries)]
    answers_again = deliveries.record_tries(tx, [one.tried for one in ended], well)
    if answers_again:
        targets.begin_catching_up(tx, answers_again, context.clock())
    failing = {id_: tries for id_, tries in by_endpoint.items() if id_ not in well}
    again = _record_failing(tx, failing, known, context) if failing else []
    catching_up = [id_ for id_ in by_endpoint if known[id_].catching_up_to is not None]
    if catching_up:
        targets.go_on_catching_up(tx, catching_up, context.clock())
    return again


def _record_failing(
    tx: Transaction, failing: Mapping[str, Sequence[_Ended]], known: Mapping[str, Target], context: Context
) -> list[NewMessage]:
    again = []
    # In the order of ids, each locked: what another run found out in the meantime is built upon, not written over.
    health = targets.lock_health(tx, failing)
    for endpoint_id in failing.keys() - health.keys():  # deleted since
        again += _due_again(failing[endpoint_id], None)
    for endpoint_id, before in health.items():
        tries = failing[endpoint_id]
        after = _judge(tx, known[endpoint_id], before, tries, again, context)
        again += _due_again(tries, after if targets.has_others_waiting(tx, endpoint_id) else None)
        if after.open_until is not None and all(one.tried.state != "pending" for one in tries):
            targets.probe_next(tx, endpoint_id, after.open_until)
    return again


def _judge(
    tx: Transaction,
    target: Target,
    before: Health,
    tries: Sequence[_Ended],
    again: list[NewMessage],
    context: Context,
) -> Health:
    now = context.clock()
    after, verdict = next_health(before, [Try(one.outcome, one.is_probe) for one in tries], now, random.random())
    reason = None
    if verdict == "disable":
        is_gone = any(one.outcome.is_gone for one in tries)
        reason = (
            "it answered 410 Gone" if is_gone else f"it has only failed since {after.failing_since:%Y-%m-%d %H:%M} UTC"
        )
    targets.save_health(tx, target.endpoint_id, after, reason)
    if verdict != "none":
        again += notify_of_failing(tx, target, after, reason, now)
    if reason is not None:
        targets.wake(tx, [target.endpoint_id], now)
    elif before.open_until is not None and after.open_until is None:
        targets.begin_catching_up(tx, [target.endpoint_id], now)
    return after


def _due_again(tries: Sequence[_Ended], health: Health | None) -> list[NewMessage]:
    """When the failed ones are due; of an endpoint with an open circuit the oldest is the probe, `health` given."""
    pending = sorted((one.tried for one in tries if one.tried.state == "pending"), key=lambda one: int(one.delivery_id))
    again = [NewMessage("DeliveryDue", one.delivery_id, due_at=one.next_attempt_at) for one in pending]
    if again and health is not None and health.open_until is not None:
        again[0] = NewMessage("DeliveryDue", again[0].subject_id, due_at=health.open_until)
    return again
