"""Send what is due to its endpoint. A failed try is a successful run: it records the attempt and the next due time."""

import asyncio
import queue
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from wirewatch.db import Transaction
from wirewatch.http import OutgoingClient
from wirewatch.messages import Message, NewMessage
from wirewatch.store import deliveries, targets
from wirewatch.store.deliveries import DueDelivery, NewAttempt
from wirewatch.store.targets import Target
from worker.delivery.schedule import Outcome, decide_health, held_back_until, next_attempt_at, next_failing_since
from worker.delivery.send import Job, Result, SendLimits, send_all
from worker.stage import Context, Record

LIMITS = SendLimits()
ENDED = frozenset({"sent", "failed", "suppressed"})


def deliver(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.transaction() as tx:
        due = {delivery.id: delivery for delivery in deliveries.get_due(tx, [m.subject_id for m in messages])}
        known = targets.get_targets(
            tx, {one.endpoint_id for one in due.values() if one.endpoint_id}, context.outgoing.secrets, context.clock()
        )
    by_subject = {message.subject_id: message for message in messages}
    sendable = {id_: one for id_, one in due.items() if one.state not in ENDED and why_suppressed(one, known) is None}
    yield _record_unsent([message for id_, message in by_subject.items() if id_ not in sendable], due, known)
    jobs = [_job(delivery, known[delivery.endpoint_id or ""]) for delivery in sendable.values()]
    for group in _send(jobs, context):
        yield _record_sent([by_subject[str(result.job.delivery_id)] for result in group], group, due, known, context)


def why_suppressed(delivery: DueDelivery, known: Mapping[str, Target]) -> str | None:
    """Why this delivery is not to be sent at all, None if it is."""
    target = known.get(delivery.endpoint_id or "")
    if target is None:
        return "the endpoint was deleted"
    return None if target.enabled else "the endpoint is disabled"


def _job(delivery: DueDelivery, target: Target) -> Job:
    return Job(
        delivery_id=int(delivery.id),
        endpoint_id=int(target.endpoint_id),
        url=target.url,
        webhook_id=delivery.webhook_id,
        body=delivery.body,
        secrets=target.secrets,
    )


def _record_unsent(messages: Sequence[Message], due: Mapping[str, DueDelivery], known: Mapping[str, Target]) -> Record:
    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        for id_ in counting & due.keys():
            if due[id_].state not in ENDED:
                reason = why_suppressed(due[id_], known)
                deliveries.update(tx, id_, "suppressed", tries=due[id_].tries, reason=reason)
        return []

    return Record(messages, write)


def _record_sent(
    messages: Sequence[Message],
    results: Sequence[Result],
    due: Mapping[str, DueDelivery],
    known: Mapping[str, Target],
    context: Context,
) -> Record:
    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        again = []
        for result in results:
            delivery = due[str(result.job.delivery_id)]
            if delivery.id not in counting:
                continue
            if result.outcome is None:
                until = held_back_until(context.clock(), random.random())
                again.append(NewMessage("DeliveryDue", delivery.id, due_at=until))
            else:
                again += _record_try(tx, delivery, result, result.outcome, known, context)
        return again

    return Record(messages, write)


def _record_try(
    tx: Transaction,
    delivery: DueDelivery,
    result: Result,
    outcome: Outcome,
    known: Mapping[str, Target],
    context: Context,
) -> list[NewMessage]:
    tries, now = delivery.tries + 1, context.clock()
    attempt = NewAttempt(
        delivery.id, tries, result.started_at, outcome.duration_ms, outcome.status, outcome.error, outcome.excerpt
    )
    deliveries.insert_attempts(tx, [attempt])
    _record_health(tx, known[delivery.endpoint_id or ""], outcome, context)
    if outcome.is_success:
        deliveries.update(tx, delivery.id, "sent", tries=tries)
        return []
    next_at = next_attempt_at(tries, outcome, now, random.random())
    reason = outcome.error or f"the endpoint answered {outcome.status}"
    if next_at is None:
        deliveries.update(tx, delivery.id, "failed", tries=tries, reason=reason)
        return []
    deliveries.update(tx, delivery.id, "pending", tries=tries, reason=reason, next_attempt_at=next_at)
    return [NewMessage("DeliveryDue", delivery.id, due_at=next_at)]


def _record_health(tx: Transaction, target: Target, outcome: Outcome, context: Context) -> None:
    now = context.clock()
    since = next_failing_since(target.failing_since, outcome, now)
    reason = None
    if decide_health(target.failing_since, outcome, now) == "to_disable":
        reason = "it answered 410 Gone" if outcome.is_gone else f"it has only failed since {since:%Y-%m-%d %H:%M} UTC"
    targets.record_health(tx, target.endpoint_id, since, reason)


def _send(jobs: Sequence[Job], context: Context) -> Iterator[Sequence[Result]]:
    """Send on an event loop of its own and yield results as they come, so that early ones are recorded early."""
    if not jobs:
        return
    done: queue.SimpleQueue[Sequence[Result] | None] = queue.SimpleQueue()

    async def hand_over(results: Sequence[Result]) -> None:
        done.put(results)

    async def send() -> None:
        async with OutgoingClient(context.outgoing.allow) as client:
            await send_all(jobs, client, LIMITS, hand_over, context.clock)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="deliver") as pool:
        sending = pool.submit(asyncio.run, send())
        sending.add_done_callback(lambda _: done.put(None))
        while (results := done.get()) is not None:
            yield results
        sending.result()
