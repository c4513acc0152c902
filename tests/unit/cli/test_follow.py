"""Following the stream of alerts over broken connections, against a small server of its own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import pytest

from wirewatch.cli import alerts
from wirewatch.cli.alerts import follow_alerts
from wirewatch.client import ApiError, Client


class Streams:
    """Serves one event per connection and notes which event each client had seen last."""

    def __init__(self) -> None:
        self.seen: list[str | None] = []
        streams = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.headers["authorization"] != "Bearer right":
                    self.send_error(401)
                    return
                streams.seen.append(self.headers["last-event-id"])
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                number = len(streams.seen)
                self.wfile.write(f'id: {number}\nevent: alert\ndata: {{"id": "{number}"}}\n\ndata: cut'.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Streams:
    monkeypatch.setattr(alerts, "RECONNECT_SECONDS", 0.01)
    return Streams()


def test_a_new_connection_begins_after_the_last_event(streams: Streams) -> None:
    opened: list[int] = []
    with Client(streams.url, streams.url, "right") as client:
        got = list(islice(follow_alerts(client, on_open=lambda: opened.append(1)), 3))
    streams.server.shutdown()
    assert [alert["id"] for alert in got] == ["1", "2", "3"]
    assert streams.seen == [None, "1", "2"]
    assert len(opened) == 3


def test_a_wrong_key_ends_it(streams: Streams) -> None:
    with Client(streams.url, streams.url, "wrong") as client, pytest.raises(ApiError, match="--key"):
        next(follow_alerts(client))
    streams.server.shutdown()
