"""How feeds, the pages that entries wait for, and the hosts of both are, counted for metrics."""

from dataclasses import dataclass

from sqlalchemy import TextClause, text

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


# A page that waits is one of: reading, due, later (it is to be tried again, after a time). Its host is one of: reading,
# failing (a page of it was tried in vain), resting (it may not be asked now), ok.
_PAGES = text("""
    SELECT count(*) FILTER (WHERE leased_until >= clock_timestamp()) AS reading,
        count(*) FILTER (WHERE is_free AND due_at <= clock_timestamp()) AS due,
        count(*) FILTER (WHERE is_free AND due_at > clock_timestamp()) AS later,
        COALESCE(extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE is_free)), 0) AS overdue_seconds
    FROM (SELECT *, leased_until IS NULL OR leased_until < clock_timestamp() AS is_free FROM pages) AS pages
""")

_PAGE_HOSTS = text("""
    SELECT class, count(*), sum(pages) FROM (
        SELECT count(*) AS pages,
            CASE WHEN bool_or(leased_until >= clock_timestamp()) THEN 'reading'
                 WHEN bool_or(attempts > 0) THEN 'failing'
                 WHEN bool_or(free_at > clock_timestamp()) THEN 'resting'
                 ELSE 'ok' END AS class
        FROM pages LEFT JOIN feed_hosts USING (host) GROUP BY host
    ) AS hosts GROUP BY class
""")


@dataclass(frozen=True, slots=True)
class HostClass:
    """`members`: the feeds or pages of these hosts."""

    hosts: int
    members: int


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """`overdue_seconds`: for how long the feed that is longest due has been waiting for its poll; 0: none is due."""

    by_health: dict[str, int]
    by_host_class: dict[str, HostClass]
    entries_per_day: float
    overdue_seconds: float


def count_feeds(tx: Transaction) -> FeedCounts:
    row = tx.execute(_FEEDS).one()
    hosts = _classes(tx, _HOSTS)
    health = {name: row._mapping[name] for name in ("ok", "new", "silent", "failing", "paused")}
    return FeedCounts(health, hosts, float(row.entries_per_day), max(0.0, float(row.overdue_seconds)))


@dataclass(frozen=True, slots=True)
class PageCounts:
    """`overdue_seconds`: for how long the page that is longest due waits to be read; 0: none is due."""

    by_state: dict[str, int]
    by_host_class: dict[str, HostClass]
    overdue_seconds: float


def count_pages(tx: Transaction) -> PageCounts:
    row = tx.execute(_PAGES).one()
    states = {name: row._mapping[name] for name in ("reading", "due", "later")}
    return PageCounts(states, _classes(tx, _PAGE_HOSTS), max(0.0, float(row.overdue_seconds)))


def _classes(tx: Transaction, query: TextClause) -> dict[str, HostClass]:
    return {name: HostClass(hosts, int(members)) for name, hosts, members in tx.execute(query)}
