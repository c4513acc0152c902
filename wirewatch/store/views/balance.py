"""Whether every update has ended, or waits, in exactly one delivery for each endpoint that it was meant for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.store.views.times import utc

PERIOD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EndpointBalance:
    """Pairs of an update and this endpoint: `meant` as the updates say, the others as deliveries list them."""

    meant: int = 0
    sent: int = 0
    pending: int = 0
    held: int = 0
    suppressed: int = 0
    failed: int = 0

    @property
    def is_even(self) -> bool:
        return self.meant == self.sent + self.pending + self.held + self.suppressed + self.failed


@dataclass(frozen=True, slots=True)
class Balance:
    """Of the updates written since then, by endpoint; endpoints that were deleted are left out."""

    since: datetime
    is_even: bool
    endpoints: Mapping[str, EndpointBalance]


_MEANT = text("""
    SELECT e.id, count(*) FROM updates u, unnest(u.endpoint_ids) AS meant (id) JOIN endpoints e ON e.id = meant.id
    WHERE u.created_at >= :since GROUP BY e.id ORDER BY e.id
""")

_FOUND = text("""
    SELECT d.endpoint_id, d.state, count(*) FROM updates u
    JOIN delivery_updates du ON du.update_id = u.id JOIN deliveries d ON d.id = du.delivery_id
    WHERE u.created_at >= :since AND d.endpoint_id IS NOT NULL GROUP BY d.endpoint_id, d.state
""")


def read_balance(tx: Transaction, now: datetime) -> Balance:
    """-> the balance of the updates of PERIOD before `now`."""
    since = now - PERIOD
    counts: dict[str, dict[str, int]] = {}
    for endpoint_id, meant in tx.execute(_MEANT, {"since": since}):
        counts.setdefault(str(endpoint_id), {})["meant"] = meant
    for endpoint_id, state, found in tx.execute(_FOUND, {"since": since}):
        counts.setdefault(str(endpoint_id), {})[state] = found
    endpoints = {id_: EndpointBalance(**parts) for id_, parts in counts.items()}
    return Balance(utc(since), all(one.is_even for one in endpoints.values()), endpoints)
