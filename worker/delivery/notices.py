"""Telling of an endpoint that fails through another one: a warning, and the news that it was disabled."""

from datetime import datetime
from uuid import uuid4

from wirewatch.db import Transaction
from wirewatch.log import get_logger
from wirewatch.messages import NewMessage
from wirewatch.store import deliveries, targets
from wirewatch.store.deliveries import NewDelivery
from wirewatch.store.targets import Health, Target
from worker.delivery.circuit import DISABLE_AFTER
from worker.delivery.payload import build_notice_payload

log = get_logger(__name__)


def notify_of_failing(
    tx: Transaction, target: Target, health: Health, disabled_reason: str | None, now: datetime
) -> list[NewMessage]:
    """Warn that an endpoint fails or, with a reason, tell that it was disabled. -> the messages that are due."""
    told = targets.find_noticed(tx, target.endpoint_id)
    log.warning("endpoint fails", endpoint=target.endpoint_id, disabled=disabled_reason, told=told)
    data = {
        "endpoint_id": target.endpoint_id,
        "endpoint_name": target.name,
        "failing_since": health.failing_since,
        "disabled_reason": disabled_reason,
        "disabled_at": now if disabled_reason else None,
        "to_be_disabled_at": health.failing_since + DISABLE_AFTER
        if health.failing_since and not disabled_reason
        else None,
    }
    body = build_notice_payload("endpoint.disabled" if disabled_reason else "endpoint.failing", data, now)
    return [
        NewMessage("DeliveryDue", deliveries.insert(tx, NewDelivery(id_, f"msg_{uuid4().hex}", body, ())))
        for id_ in told
    ]
