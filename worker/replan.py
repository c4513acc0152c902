"""A watch was changed, snoozed or woken: what of its updates waits is planned anew."""

from collections.abc import Iterator, Sequence

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import erasures, holds
from worker.delivery.held import plan_anew
from worker.stage import Context, Record


def replan(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        erasures.hold_off(tx)
        held = holds.lock_of_watches(tx, counting)
        return plan_anew(tx, held, counting, context.outgoing.api_url, context.clock())

    yield Record(messages, write)
