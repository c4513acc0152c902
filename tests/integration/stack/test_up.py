"""The whole of Wirewatch on this machine, as its users start it, with the command line for a client."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from tests.integration.stack.processes import is_alive, processes_of
from tests.integration.stack.rows import read, wait_for
from wirewatch.client import Client
from wirewatch.stack.datadir import usable_ports

pytestmark = pytest.mark.timeout(400)

ARTICLE = """---
source: The Quay Gazette
url: https://quay.example/zircon
---
Zirconia Pact signed in Port Ellery

Negotiators signed the Zirconia Pact on Monday in Port Ellery.
"""


class Installation:
    """One data directory with its ports, and the `wirewatch` command for it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "up.log"
        api_port, ingest_port = usable_ports(0, 0)
        own = {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
        self.env = own | {
            "WIREWATCH_DATA_DIR": str(directory / "data"),
            "WIREWATCH_API_PORT": str(api_port),
            "WIREWATCH_INGEST_PORT": str(ingest_port),
            "WIREWATCH_SETTLE_SECONDS": "0",
            "COLUMNS": "200",
        }

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "wirewatch.cli", "up"],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.env,
                start_new_session=True,
            )
        wait_for(lambda: "Ctrl-C stops everything" in read(self.log) or process.poll() is not None, 180)
        assert process.poll() is None, read(self.log)
        return process

    def run(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "wirewatch.cli", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def wait_until_drained(self) -> None:
        # Not by the command line: a process for each question takes the machine away from those that it asks about.
        api, ingest = (f"http://127.0.0.1:{self.env[f'WIREWATCH_{name}_PORT']}" for name in ("API", "INGEST"))
        with Client(api, ingest, (self.directory / "data" / "dev-key").read_text().strip()) as client:
            wait_for(lambda: client.get("/v1/pipeline")["pending"] == 0, 180)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    yield Installation(tmp_path)
    assert processes_of(tmp_path / "data") == []


def test_up_seeds_alerts_and_continues_with_its_data(installation: Installation, tmp_path: Path) -> None:
    process = installation.start()
    wait_for((tmp_path / "data" / "seeded").exists, 60)
    installation.wait_until_drained()
    wait_for(lambda: "new story" in read(installation.log))
    shown = read(installation.log)
    assert (tmp_path / "data" / "dev-key").read_text().strip() in shown
    assert re.search(r"Articles: \d+ accepted", shown)
    assert re.search(r"“.+”", shown), "no quoted evidence"
    check_commands(installation, tmp_path)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - began < 11
    assert "Stopped; the data is kept." in read(installation.log)

    again = installation.start()
    assert "Zirconia" in installation.run("articles", "--limit", "1")
    assert "Starter watches" not in read(installation.log)
    family = psutil.Process(again.pid).children(recursive=True)
    again.kill()
    again.wait()
    wait_for(lambda: not any(is_alive(one) for one in family), 10)


def check_commands(installation: Installation, tmp_path: Path) -> None:
    """Every command that speaks to a running stack, once, on one new article."""
    run = installation.run
    watch_id = re.findall(r"Watch (\w+): Pact", run("watch", "add", "Pact", "Zirconia"))[0]
    assert "Pact" in run("watch", "list")
    assert "not closed at position 6" in run("watch", "add", "Broken", "a AND (b", code=1)
    (tmp_path / "article.md").write_text(ARTICLE)
    (tmp_path / "empty.txt").write_text("")
    refused = run("seed", str(tmp_path / "article.md"), str(tmp_path / "empty.txt"), code=1)
    assert "1 accepted, 1 not loaded" in refused
    assert "empty.txt: empty" in refused
    installation.wait_until_drained()
    assert msgspec.json.decode(run("pipeline", "--json"))["pending"] == 0
    assert "Zirconia" in run("watch", "test", "Zirconia")
    assert "Zirconia Pact signed" in run("stories")
    assert "Zirconia Pact signed" in run("articles", "Zirconia")
    alert = run("alerts", "--limit", "1")
    assert "Pact" in alert
    assert "“Zirconia”" in alert
    wait_for(lambda: "Zirconia Pact signed" in read(installation.log))
    key_id = re.findall(r"Key (\w+) \(read\)", run("keys", "create", "reader", "--scope", "read"))[0]
    run("keys", "revoke", key_id)
    assert "reader" in run("keys", "list")
    assert "scope" in run("keys", "create", "wrong", "--scope", "everything", code=1)
    assert "Nothing is wrong" in run("doctor")
    assert "in use by another Wirewatch" in run("up", code=1)
    check_listen(installation)
    run("watch", "rm", watch_id)
    assert "Pact" not in run("watch", "list")


def check_listen(installation: Installation) -> None:
    """A listener makes its own endpoint, verifies a test webhook, and takes the endpoint away again."""
    log = installation.directory / "listen.log"
    with log.open("wb") as output:
        listener = subprocess.Popen(
            [sys.executable, "-m", "wirewatch.cli", "listen", "--port", "0"], stdout=output, stderr=output,
            env=installation.env,
        )  # fmt: skip
    wait_for(lambda: "Listening on" in read(log))
    endpoints = [msgspec.json.decode(line) for line in installation.run("endpoints", "list", "--json").splitlines()]
    endpoint = next(one for one in endpoints if one["name"] == "wirewatch listen")
    installation.run("endpoints", "test", endpoint["id"])
    wait_for(lambda: "verified" in read(log))
    listener.send_signal(signal.SIGINT)
    assert listener.wait(timeout=20) == 0
    assert "wirewatch listen" not in installation.run("endpoints", "list")


def test_a_taken_port_is_one_clear_line(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", int(installation.env["WIREWATCH_API_PORT"]))):
        told = installation.run("up", code=1)
    assert "WIREWATCH_API_PORT" in told
    assert "Traceback" not in told
