"""The time is over in which alerts collected changes: tell of what has changed."""

from collections.abc import Iterator, Sequence

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import alerts
from worker.alerts.decide import Events, decide
from worker.alerts.gather import Claims, Meeting
from worker.alerts.record import record
from worker.stage import Context, Record


def settle(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    live = context.catalogue.watches()

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        now = context.clock()
        due = [
            Meeting(one._replace(settles_at=None), live[one.watch_id])
            for one in alerts.lock_all(tx, counting)
            # One that told of something since then has another message under way.
            if one.watch_id in live and one.settles_at is not None and one.settles_at <= now
        ]
        decided = [(one, decide(one.alert, one.watch.policy, Events(), now)) for one in due]
        return record(tx, decided, Claims({}), frozenset(), now, context.outgoing.api_url)

    yield Record(messages, write)
