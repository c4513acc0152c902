"""The one outgoing client, for feeds, pages and webhooks. Nothing else opens connections to the world."""

from wirewatch.http.addresses import Address, Network
from wirewatch.http.check import check_url
from wirewatch.http.client import MAX_REDIRECTS, OutgoingClient
from wirewatch.http.headers import USER_AGENT
from wirewatch.http.retry_after import parse_retry_after
from wirewatch.http.values import Headers, Limits, Redirect, Request, Response

__all__ = [
    "MAX_REDIRECTS",
    "USER_AGENT",
    "Address",
    "Headers",
    "Limits",
    "Network",
    "OutgoingClient",
    "Redirect",
    "Request",
    "Response",
    "check_url",
    "parse_retry_after",
]
