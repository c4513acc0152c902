"""Counts and times every request under the template of its route, and refuses addresses that nothing can answer."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wirewatch.metrics import HTTP_REQUESTS, HTTP_SECONDS
from wirewatch.web.problems import Problem

NOT_FOUND = Problem(404, "there is nothing here")
BAD_QUERY_STRING = Problem(400, "the query string holds NUL characters or bytes that are not UTF-8")


class Observe:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = perf_counter(), 500

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            refusal = _refusal(scope)
            await (refusal.response() if refusal else self.app)(scope, receive, send_observed)
        finally:
            # Never the path itself: each new id would be a new time series.
            route = getattr(scope.get("route"), "path", "none")
            HTTP_REQUESTS.labels(scope["method"], route, str(status)).inc()
            HTTP_SECONDS.labels(scope["method"], route).observe(perf_counter() - started)


def _refusal(scope: Scope) -> Problem | None:
    if "\0" in scope["path"]:
        return NOT_FOUND
    query: bytes = scope["query_string"]
    return BAD_QUERY_STRING if b"%00" in query or b"\0" in query else None
