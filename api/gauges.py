"""The state of the pipeline for Prometheus."""

from collections.abc import Sequence
from dataclasses import fields

from prometheus_client import Metric
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

from wirewatch.clock import system_clock
from wirewatch.db import Transaction
from wirewatch.store.views.balance import EndpointBalance, read_balance
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
    return [waiting, done, stalled, _updates(tx)]


def _updates(tx: Transaction) -> Metric:
    """`meant` is the sum of all other states."""
    updates = GaugeMetricFamily(
        "wirewatch_updates", "Updates of the last day for each endpoint they are meant for", labels=["state"]
    )
    found = read_balance(tx, system_clock()).endpoints.values()
    for state in (part.name for part in fields(EndpointBalance)):
        updates.add_metric([state], sum(getattr(one, state) for one in found))
    return updates
