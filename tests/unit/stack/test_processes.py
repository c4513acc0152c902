import signal
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from wirewatch.settings import Settings
from wirewatch.stack.child import ProcessSpec
from wirewatch.stack.datadir import DataDir, StackState
from wirewatch.stack.local import make_plan
from wirewatch.stack.processes import Plan, processes, reachable
from wirewatch.stack.supervisor import LAST_MOMENT_SECONDS, STOP_TIMEOUT_SECONDS

STATE = StackState(5001, "pg-secret", 5002, "vk-secret")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    data = DataDir(tmp_path / "data")
    data.path.mkdir()
    return Plan(data, "127.0.0.1", 8000, 8001, 2, STATE, STATE, env={"WIREWATCH_SETTLE_SECONDS": "7"})


def by_name(plan: Plan) -> dict[str, ProcessSpec]:
    return {spec.name: spec for spec in processes(plan)}


def test_stops_from_the_way_in_to_the_database(plan: Plan) -> None:
    rows = by_name(plan)
    order = ("ingest", "relay", "worker-articles", "api", "valkey", "postgres")
    groups = [rows[name].stop_group for name in order]
    assert all(earlier < later for earlier, later in pairwise(groups))
    assert len({rows[name].stop_group for name in rows if name.startswith("worker-")}) == 1


def test_the_graces_of_all_groups_together_fit_into_the_stop(plan: Plan) -> None:
    graces: dict[int, float] = {}
    for row in processes(plan):
        if not row.once:
            graces[row.stop_group] = max(graces.get(row.stop_group, 0), row.grace_seconds)
    assert sum(graces.values()) + len(graces) * LAST_MOMENT_SECONDS <= 10
    assert sum(graces.values()) <= STOP_TIMEOUT_SECONDS


def test_servers_come_before_migrations_and_these_before_services(plan: Plan) -> None:
    rows = by_name(plan)
    assert rows["postgres"].start_group < rows["migrate"].start_group < rows["api"].start_group
    assert rows["migrate"].once


def test_every_queue_has_a_worker(plan: Plan) -> None:
    consumed = {
        queue
        for row in processes(plan)
        if "--queues" in row.command
        for queue in row.command[row.command.index("--queues") + 1].split(",")
    }
    assert consumed == {"articles", "stories", "watches", "alerts", "deliveries"}


def test_servers_that_the_user_brings_are_not_started(plan: Plan) -> None:
    rows = by_name(replace(plan, postgres_state=None, valkey_state=None))
    assert "postgres" not in rows
    assert "valkey" not in rows


def test_no_secret_is_an_argument(plan: Plan) -> None:
    arguments = " ".join(argument for row in processes(plan) for argument in row.command)
    assert STATE.postgres_password not in arguments
    assert STATE.valkey_password not in arguments


def test_the_plans_environment_reaches_every_process(plan: Plan) -> None:
    assert all(row.env["WIREWATCH_SETTLE_SECONDS"] == "7" for row in processes(plan))
    assert by_name(plan)["worker-articles"].env["OMP_NUM_THREADS"] == "1"


def test_postgres_ends_without_waiting_for_clients(plan: Plan) -> None:
    row = by_name(plan)["postgres"]
    assert (row.stop_signal, row.death_signal) == (signal.SIGINT, signal.SIGQUIT)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("box", "box")],
)
def test_reachable_names_an_address_to_connect_to(host: str, expected: str) -> None:
    assert reachable(host) == expected


def test_a_plan_adds_loopback_to_what_the_user_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_EGRESS_ALLOW", "10.1.0.0/16")
    monkeypatch.setenv("WIREWATCH_BOOTSTRAP_KEY", "ww_given")
    data = DataDir(tmp_path / "data")
    data.open()
    plan = make_plan(Settings(data_dir=data.path, api_port=0, ingest_port=0), data, durable=True)
    assert plan.env["WIREWATCH_EGRESS_ALLOW"] == "10.1.0.0/16,127.0.0.0/8,::1/128"
    assert plan.env["WIREWATCH_BOOTSTRAP_KEY"] == "ww_given"
    assert not data.dev_key.exists()
    assert plan.api_port != plan.ingest_port
    data.close()
