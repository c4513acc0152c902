"""One stack for the whole run, made from the images and always taken down with its volumes."""

import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.compose import Stack
from wirewatch.client import Client, Json


class Inbox:
    """The receiver in its container, as seen from here."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def set_secret(self, secret: str) -> None:
        httpx.put(f"{self._url}/secret", content=secret, timeout=30, trust_env=False).raise_for_status()

    def received(self) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = httpx.get(f"{self._url}/received", timeout=30, trust_env=False).json()
        return answer


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("compose"))
    stack.write_env()
    failed_before = request.session.testsfailed
    try:
        _timed("images built", stack.build)
        _timed("containers started", stack.up)
        _timed("all services healthy", stack.wait_until_well)
        yield stack
    except BaseException:
        stack.tell_of_failure()
        raise
    else:
        if request.session.testsfailed > failed_before:
            stack.tell_of_failure()
    finally:
        _timed("taken down", stack.down)


@pytest.fixture(scope="session")
def client(stack: Stack) -> Iterator[Client]:
    api, ingest = f"http://127.0.0.1:{stack.api_port}", f"http://127.0.0.1:{stack.ingest_port}"
    with Client(api, ingest, stack.key) as client:
        yield client


@pytest.fixture(scope="session")
def inbox(stack: Stack) -> Inbox:
    return Inbox(stack.receiver_port)


@pytest.fixture(scope="session")
def endpoint(client: Client, inbox: Inbox) -> Json:
    """An endpoint at the receiver's name in the compose network."""
    created: Json = client.post("/v1/endpoints", {"name": "Receiver", "url": "http://receiver:9000/webhook"})
    inbox.set_secret(created["secret"])
    return created


def _timed(what: str, step: Any) -> None:
    started = time.monotonic()
    step()
    sys.stderr.write(f"e2e: {what} in {time.monotonic() - started:.0f} s\n")
