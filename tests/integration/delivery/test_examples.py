"""The receivers in examples/ take what the deliver stage sends, and nothing else."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.integration.delivery.conftest import Desk
from tests.integration.delivery.receiver import Arrival
from worker.delivery.sign import sign_headers

ROOT = Path(__file__).parents[3]
START_SECONDS = 30

COMMANDS = {
    "python": [sys.executable, "-m", "uvicorn", "examples.receiver:app", "--no-access-log", "--port"],
    "node": ["node", "examples/receiver.mjs"],
}


@contextmanager
def receiver(name: str, secret: str, port: int) -> Iterator[str]:
    command = [*COMMANDS[name], *([str(port)] if name == "python" else [])]
    environment = {**os.environ, "WIREWATCH_WEBHOOK_SECRET": secret, "PORT": str(port)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + START_SECONDS
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("name", COMMANDS)
def test_a_receiver_takes_what_is_genuine_once(desk: Desk, name: str) -> None:
    if name == "node" and shutil.which("node") is None:
        pytest.skip("node is not on this machine: examples/receiver.mjs stays untested here")
    port = free_port()
    endpoint = desk.add_endpoint("/", f"http://127.0.0.1:{port}/")
    with receiver(name, desk.secrets["/"], port) as url:
        ids = desk.put(endpoint, 3)
        desk.run_until("sent", ids, seconds=6)
        assert {attempt.status for id_ in ids for attempt in desk.show(id_).attempts} == {204}
        arrival = signed(desk)
        again = httpx.post(url, content=arrival.body, headers=webhook_headers(arrival))
        altered = httpx.post(url, content=arrival.body + b" ", headers=webhook_headers(arrival))
        old = httpx.post(url, content=arrival.body, headers=webhook_headers(arrival) | {"webhook-timestamp": "1"})
        bare = httpx.post(url, content=arrival.body)
    assert [one.status_code for one in (again, altered, old, bare)] == [204, 401, 401, 401]


def test_the_shell_verifies_with_openssl(desk: Desk) -> None:
    assert shutil.which("openssl"), "examples/verify.sh needs openssl"
    arrival = signed(desk)
    assert verify(arrival, desk.secrets["/"]) == 0
    assert verify(arrival, desk.secrets["/"], body=arrival.body + b" ") == 1
    assert verify(arrival, desk.secrets["/"], WEBHOOK_TIMESTAMP="1") == 1
    desk.add_endpoint("/other")
    assert verify(arrival, desk.secrets["/other"]) == 1


def signed(desk: Desk) -> Arrival:
    """A webhook as it went over the wire, signed with the secret of `/`."""
    if "/" not in desk.secrets:
        desk.put(desk.add_endpoint())
        desk.run()
        return desk.receiver.arrivals[-1]
    body = '{"type": "endpoint.test", "text": "ü"}'.encode()
    return Arrival("/", dict(sign_headers("msg_1", body, [desk.secrets["/"]], desk.clock())), body, 0.0)


def webhook_headers(arrival: Arrival) -> dict[str, str]:
    return {name: value for name, value in arrival.headers.items() if name.startswith("webhook-")}


def verify(arrival: Arrival, secret: str, body: bytes | None = None, **changed: str) -> int:
    headers = {name.upper().replace("-", "_"): value for name, value in webhook_headers(arrival).items()}
    environment = {**os.environ, **headers, "WIREWATCH_WEBHOOK_SECRET": secret, **changed}
    command = [str(ROOT / "examples" / "verify.sh")]
    return subprocess.run(command, input=body or arrival.body, env=environment, check=False).returncode
