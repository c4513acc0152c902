"""A thin client of our own API and ingest service, for the CLI. It is not the client for the world (wirewatch.http)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from wirewatch.errors import WirewatchError

Json = dict[str, Any]

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
SLOW_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
# The server says something every few seconds; so much silence is a connection that died unseen.
STREAM_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
PAGE_SIZE = 100


class ApiUnreachableError(WirewatchError):
    """No usable answer came from the service."""


class ApiError(WirewatchError):
    """The service refused; the message is its problem document on one line.

    `retry_after_seconds`: when it would like to be asked again, where it says so.
    """

    def __init__(self, status: int, message: str, retry_after_seconds: float | None = None) -> None:
        self.status, self.retry_after_seconds = status, retry_after_seconds
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One server-sent event."""

    id: str | None
    event: str
    data: str


class Client:
    """Speaks to one API and one ingest service with one key. Every method raises ApiError or ApiUnreachableError."""

    def __init__(self, api_url: str, ingest_url: str, key: str | None) -> None:
        self.api_url, self.ingest_url = api_url.rstrip("/"), ingest_url.rstrip("/")
        headers = {"authorization": f"Bearer {key}"} if key else {}
        # Our own services are never behind the proxy of the environment.
        # A story that was merged leads to the one that lives on.
        self._http = httpx.Client(timeout=TIMEOUT, headers=headers, trust_env=False, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **params: str | int | None) -> Any:
        return self._call("GET", self.api_url + path, params=_given(params))

    def post(self, path: str, body: Json | None = None) -> Any:
        return self._call("POST", self.api_url + path, json=body)

    def post_for_lines(self, path: str, body: Json) -> Iterator[Json]:
        """The lines of an answer that comes bit by bit."""
        url, headers = self.api_url + path, {"accept": "application/x-ndjson"}
        try:
            with self._http.stream("POST", url, json=body, headers=headers, timeout=STREAM_TIMEOUT) as response:
                if response.is_error:
                    response.read()
                    raise _refusal(response)
                for line in response.iter_lines():
                    yield msgspec.json.decode(line)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ApiUnreachableError(f"Cannot reach {url}: {_reason(error)}; is Wirewatch up?") from error

    def patch(self, path: str, body: Json) -> Any:
        return self._call("PATCH", self.api_url + path, json=body)

    def put(self, path: str, body: Json) -> Any:
        return self._call("PUT", self.api_url + path, json=body)

    def post_file(self, path: str, content: bytes, media_type: str, **params: str | None) -> Any:
        """A body that is no JSON."""
        headers = {"content-type": media_type}
        url = self.api_url + path
        return self._call("POST", url, content=content, headers=headers, params=_given(params), timeout=SLOW_TIMEOUT)

    def get_bytes(self, path: str) -> bytes:
        """An answer that is no JSON."""
        return self._send("GET", self.api_url + path).content

    def ask_ingest(self, path: str, body: Json) -> Any:
        """What ingest finds out in the world, which may take it a minute."""
        return self._call("POST", self.ingest_url + path, json=body, timeout=SLOW_TIMEOUT)

    def delete(self, path: str) -> None:
        self._call("DELETE", self.api_url + path)

    def items(self, path: str, **params: str | int | None) -> Iterator[Json]:
        """Every item of a collection, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **{"limit": PAGE_SIZE, **params, "cursor": cursor})
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def post_articles(self, bodies: Sequence[Json]) -> list[Json]:
        """Hands articles to ingest; one result for each in the same order: `{id, status}` or `{error: problem}`."""
        return self._post_lines(self.ingest_url + "/v1/articles", bodies)

    def post_entities(self, bodies: Sequence[Json]) -> list[Json]:
        """Hands entities to the API; one result for each in the same order: `{id, status}` or `{error: problem}`."""
        return self._post_lines(self.api_url + "/v1/entities", bodies)

    def _post_lines(self, url: str, bodies: Sequence[Json]) -> list[Json]:
        content = b"".join(msgspec.json.encode(body) + b"\n" for body in bodies)
        headers = {"content-type": "application/x-ndjson"}
        results: list[Json] = self._call("POST", url, content=content, headers=headers)["items"]
        return results

    def stream(
        self, path: str, last_event_id: str | None = None, on_open: Callable[[], None] | None = None
    ) -> Iterator[StreamEvent]:
        """Server-sent events until the connection ends (ApiUnreachableError where it breaks)."""
        headers = {"accept": "text/event-stream"} | ({"last-event-id": last_event_id} if last_event_id else {})
        url = self.api_url + path
        try:
            with self._http.stream("GET", url, headers=headers, timeout=STREAM_TIMEOUT) as response:
                if response.is_error:
                    response.read()
                    raise _refusal(response)
                if on_open:
                    on_open()
                yield from parse_events(response.iter_lines())
        except httpx.HTTPError as error:
            raise ApiUnreachableError(f"Lost the stream of {url}: {_reason(error)}") from error

    def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, url, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ApiUnreachableError(f"Cannot reach {url}: {_reason(error)}; is Wirewatch up?") from error
        if response.is_error:
            raise _refusal(response)
        return response

    def _call(self, method: str, url: str, **options: Any) -> Any:
        response = self._send(method, url, **options)
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise ApiUnreachableError(f"{url} did not answer with JSON; is that Wirewatch?") from error


def parse_events(lines: Iterable[str]) -> Iterator[StreamEvent]:
    """Reads lines of text/event-stream; comments and events without data give nothing."""
    event_id: str | None = None
    event, data = "message", list[str]()
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield StreamEvent(event_id, event, "\n".join(data))
            event, data = "message", []
        elif name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id":
            event_id = value


def describe_problem(problem: object, status: int = 0) -> str:
    """A problem document (RFC 9457) on one line, with the pointer of each error that its detail does not tell."""
    if not isinstance(problem, dict):
        return f"the service answered {status}"
    words = problem.get("detail") or problem.get("title") or f"the service answered {problem.get('status', status)}"
    errors = [
        f"{error['pointer']}: {error.get('detail')}" if error.get("pointer") else str(error.get("detail"))
        for error in problem.get("errors") or ()
        if isinstance(error, dict) and str(error.get("detail")) not in words
    ]
    return " ".join(f"{words}{': ' if errors else ''}{'; '.join(errors)}".split())


def _refusal(response: httpx.Response) -> ApiError:
    try:
        problem = response.json()
    except ValueError:
        problem = None
    message = describe_problem(problem, response.status_code)
    if response.status_code == httpx.codes.UNAUTHORIZED:
        message += " (give a key with --key or WIREWATCH_KEY)"
    retry_after = response.headers.get("retry-after", "")
    return ApiError(response.status_code, message, float(retry_after[:9]) if retry_after.isdigit() else None)


def _given(params: Mapping[str, str | int | None]) -> dict[str, str | int]:
    return {name: value for name, value in params.items() if value is not None}


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
