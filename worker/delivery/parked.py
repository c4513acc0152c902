"""Deliveries that wait because their endpoint's circuit is open, or because it catches up and older ones go first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.store import deliveries, targets
from wirewatch.store.deliveries import DueDelivery
from wirewatch.store.targets import Gate
from worker.delivery.circuit import PARK_SECONDS

REASON = "waits until the endpoint answers again"


def park(tx: Transaction, waiting: Sequence[DueDelivery], now: datetime) -> list[NewMessage]:
    """-> when to look at each again: the oldest of an endpoint when its circuit may be probed, the others when woken.

    The endpoints' rows are locked and looked at again, because who closed a circuit in the meantime woke only those
    that were parked by then.
    """
    gates = targets.lock_gates(tx, {one.endpoint_id for one in waiting if one.endpoint_id})
    deliveries.explain_waiting(tx, [one.id for one in waiting], REASON)
    again, probed = [], set[str]()
    for one in sorted(waiting, key=lambda one: int(one.id)):
        gate = gates.get(one.endpoint_id or "")
        again.append(NewMessage("DeliveryDue", one.id, due_at=_look_again_at(one, gate, probed, now)))
    return again


def _look_again_at(one: DueDelivery, gate: Gate | None, probed: set[str], now: datetime) -> datetime:
    endpoint_id = one.endpoint_id or ""
    if gate is None or not gate.is_closed_to(one.id):
        return now
    if gate.open_until is None or endpoint_id in probed:
        return max(gate.open_until or now, now + timedelta(seconds=PARK_SECONDS))
    probed.add(endpoint_id)
    return max(gate.open_until, now)
