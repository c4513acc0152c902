"""The state of the pipeline for Prometheus."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from prometheus_client import Metric
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

from wirewatch.clock import system_clock
from wirewatch.db import Transaction
from wirewatch.store.views.balance import EndpointBalance, read_endpoints
from wirewatch.store.views.feeds import HostClass, count_feeds, count_pages
from wirewatch.store.views.pipeline import get_pipeline


def read_gauges(tx: Transaction) -> Sequence[Metric]:
    pipeline = get_pipeline(tx)
    waiting = GaugeMetricFamily("wirewatch_messages", "Messages in the ledger", labels=["stage", "state"])
    done = CounterMetricFamily("wirewatch_messages_done", "Messages worked through", labels=["stage"])
    for name, stage in pipeline.stages.items():
        waiting.add_metric([name, "pending"], stage.pending)
        waiting.add_metric([name, "scheduled"], stage.scheduled)
        waiting.add_metric([name, "quarantined"], stage.quarantined)
        done.add_metric([name], stage.done)
    stalled = GaugeMetricFamily("wirewatch_pipeline_stalled", "1 while due work is left undone")
    stalled.add_metric([], float(pipeline.flow == "stalled"))
    return [waiting, done, stalled, _updates(tx), *_feeds(tx), *_pages(tx)]


def _feeds(tx: Transaction) -> list[Metric]:
    counts = count_feeds(tx)
    feeds = GaugeMetricFamily("wirewatch_feeds", "Feeds by how they are", labels=["health"])
    for health, count in counts.by_health.items():
        feeds.add_metric([health], count)
    hosts = GaugeMetricFamily("wirewatch_feed_hosts", "Hosts that feeds come from, by how these are", labels=["class"])
    of_hosts = GaugeMetricFamily("wirewatch_feeds_of_hosts", "Feeds by how their host is", labels=["class"])
    _add_classes(counts.by_host_class, hosts, of_hosts)
    rate = GaugeMetricFamily("wirewatch_feeds_entries_per_day", "New entries that all feeds bring a day")
    rate.add_metric([], counts.entries_per_day)
    overdue = GaugeMetricFamily("wirewatch_feeds_overdue_seconds", "How long the longest due feed waits for its poll")
    overdue.add_metric([], counts.overdue_seconds)
    return [feeds, hosts, of_hosts, rate, overdue]


def _pages(tx: Transaction) -> list[Metric]:
    counts = count_pages(tx)
    waiting = GaugeMetricFamily("wirewatch_pages", "Pages that entries wait for", labels=["state"])
    for state, count in counts.by_state.items():
        waiting.add_metric([state], count)
    hosts = GaugeMetricFamily("wirewatch_page_hosts", "Hosts of pages that wait, by how these are", labels=["class"])
    of_hosts = GaugeMetricFamily("wirewatch_pages_of_hosts", "Pages that wait by how their host is", labels=["class"])
    _add_classes(counts.by_host_class, hosts, of_hosts)
    overdue = GaugeMetricFamily("wirewatch_pages_overdue_seconds", "How long the longest due page waits to be read")
    overdue.add_metric([], counts.overdue_seconds)
    return [waiting, hosts, of_hosts, overdue]


def _add_classes(classes: Mapping[str, HostClass], hosts: GaugeMetricFamily, members: GaugeMetricFamily) -> None:
    for name, found in classes.items():
        hosts.add_metric([name], found.hosts)
        members.add_metric([name], found.members)


def _updates(tx: Transaction) -> Metric:
    """`meant` is the sum of all other states."""
    updates = GaugeMetricFamily(
        "wirewatch_updates", "Updates of the last day for each endpoint they are meant for", labels=["state"]
    )
    found = read_endpoints(tx, system_clock()).values()
    for state in (part.name for part in fields(EndpointBalance)):
        updates.add_metric([state], sum(getattr(one, state) for one in found))
    return updates
