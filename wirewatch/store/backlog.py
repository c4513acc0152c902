"""How much work waits, for those who decide whether to take more."""

from sqlalchemy import text

from wirewatch.db import Transaction

# What was published is bounded by what may be in flight, and deliveries wait for others than us: neither is backlog.
_COUNT = text("""
    SELECT count(*) FROM (
        SELECT 1 FROM messages
        WHERE published_at IS NULL AND quarantined_at IS NULL AND type <> 'DeliveryDue' LIMIT :limit
    ) AS waiting
""")


def count_waiting(tx: Transaction, limit: int) -> int:
    """Messages that nobody has begun on, counted up to `limit`."""
    return int(tx.execute(_COUNT, {"limit": limit}).scalar_one())
