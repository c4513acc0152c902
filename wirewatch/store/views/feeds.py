"""How feeds and the hosts they come from are, counted for metrics."""

from dataclasses import dataclass

from sqlalchemy import text

from wirewatch.db import Transaction

# A host is one of: resting (it asked for a pause), failing (all its feeds that are polled fail), mixed (some do), new
# (none was polled yet), ok. Names of hosts would make as many series as there are hosts.
_HOSTS = text("""
    SELECT class, count(*), sum(feeds) FROM (
        SELECT count(*) AS feeds,
            CASE WHEN bool_or(last_status IN (429, 503) AND failures > 0) THEN 'resting'
                 WHEN count(last_polled_at) = 0 THEN 'new'
                 WHEN count(*) FILTER (WHERE failures > 0) = count(last_polled_at) THEN 'failing'
                 WHEN count(*) FILTER (WHERE failures > 0) > 0 THEN 'mixed'
                 ELSE 'ok' END AS class
        FROM feeds WHERE enabled GROUP BY host
    ) AS hosts GROUP BY class
""")

_FEEDS = text("""
    SELECT count(*) FILTER (WHERE NOT enabled) AS paused,
        count(*) FILTER (WHERE enabled AND last_polled_at IS NULL) AS new,
        count(*) FILTER (WHERE enabled AND failures > 0) AS failing,
        count(*) FILTER (WHERE enabled AND failures = 0 AND silent_since IS NOT NULL) AS silent,
        count(*) FILTER (WHERE enabled AND failures = 0 AND silent_since IS NULL AND last_polled_at IS NOT NULL) AS ok,
        COALESCE(sum(entries_per_day) FILTER (WHERE enabled), 0) AS entries_per_day,
        COALESCE(extract(epoch FROM clock_timestamp() - min(next_poll_at) FILTER (WHERE enabled)), 0) AS overdue_seconds
    FROM feeds
""")


@dataclass(frozen=True, slots=True)
class HostClass:
    hosts: int
    feeds: int


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """`overdue_seconds`: for how long the feed that is longest due has been waiting for its poll; 0: none is due."""

    by_health: dict[str, int]
    by_host_class: dict[str, HostClass]
    entries_per_day: float
    overdue_seconds: float


def count_feeds(tx: Transaction) -> FeedCounts:
    row = tx.execute(_FEEDS).one()
    hosts = {name: HostClass(hosts, int(feeds)) for name, hosts, feeds in tx.execute(_HOSTS)}
    health = {name: row._mapping[name] for name in ("ok", "new", "silent", "failing", "paused")}
    return FeedCounts(health, hosts, float(row.entries_per_day), max(0.0, float(row.overdue_seconds)))
