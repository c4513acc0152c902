"""The processes of a stack: START HERE. One row each, in the order of their start."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import httpx

from wirewatch.stack import postgres, valkey
from wirewatch.stack.child import ProcessSpec
from wirewatch.stack.datadir import DataDir, StackState

PYTHON = sys.executable
# A worker is one core's work: threads inside of numeric libraries would only fight over the same cores.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the processes of one stack need to know. `state` is None for a server that is not embedded."""

    data: DataDir
    host: str
    api_port: int
    ingest_port: int
    concurrency: int
    postgres_state: StackState | None
    valkey_state: StackState | None
    durable: bool = True
    env: Mapping[str, str] = field(default_factory=dict)


def processes(plan: Plan) -> tuple[ProcessSpec, ...]:
    """The table, as rows of values; servers that the user brings have no row."""
    stories = ("stories", "watches", "alerts")
    rows = (
        *_servers(plan),
        ProcessSpec("migrate", _python("wirewatch.cli", "migrate"), start_group=2, once=True),
        _web("ingest", plan.host, plan.ingest_port, stop_group=1, grace_seconds=1.25),
        _web("api", plan.host, plan.api_port, stop_group=4, grace_seconds=1.5),
        ProcessSpec("poll", _python("ingest.poll"), start_group=3, stop_group=1, grace_seconds=1.0),
        ProcessSpec("relay", _python("worker.relay"), start_group=3, stop_group=2, grace_seconds=0.5),
        _worker("articles", ("articles",), plan.concurrency),
        _worker("stories", stories, 1),
        _worker("deliveries", ("deliveries",), 1),
    )
    return tuple(replace(row, env={**plan.env, **row.env}) for row in rows)


def _servers(plan: Plan) -> tuple[ProcessSpec, ...]:
    rows = []
    if plan.postgres_state is not None:
        row = postgres.server(plan.data, plan.postgres_state, durable=plan.durable)
        rows.append(replace(row, start_group=1, stop_group=6, grace_seconds=1.0))
    if plan.valkey_state is not None:
        row = valkey.server(plan.data, plan.valkey_state)
        rows.append(replace(row, start_group=1, stop_group=5, grace_seconds=0.25))
    return tuple(rows)


def _web(name: str, host: str, port: int, *, stop_group: int, grace_seconds: float) -> ProcessSpec:
    options = ("--host", host, "--port", str(port), "--timeout-graceful-shutdown", "1", "--no-access-log")
    return ProcessSpec(
        name=name,
        command=_python("uvicorn", f"{name}.app:create_app", "--factory", *options),
        start_group=3,
        stop_group=stop_group,
        grace_seconds=grace_seconds,
        ready=lambda: answers(f"http://{reachable(host)}:{port}/readyz"),
    )


def _worker(name: str, queues: tuple[str, ...], concurrency: int) -> ProcessSpec:
    pool = ("--pool", "prefork", "--concurrency", str(concurrency), "--prefetch-multiplier", "1")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
    node = ("--queues", ",".join(queues), "--hostname", f"{name}@%h")
    return ProcessSpec(
        name=f"worker-{name}",
        command=_python("celery", "-A", "worker.app", "worker", *node, *pool, *quiet),
        start_group=3,
        stop_group=3,
        # Running stages end, leases are given back; what is not done by then runs again when its lease is out.
        grace_seconds=4.5,
        env=ONE_THREAD,
    )


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (PYTHON, "-m", module, *arguments)


def reachable(host: str) -> str:
    """The address by which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 (compared)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
