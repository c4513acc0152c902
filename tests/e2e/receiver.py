"""A receiver of webhooks for a container of its own: verifies with a library that is not ours, and keeps a log.

PUT /secret sets the endpoint's secret, POST /webhook receives, GET /received shows everything that came.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

PORT = 9000

secret = ""
received: list[dict[str, Any]] = []
lock = Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        global secret
        secret = self._body().decode()
        self._answer(204)

    def do_GET(self) -> None:
        with lock:
            self._answer(200, json.dumps(received).encode())

    def do_POST(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = None
        try:
            Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, ValueError, RuntimeError) as error:
            fault = f"{type(error).__name__}: {error}"
        with lock:
            received.append({"id": headers.get("webhook-id"), "fault": fault, "payload": json.loads(body)})
        self._answer(401 if fault else 204)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: GET /received does."""


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", PORT), Receiver).serve_forever()
