"""What the services count and time, for Prometheus."""

from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
CONTENT_TYPE = CONTENT_TYPE_LATEST

HTTP_REQUESTS = Counter(
    "wirewatch_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=REGISTRY
)
HTTP_SECONDS = Histogram(
    "wirewatch_http_request_seconds", "Time until the answer was sent", ["method", "route"], registry=REGISTRY
)
ARTICLES_RECEIVED = Counter(
    "wirewatch_articles_received", "Articles that came in, by what became of them", ["status"], registry=REGISTRY
)


def render(gauges: Iterable[Metric] = ()) -> bytes:
    """Everything counted so far, and `gauges` read just now, in the text format of Prometheus."""
    current = CollectorRegistry()
    current.register(_Read(tuple(gauges)))
    return generate_latest(REGISTRY) + generate_latest(current)


class _Read(Collector):
    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self.metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self.metrics
