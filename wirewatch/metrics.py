"""What the services count and time, for Prometheus."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

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


def render() -> bytes:
    """Everything counted so far, in the text format of Prometheus."""
    return generate_latest(REGISTRY)
