"""The time has come of deliveries that were held: tell what waited, put it off again, or let it go."""

from collections.abc import Iterator, Sequence

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import erasures, holds
from worker.delivery.held import release_due
from worker.stage import Context, Record


def release(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        erasures.hold_off(tx)
        held = holds.lock_due(tx, counting)
        due = release_due(tx, held, context.outgoing.api_url, context.clock())
        # Of deleted watches or endpoints nothing is left to tell.
        holds.delete_empty(tx, counting)
        return due

    yield Record(messages, write)
