"""The state of the pipeline for Prometheus."""

from collections.abc import Sequence

from prometheus_client import Metric
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

from wirewatch.db import Transaction
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
    return [waiting, done, stalled]
