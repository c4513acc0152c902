"""A task that the broker has handed over, and what becomes of it when the broker is away as it ends."""

from typing import Any

from celery.worker.request import Request
from kombu.transport.virtual import QoS


class BrokerRequest(Request):  # type: ignore[misc]  # celery has no types
    """Celery's own, but for an answer to the broker that fails.

    Celery logs it and goes on, and the message counts as under way for ever. With as many of these as there are
    processes the worker takes nothing more; and since it asks the broker for nothing, it never finds out that it has
    lost it (measured: one of three runs of `make chaos` stood still).
    """

    def acknowledge(self) -> None:
        super().acknowledge()
        self._let_go()

    def reject(self, requeue: bool = False) -> None:
        super().reject(requeue)
        self._let_go()

    def _let_go(self) -> None:
        message: Any = self.message
        if not message.acknowledged:
            # Here alone: what the broker still holds may come again, and the ledger knows what is done.
            QoS.ack(message.channel.qos, message.delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types
