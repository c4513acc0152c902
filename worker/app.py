"""The Celery application: one task per stage, routed as the pipeline says. The ledger does the rest (worker/ledger)."""

import gc
import importlib
import os
import socket
import threading
from collections.abc import Collection
from dataclasses import replace
from functools import cache, partial
from typing import Any

import structlog
from celery import Celery, signals
from kombu import Exchange, Queue  # type: ignore[attr-defined]

from wirewatch import log as logs
from wirewatch.clock import system_clock
from wirewatch.db import Database, DatabaseUnavailableError
from wirewatch.errors import StartError
from wirewatch.outbox import WORK_CHANNEL
from wirewatch.settings import Settings
from wirewatch.store import messages
from worker import ledger, memory
from worker.aside import Aside, LetGo
from worker.catalogue import Catalogue
from worker.health import beat_while_able
from worker.pipeline import PIPELINE, QUEUES, STAGES, own_stages
from worker.stage import Context, Outgoing, Stage

log = structlog.get_logger()

# A stopping worker lets running stages end for this long; what still runs then is given back to the ledger.
SOFT_SHUTDOWN_SECONDS = 4.0
GIVE_BACK_SECONDS = 3.0
BROKER_TIMEOUT_SECONDS = 5
# A pool process loads the model before it reports for work. Celery's own 4 s, on a busy machine, killed it each time
# it had almost loaded, for ever (measured).
LOADING_SECONDS = 180.0
# Its stages read texts with large libraries, each imported only where reading begins.
READING_QUEUE = "articles"
MATCHING_QUEUE = "watches"
READING_MODULES = ("worker.extraction", "datasketch")


def make_app(broker_url: str | None) -> Celery:
    app = Celery("wirewatch", broker=broker_url)
    # The nameless exchange routes by queue name alone. A named one keeps its bindings in Redis, where a flush loses
    # them, and from then on kombu drops what is published without an error (measured: the flow stood still).
    nameless = Exchange("", type="direct")
    app.conf.update(
        task_queues=[Queue(queue, nameless, routing_key=queue) for queue in QUEUES],
        task_default_queue=QUEUES[0],
        task_default_exchange="",
        task_default_exchange_type="direct",
        task_default_routing_key=QUEUES[0],
        task_routes={stage.task: {"queue": stage.queue} for stage in PIPELINE},
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_soft_shutdown_timeout=SOFT_SHUTDOWN_SECONDS,
        worker_proc_alive_timeout=LOADING_SECONDS,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": BROKER_TIMEOUT_SECONDS,
            "socket_connect_timeout": BROKER_TIMEOUT_SECONDS,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "retry_on_timeout": True,
        },
    )
    for stage in PIPELINE:
        app.task(
            name=stage.task,
            time_limit=stage.time_limit_seconds,
            max_retries=0,
            Request="worker.request:BrokerRequest",
        )(_task(stage.name))
    return app


def _task(stage_name: str) -> Any:
    def run(ids: list[int]) -> None:
        process = get_process()
        process.run(stage_name, ids)

    run.__name__ = stage_name
    return run


class Process:
    """What one pool process holds: opened after the fork, shared by all the stages it runs."""

    def __init__(self, settings: Settings, holder: str, queues: Collection[str]) -> None:
        if settings.database_url is None:
            raise SystemExit("WIREWATCH_DATABASE_URL is not set: a worker needs the address of PostgreSQL")
        self.holder = holder
        self.own = own_stages(queues)
        self.aside = Aside()
        self.context = Context(
            # Records are lost or kept whole; the ledger waits for the disk where more than the database sees an effect.
            database=Database(
                settings.database_url, pool_size=2, waits_for_disk=False, asks_first=False, scans_tables=False
            ),
            catalogue=_catalogue(),
            clock=system_clock,
            outgoing=Outgoing.from_settings(settings),
        )

    def run(self, stage_name: str, ids: list[int]) -> None:
        stage = STAGES[stage_name]
        if stage.patience_seconds is None:
            self._run(stage, ids, self.context)
        else:
            # The lease holds the work, not the task: a slow endpoint keeps neither the task nor the process.
            self.aside.run(partial(self._run_aside, stage, ids), stage.patience_seconds)

    def _run_aside(self, stage: Stage, ids: list[int], let_go: LetGo) -> None:
        self._run(stage, ids, replace(self.context, let_go=let_go))

    def _run(self, stage: Stage, ids: list[int], context: Context) -> None:
        done = ledger.run(stage, ids, context, self.holder, self.own)
        memory.collect_after_run()
        log.debug("stage run", stage=stage.name, published=len(ids), done=done)


# What the main process tells its pool processes, which inherit its environment.
MAIN_PID, MAIN_QUEUES = "WIREWATCH_WORKER_PID", "WIREWATCH_WORKER_QUEUES"


@cache
def get_process() -> Process:
    """Made at the first call in each pool process, never before the fork: it holds connections."""
    return Process(Settings(), holder_name(), served_queues())


def served_queues() -> list[str]:
    """Those that the worker takes tasks from."""
    return os.environ.get(MAIN_QUEUES, "").split(",")


@cache
def _catalogue() -> Catalogue:
    """Made before the fork where watches are matched, so that pool processes share its memory."""
    settings = Settings()
    return Catalogue(settings.model, settings.other_models)


def worker_name() -> str:
    """The worker's process tree: the pool processes are children of the main one, which gives their leases back."""
    return f"{socket.gethostname()}:{os.environ.get(MAIN_PID, os.getpid())}:"


def holder_name() -> str:
    """The pool process within its worker."""
    return f"{worker_name()}{os.getpid()}"


@signals.celeryd_after_setup.connect
def _refuse_unusable_settings(**_: object) -> None:
    """Otherwise the main process would run on, seemingly well, with pool processes that can do nothing."""
    try:
        Outgoing.from_settings(Settings())
    except StartError as error:
        raise SystemExit(str(error)) from None


@signals.celeryd_after_setup.connect
def _tell_pool_processes(instance: Any, **_: object) -> None:
    os.environ[MAIN_PID] = str(os.getpid())
    queues = instance.app.amqp.queues.consume_from
    os.environ[MAIN_QUEUES] = ",".join(queues)
    if READING_QUEUE in queues:
        # Once, before the fork: the pool processes share the memory.
        for module in READING_MODULES:
            importlib.import_module(module)
    if MATCHING_QUEUE in queues:
        _load_before_fork()


def _load_before_fork() -> None:
    """Names and watches; each pool process then keeps its own up to date. No connection outlives this."""
    settings = Settings()
    if settings.database_url is None:
        return
    database = Database(settings.database_url, pool_size=1)
    try:
        _catalogue().load(database)
    except DatabaseUnavailableError as outage:
        log.warning("database away before the fork", error=str(outage))
    finally:
        database.close()
    # What is frozen is not touched by the collector, and so not copied.
    gc.freeze()


@signals.setup_logging.connect
def _set_up_logging(**_: object) -> None:
    logs.configure("worker", Settings().log_level)


@signals.worker_process_init.connect
def _open_process(**_: object) -> None:
    """Load what the first message would otherwise wait for."""
    process = get_process()
    try:
        _end_leases_of_the_dead(process.context.database)
        if READING_QUEUE in served_queues():
            process.context.catalogue.preload(process.context.database)
    except DatabaseUnavailableError as outage:
        log.warning("database away at start", error=str(outage))
    memory.settle()


@signals.worker_process_shutdown.connect
def _let_runs_end(**_: object) -> None:
    """Tries under way end and are recorded; what takes longer is given back and sent again under its id."""
    if get_process.cache_info().currsize:
        get_process().aside.wait(GIVE_BACK_SECONDS)


def _end_leases_of_the_dead(database: Database) -> None:
    """The work of a pool process that was killed on this machine need not wait for its lease to run out."""
    with database.transaction() as tx:
        holders = messages.find_holders(tx, f"{socket.gethostname()}:")
        ended = messages.end_leases(tx, [holder for holder in holders if not _is_alive(holder)])
        messages.notify(tx, WORK_CHANNEL)
    if ended:
        log.info("leases of the dead ended", messages=ended)


def _is_alive(holder: str) -> bool:
    try:
        os.kill(int(holder.rpartition(":")[2]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@signals.worker_shutting_down.connect
def _give_leases_back_soon(**_: object) -> None:
    """Stages that end in time record; then the leases go back, while whoever stops us still waits."""
    timer = threading.Timer(GIVE_BACK_SECONDS, _give_leases_back)
    timer.daemon = True
    timer.start()


@signals.worker_shutdown.connect
def _give_leases_back(**_: object) -> None:
    settings = Settings()
    if settings.database_url is None:
        return
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.transaction() as tx:
            released = messages.release_worker(tx, worker_name())
            messages.notify(tx, WORK_CHANNEL)
        log.info("worker stops", leases_given_back=released)
    except DatabaseUnavailableError as outage:
        log.warning("leases left to run out", error=str(outage))
    finally:
        database.close()


settings = Settings()
app = make_app(settings.broker_url)
beat_while_able(app, settings.heartbeat_path, settings.database_url)
