"""What docker-compose.yml must agree on with the code and with .env.example; `make e2e` runs it for real."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.pipeline import QUEUES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
SECRETS = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "WIREWATCH_SECRET_KEY", "WIREWATCH_BOOTSTRAP_KEY"}


def _env_example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_queue_has_a_worker() -> None:
    commands = [service["command"] for name, service in SERVICES.items() if name.startswith("worker")]
    consumed = [queue for command in commands for queue in command[command.index("--queues") + 1].split(",")]
    assert sorted(consumed) == sorted(QUEUES)


def test_secrets_are_demanded_and_have_no_defaults() -> None:
    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) == SECRETS
    assert not SECRETS & set(re.findall(r"\$\{(\w+):?-", TEXT))


def test_the_example_names_every_variable_and_no_secret() -> None:
    example = _env_example()
    assert {name for name, value in example.items() if not value} - SECRETS == {
        "WIREWATCH_EGRESS_ALLOW",
        "WIREWATCH_RETENTION_DAYS",
    }
    named = set(re.findall(r"\$\{(\w+)", TEXT))
    for service in SERVICES.values():
        named |= {name for name, value in service.get("environment", {}).items() if value is None}
    assert named - example.keys() == {"WIREWATCH_TAG"}
    assert example.keys() <= named


def test_nothing_but_ingest_and_api_is_published() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"ingest", "api"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "logging", "restart"} <= service.keys()
    assert "container_name" not in service  # it would forbid --scale


@pytest.mark.parametrize("name", sorted(name for name in SERVICES if name not in ("migrate", "seed")))
def test_what_keeps_running_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
