"""A local webhook receiver that verifies what it gets (Standard Webhooks)."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from standardwebhooks import Webhook, WebhookVerificationError

from wirewatch.errors import StartError

MAX_BODY_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """One request; `fault` says why it was refused, None for a verified one."""

    id: str
    payload: dict[str, Any]
    fault: str | None


@dataclass(frozen=True, slots=True)
class ReceiverAnswer:
    """How requests are answered; `status` None: 204 to what verifies, 401 to the rest."""

    status: int | None = None
    delay_seconds: float = 0.0
    retry_after_seconds: int | None = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Receiver:
    """Listens on 127.0.0.1 and hands every request to `on_webhook`. Set `secret` once the endpoint exists."""

    def __init__(
        self,
        port: int,
        on_webhook: Callable[[ReceivedWebhook], None],
        secret: str | None = None,
        answer: ReceiverAnswer = ReceiverAnswer(),
    ) -> None:
        self.secret = secret
        self.on_webhook = on_webhook
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self) -> None:
                self._answer(receiver.receive(self._lower_headers(), self._body()))

            def _lower_headers(self) -> dict[str, str]:
                return {name.lower(): value for name, value in self.headers.items()}

            def _body(self) -> bytes:
                length = self.headers.get("content-length", "0")
                size = int(length) if length.isdecimal() else 0
                # Read no further than we would accept; what is cut off does not verify.
                self.close_connection = size > MAX_BODY_BYTES
                return self.rfile.read(min(size, MAX_BODY_BYTES))

            def _answer(self, received: ReceivedWebhook) -> None:
                time.sleep(answer.delay_seconds)
                verified = HTTPStatus.NO_CONTENT if received.fault is None else HTTPStatus.UNAUTHORIZED
                self.send_response(answer.status or verified)
                if answer.retry_after_seconds is not None:
                    self.send_header("retry-after", str(answer.retry_after_seconds))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing: `on_webhook` does."""

        try:
            self._server = _Server(("127.0.0.1", port), Handler)
        except OSError as error:
            raise StartError(f"Cannot listen on port {port}: {error.strerror}; choose another with --port.") from error

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/webhook"

    def receive(self, headers: Mapping[str, str], body: bytes) -> ReceivedWebhook:
        received = verify(self.secret, headers, body)
        self.on_webhook(received)
        return received

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def verify(secret: str | None, headers: Mapping[str, str], body: bytes) -> ReceivedWebhook:
    """Checks signature and time of one webhook; header names in lower case."""
    fault: str | None = None
    if not secret:
        fault = "cannot be verified without the endpoint's secret"
    else:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError as error:
            fault = str(error)
        except (ValueError, RuntimeError) as error:
            # A secret or signature that is not base64, a body that is not UTF-8.
            fault = f"cannot be verified: {error}"
    return ReceivedWebhook(headers.get("webhook-id", ""), _payload(body), fault)


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload: object = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}
