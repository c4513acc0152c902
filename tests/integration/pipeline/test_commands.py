"""The commands about deliveries, against a real stack, as a new user would try them one after the other."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from tests.integration.delivery.receiver import CountingReceiver, status
from tests.integration.stack.rows import wait_for
from wirewatch.cli import app
from wirewatch.client import Client
from wirewatch.stack.local import LocalStack

WORD = "zqcommand"


@pytest.fixture(autouse=True)
def environment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_API_URL", stack.api_url)
    monkeypatch.setenv("WIREWATCH_INGEST_URL", stack.ingest_url)
    monkeypatch.setenv("WIREWATCH_KEY", stack.key)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def receiver() -> Iterator[CountingReceiver]:
    with CountingReceiver() as running:
        yield running


def call(*arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == exit_code, (arguments, result.output, result.exception)
    return result


def said(*arguments: str, exit_code: int = 0) -> str:
    return call(*arguments, exit_code=exit_code).output


def add(url: str, *options: str) -> tuple[str, str]:
    """-> id and secret of a new endpoint."""
    found = re.search(r"Endpoint (\d+).*\n(whsec_\S+)", said("endpoints", "add", "Desk", url, *options))
    assert found
    return found[1], found[2]


def state_of(delivery_id: str) -> str:
    return str(json.loads(said("deliveries", "show", delivery_id, "--json"))["state"])


def test_an_endpoint_from_its_making_to_its_end(receiver: CountingReceiver) -> None:
    id_, secret = add(receiver.url("/hook"))
    assert "answered 200" in said("endpoints", "test", id_)
    receiver.plans["/hook"] = [status(500)]
    assert "answered 500" in said("endpoints", "test", id_, exit_code=1)
    rotated = re.search(r"whsec_\S+", said("endpoints", "rotate-secret", id_))
    assert rotated
    assert rotated[0] != secret
    assert secret not in said("endpoints", "list")
    said("endpoints", "disable", id_)
    assert "disabled" in said("endpoints", "test", id_, exit_code=1)
    said("endpoints", "enable", id_)
    assert "answered 200" in said("endpoints", "test", id_)
    said("endpoints", "rm", id_)
    assert "no endpoint" in said("endpoints", "rm", id_, exit_code=1)
    for url, told in (("http://10.0.0.1/", "not public"), ("nonsense", "neither an http(s) address")):
        assert told in said("endpoints", "add", "Desk", url, exit_code=1)


def test_deliveries_are_shown_and_sent_again(receiver: CountingReceiver) -> None:
    id_, _ = add(receiver.url("/again"))
    said("endpoints", "test", id_)
    (told,) = [json.loads(line) for line in said("deliveries", "list", "--endpoint", id_, "--json").splitlines()]
    assert told["state"] == "sent"
    shown = said("deliveries", "show", told["id"])
    assert told["webhook_id"] in shown
    assert "200" in shown
    said("deliveries", "replay", told["id"])
    wait_for(lambda: len(receiver.at("/again")) == 2 and state_of(told["id"]) == "sent")
    assert "Due again: 1 delivery." in said("deliveries", "replay", "--endpoint", id_, "--state", "sent")
    wait_for(lambda: len(receiver.at("/again")) == 3)
    assert len({(arrival.id, arrival.body) for arrival in receiver.at("/again")}) == 1
    assert "--endpoint" in said("deliveries", "replay", exit_code=2)
    assert "pending" in said("deliveries", "list", "--state", "nonsense", exit_code=1)
    said("endpoints", "rm", id_)


def test_templates_and_alerts_as_files(stack: LocalStack, receiver: CountingReceiver, tmp_path: Path) -> None:
    id_, _ = add(receiver.url("/template"), "--thin")
    word = f"{WORD}{uuid4().hex[:8]}"
    body = tmp_path / "body.txt"
    body.write_text("{{ alerts[0].watch_name }}!")
    with Client(stack.api_url, stack.ingest_url, stack.key) as client:
        watch = client.post("/v1/watches", {"name": "Words", "query": word, "endpoint_ids": [id_]})
        client.post_articles([{"external_id": word, "text": f"The {word} was seen in the harbour on Monday."}])
        wait_for(lambda: bool(receiver.at("/template")), seconds=60)
    delivery = json.loads(said("deliveries", "list", "--endpoint", id_, "--json"))
    preview = said("templates", "preview", "--title", "T", "--body", str(body), "--delivery", delivery["id"])
    assert preview.split() == ["T", "Words!"]
    assert "/template/title" in said("templates", "preview", "--title", "{{", "--body", str(body), exit_code=1)
    said("templates", "set", watch["id"], "--title", "T", "--body", str(body))
    assert "alerts[0].watch_name" in said("templates", "show", watch["id"])
    said("templates", "rm", watch["id"])
    said("templates", "show", watch["id"], exit_code=1)
    (line,) = said("alert", "export", "--watch", watch["id"]).splitlines()
    assert json.loads(line)["watch_name"] == "Words"
    (row,) = csv.DictReader(io.StringIO(said("alert", "export", "--watch", watch["id"], "--format", "csv")))
    assert row["watch_name"] == "Words"
    said("endpoints", "rm", id_)
    said("watch", "rm", watch["id"])


def test_listen_answers_as_it_is_told(stack: LocalStack) -> None:
    command = [sys.executable, "-m", "wirewatch.cli", "listen", "--port", "0", "--status", "503", "--retry-after", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listening:
        try:
            assert listening.stdout
            assert "Listening on" in listening.stdout.readline()
            with Client(stack.api_url, stack.ingest_url, stack.key) as client:
                (mine,) = [one["id"] for one in client.items("/v1/endpoints") if one["name"] == "wirewatch listen"]
            assert "answered 503" in said("endpoints", "test", mine, exit_code=1)
            assert "verified" in listening.stdout.readline()
        finally:
            listening.terminate()
    with Client(stack.api_url, stack.ingest_url, stack.key) as client:
        assert mine not in [one["id"] for one in client.items("/v1/endpoints")]
