"""Send what is due to its endpoint. A failed try is a successful run: it records the attempt and the next due time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import deliveries, targets
from wirewatch.store.deliveries import DueDelivery
from wirewatch.store.targets import Target
from worker.delivery.circuit import PROBE_SECONDS, admit
from worker.delivery.outcomes import record_results
from worker.delivery.parked import park
from worker.delivery.prepare import keep_thin, prepare
from worker.delivery.send import Job
from worker.delivery.sender import Sender, get_sender
from worker.stage import Context, Record

ENDED = frozenset({"sent", "failed", "suppressed"})


class Due(NamedTuple):
    """What a run works on: the deliveries that have not ended, and the endpoints that they go to."""

    deliveries: Mapping[str, DueDelivery]
    targets: Mapping[str, Target]


class Plan(NamedTuple):
    """What becomes of the deliveries of a run, by id: why not at all, not now, or sent; some of these as probes."""

    suppressed: Mapping[str, str]
    parked: Sequence[str]
    sent: Sequence[str]
    probes: frozenset[str]


def deliver(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    """What was redacted while it was read is in no record: it is given back, and read again."""
    by_subject = {message.subject_id: message for message in messages}
    with context.database.statements() as tx:
        due = _read(tx, list(by_subject), context)
        plan = _decide(tx, due, context)
    sent = set(plan.sent)
    yield _record_unsent([message for id_, message in by_subject.items() if id_ not in sent], due, plan, context)
    sender = get_sender(context.database.url, context.outgoing.allow)
    for results in sender.send(_jobs(due, plan, sender, context), context.clock, context.let_go):
        group = [by_subject[str(result.job.delivery_id)] for result in results]
        yield Record(group, record_results(results, due.deliveries, due.targets, plan.probes, context))


def why_suppressed(target: Target | None) -> str:
    """Why nothing is sent to this endpoint at all."""
    if target is None:
        return "the endpoint was deleted"
    return target.disabled_reason or "the endpoint is disabled"


def _read(tx: Transaction, ids: Sequence[str], context: Context) -> Due:
    due = {one.id: one for one in deliveries.get_due(tx, ids) if one.state not in ENDED}
    endpoint_ids = {one.endpoint_id for one in due.values() if one.endpoint_id}
    known = targets.get_targets(tx, endpoint_ids, context.outgoing.secrets, context.clock()) if endpoint_ids else {}
    return Due(due, known)


def _decide(tx: Transaction, due: Due, context: Context) -> Plan:
    now = context.clock()
    admitted = {id_: admit(due.targets.get(one.endpoint_id or ""), id_, now) for id_, one in due.deliveries.items()}
    asking: dict[str, str] = {}
    for id_, admission in admitted.items():
        if admission == "probe":
            asking.setdefault(due.deliveries[id_].endpoint_id or "", id_)
    won = targets.take_probes(tx, asking, now, now + timedelta(seconds=PROBE_SECONDS)) if asking else frozenset()
    probes = frozenset(id_ for endpoint_id, id_ in asking.items() if endpoint_id in won)
    return Plan(
        suppressed={
            id_: why_suppressed(due.targets.get(due.deliveries[id_].endpoint_id or ""))
            for id_, admission in admitted.items()
            if admission == "suppress"
        },
        parked=[id_ for id_, one in admitted.items() if one == "park" or (one == "probe" and id_ not in probes)],
        sent=[id_ for id_, one in admitted.items() if one == "send" or id_ in probes],
        probes=probes,
    )


def _jobs(due: Due, plan: Plan, sender: Sender, context: Context) -> list[Job]:
    known = {id_: (due.deliveries[id_], due.targets[due.deliveries[id_].endpoint_id or ""]) for id_ in plan.sent}
    thin = keep_thin(list(known.values()), context.database)
    prepared = {id_: prepare(*pair, thin, sender, context.database) for id_, pair in known.items()}
    return [_job(*known[id_], *sent, is_probe=id_ in plan.probes) for id_, sent in prepared.items() if sent is not None]


def _job(
    delivery: DueDelivery, target: Target, body: bytes, make_body: Callable[[], bytes] | None, *, is_probe: bool
) -> Job:
    return Job(
        delivery_id=int(delivery.id),
        endpoint_id=int(target.endpoint_id),
        url=target.url,
        webhook_id=delivery.webhook_id,
        body=body,
        secrets=target.secrets,
        careful=is_probe or target.catching_up_to is not None or target.health.failures_in_row > 0,
        per_second=target.max_per_second,
        fault=target.fault,
        kind=target.kind,
        make_body=make_body,
    )


def _record_unsent(messages: Sequence[Message], due: Due, plan: Plan, context: Context) -> Record:
    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        suppressed = {id_: reason for id_, reason in plan.suppressed.items() if id_ in counting}
        if suppressed:
            deliveries.suppress(tx, suppressed)
        waiting = [due.deliveries[id_] for id_ in plan.parked if id_ in counting]
        return park(tx, waiting, context.clock()) if waiting else []

    return Record(messages, write)
