"""Whether every match was told, waits or is suppressed for a reason, and every update has ended, or waits, in exactly
one delivery for each endpoint that it was meant for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.store.views.matches import OUTCOMES
from wirewatch.store.views.times import utc

PERIOD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """How many ended, or wait, in each of these ways."""

    sent: int = 0
    pending: int = 0
    held: int = 0
    suppressed: int = 0
    failed: int = 0

    def add_up_to(self, whole: int) -> bool:
        return whole == self.sent + self.pending + self.held + self.suppressed + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointBalance(Ends):
    """Pairs of an update and this endpoint: `meant` as the updates say, the others as deliveries list them."""

    meant: int = 0

    @property
    def is_even(self) -> bool:
        return self.add_up_to(self.meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchBalance(Ends):
    """Matches by what became of them; one of which nothing has, and at which nobody will look again, is in `matched`
    alone.
    """

    matched: int = 0

    @property
    def is_even(self) -> bool:
        return self.add_up_to(self.matched)


@dataclass(frozen=True, slots=True)
class Balance:
    """Of the updates written since then, by endpoint, and of the matches found since then; endpoints that were deleted
    are left out.
    """

    since: datetime
    is_even: bool
    endpoints: Mapping[str, EndpointBalance]
    matches: MatchBalance


_MEANT = text("""
    SELECT e.id, count(*) FROM updates u, unnest(u.endpoint_ids) AS meant (id) JOIN endpoints e ON e.id = meant.id
    WHERE u.created_at >= :since GROUP BY e.id ORDER BY e.id
""")

_FOUND = text("""
    SELECT d.endpoint_id, d.state, count(*) FROM updates u
    JOIN delivery_updates du ON du.update_id = u.id JOIN deliveries d ON d.id = du.delivery_id
    WHERE u.created_at >= :since AND d.endpoint_id IS NOT NULL GROUP BY d.endpoint_id, d.state
""")


_OUTCOMES = text(f"SELECT state, count(*) FROM ({OUTCOMES} AND m.matched_at >= :since) AS o GROUP BY state")  # noqa: S608 (constants)


def read_balance(tx: Transaction, now: datetime) -> Balance:
    """-> the balance of the updates and matches of PERIOD before `now`."""
    endpoints, matches = read_endpoints(tx, now), _read_matches(tx, now)
    is_even = matches.is_even and all(one.is_even for one in endpoints.values())
    return Balance(utc(now - PERIOD), is_even, endpoints, matches)


def read_endpoints(tx: Transaction, now: datetime) -> dict[str, EndpointBalance]:
    """-> by endpoint, the balance of the updates of PERIOD before `now`."""
    since = now - PERIOD
    counts: dict[str, dict[str, int]] = {}
    for endpoint_id, meant in tx.execute(_MEANT, {"since": since}):
        counts.setdefault(str(endpoint_id), {})["meant"] = meant
    for endpoint_id, state, found in tx.execute(_FOUND, {"since": since}):
        counts.setdefault(str(endpoint_id), {})[state] = found
    return {id_: EndpointBalance(**parts) for id_, parts in counts.items()}


def _read_matches(tx: Transaction, now: datetime) -> MatchBalance:
    # One statement: what is recorded in between would tear the sum from its parts.
    found = {state: count for state, count in tx.execute(_OUTCOMES, {"since": now - PERIOD})}  # noqa: C416 (typed)
    told = {state: count for state, count in found.items() if state is not None}
    return MatchBalance(matched=sum(found.values()), **told)
