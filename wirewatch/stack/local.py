"""One whole local stack: from settings to running processes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from wirewatch.settings import Settings
from wirewatch.stack import postgres, preflight, valkey
from wirewatch.stack.child import ProcessSpec
from wirewatch.stack.datadir import DataDir, StackState, broker_url, database_url, usable_ports
from wirewatch.stack.processes import Plan, processes, reachable
from wirewatch.stack.servers import prepare
from wirewatch.stack.supervisor import Report, Supervisor, stopped_by_signals, supervised

ChangeRows = Callable[[Sequence[ProcessSpec]], Iterable[ProcessSpec]]

LOOPBACK = "127.0.0.0/8,::1/128"


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A running stack. `first_run` is true until its data directory has been marked as seeded."""

    supervisor: Supervisor
    data: DataDir
    api_url: str
    ingest_url: str
    key: str
    database_url: str
    broker_url: str

    @property
    def first_run(self) -> bool:
        return not self.data.seeded.exists()

    def mark_seeded(self) -> None:
        self.data.seeded.touch()

    @classmethod
    def of(cls, supervisor: Supervisor, plan: Plan) -> Self:
        host = reachable(plan.host)
        api, ingest = f"http://{host}:{plan.api_port}", f"http://{host}:{plan.ingest_port}"
        env = plan.env
        return cls(
            supervisor,
            plan.data,
            api,
            ingest,
            key=env["WIREWATCH_BOOTSTRAP_KEY"],
            database_url=env["WIREWATCH_DATABASE_URL"],
            broker_url=env["WIREWATCH_BROKER_URL"],
        )


@contextmanager
def local_stack(
    settings: Settings, report: Report, *, durable: bool = True, rows: ChangeRows = tuple
) -> Iterator[LocalStack]:
    """Starts everything and stops it at the end of the block. Raises StartError, StoppedError.

    `rows` may change the table of processes before they start (a measurement that wants another worker).
    """
    preflight.check_model(settings.model)
    data = DataDir(settings.data_dir)
    data.open()
    try:
        plan = make_plan(settings, data, durable=durable)
        with supervised(data, report) as supervisor, stopped_by_signals(supervisor):
            if plan.postgres_state is not None:
                prepare(supervisor, data, plan.postgres_state)
            supervisor.start(rows(processes(plan)))
            yield LocalStack.of(supervisor, plan)
    finally:
        data.close()


def make_plan(settings: Settings, data: DataDir, *, durable: bool) -> Plan:
    """Checks the machine, and decides ports, secrets and the environment of the children."""
    preflight.check_disk(data.path)
    free_ports = usable_ports(0, 0)
    api_port, ingest_port = settings.api_port or free_ports[0], settings.ingest_port or free_ports[1]
    preflight.check_port(settings.host, api_port, "WIREWATCH_API_PORT")
    preflight.check_port(settings.host, ingest_port, "WIREWATCH_INGEST_PORT")
    embeds_postgres, embeds_valkey = settings.database_url is None, settings.broker_url is None
    if embeds_postgres:
        postgres.programs()
    if embeds_valkey:
        valkey.program()
    state = data.get_or_make_state()
    ports = {"WIREWATCH_API_PORT": str(api_port), "WIREWATCH_INGEST_PORT": str(ingest_port)}
    return Plan(
        data=data,
        host=settings.host,
        api_port=api_port,
        ingest_port=ingest_port,
        concurrency=settings.worker_concurrency,
        postgres_state=state if embeds_postgres else None,
        valkey_state=state if embeds_valkey else None,
        durable=durable,
        env=ports | child_env(settings, data, state),
    )


def child_env(settings: Settings, data: DataDir, state: StackState) -> dict[str, str]:
    """What every child is told; the rest of the environment reaches it unchanged."""
    bootstrap, secret = settings.bootstrap_key, settings.secret_key
    return {
        "PYTHONUNBUFFERED": "1",
        "WIREWATCH_DATA_DIR": str(data.path),
        "WIREWATCH_HOST": settings.host,
        "WIREWATCH_DATABASE_URL": settings.database_url or database_url(state),
        "WIREWATCH_BROKER_URL": settings.broker_url or broker_url(state),
        "WIREWATCH_BOOTSTRAP_KEY": bootstrap.get_secret_value() if bootstrap else data.get_or_make_dev_key(),
        "WIREWATCH_SECRET_KEY": secret.get_secret_value() if secret else data.get_or_make_secret_key(),
        "WIREWATCH_EGRESS_ALLOW": ",".join(filter(None, (*map(str, settings.egress_allow), LOOPBACK))),
        "WIREWATCH_SETTLE_SECONDS": str(settings.settle_seconds),
    }
