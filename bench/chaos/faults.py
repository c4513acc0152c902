"""The faults, each with the proof that it struck."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import redis

from bench.chaos.ledger_view import Lease, LedgerView
from wirewatch.stack.datadir import DataDir
from wirewatch.stack.supervisor import Supervisor

FIND_SECONDS = 60.0
IDLE_SECONDS = 0.5
# What two workers of the stack do, so that one can take over from the other.
SHARED_WORK = frozenset({"ArticleReceived", "ArticleChecked"})


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault; `struck` says whether it hit what it was meant to (a stage run under way, a running server)."""

    kind: str
    struck: bool
    detail: str


class Faults:
    def __init__(self, ledger: LedgerView, supervisor: Supervisor, data: DataDir, broker_url: str) -> None:
        self._ledger, self._supervisor, self._data, self._broker_url = ledger, supervisor, data, broker_url
        self._random = random.Random(7)

    def plan(self, kills: int, stalls: int, servers: bool) -> Iterator[Callable[[], Strike]]:
        """The faults of a run, in a mixed but fixed order."""
        steps: list[Callable[[], Strike]] = [self.kill_pool if n % 2 else self.kill_worker for n in range(kills)]
        steps += [self.stall] * stalls
        steps += [self.flush_broker] * 2 + [self.empty_broker] * servers + [self.restart_database] * 2 * servers
        self._random.shuffle(steps)
        return iter(steps)

    def kill_pool(self) -> Strike:
        """SIGKILL the pool processes of a worker in the middle of a run; Celery's main process lives on."""
        return self._kill("pool killed", lambda lease: [child.pid for child in _children(lease.main_pid)])

    def kill_worker(self) -> Strike:
        """SIGKILL a whole worker in the middle of a run."""
        return self._kill(
            "worker killed", lambda lease: [lease.main_pid, *(child.pid for child in _children(lease.main_pid))]
        )

    def _kill(self, kind: str, whom: Callable[[Lease], list[int]]) -> Strike:
        lease = self._find_lease()
        if lease is None:
            return Strike(kind, False, "no stage was running")
        for pid in whom(lease):
            _signal(pid, signal.SIGKILL)
        # The killed cannot record any more: what stands under its token now was being worked on at that instant.
        struck = self._ledger.still_held(lease.token)
        return Strike(kind, struck, f"{lease.message_type}, {lease.messages} messages")

    def stall(self) -> Strike:
        """Stop a worker in the middle of a run until its lease is over and others did the work; then let it go on."""
        lease = self._find_lease(SHARED_WORK)
        if lease is None:
            return Strike("worker stalled", False, "no stage was running")
        pids = [child.pid for child in _children(lease.main_pid)]
        for pid in pids:
            _signal(pid, signal.SIGSTOP)
        held = self._ledger.expire(lease.token)
        # Only when others have done its work may the stalled one go on, and find that its own counts no more.
        overtaken = bool(held) and self._wait(lambda: not self._ledger.any_left(held))
        for pid in pids:
            _signal(pid, signal.SIGCONT)
        # It must come to its record before another fault ends it.
        returned = self._wait(lambda: all(_is_idle(pid) for pid in pids))
        return Strike("worker stalled", overtaken and returned, f"{lease.message_type}, {len(held)} messages")

    def _wait(self, reached: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + FIND_SECONDS
        while not reached():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def flush_broker(self) -> Strike:
        with redis.Redis.from_url(self._broker_url, socket_timeout=5) as broker:
            try:
                broker.flushall()
            except redis.RedisError as error:
                return Strike("broker flushed", False, str(error))
        return Strike("broker flushed", True, "FLUSHALL")

    def empty_broker(self) -> Strike:
        """Kill the broker and throw its data away; it comes back empty."""
        pid = self._supervisor.pid("valkey")
        if pid is None:
            return Strike("broker emptied", False, "it was not running")
        _signal(pid, signal.SIGKILL)
        shutil.rmtree(self._data.valkey, ignore_errors=True)
        self._data.valkey.mkdir(mode=0o700, exist_ok=True)
        return Strike("broker emptied", True, "killed, its data removed")

    def restart_database(self) -> Strike:
        pid = self._supervisor.pid("postgres")
        if pid is None:
            return Strike("database restarted", False, "it was not running")
        _signal(pid, signal.SIGINT)
        return Strike("database restarted", True, "fast shutdown; connections were cut")

    def _find_lease(self, only: frozenset[str] | None = None) -> Lease | None:
        """A run under way on this machine, a random one; waits for one to begin."""
        deadline = time.monotonic() + FIND_SECONDS
        while time.monotonic() < deadline:
            leases = [lease for lease in self._ledger.leases() if only is None or lease.message_type in only]
            alive = [lease for lease in leases if psutil.pid_exists(lease.main_pid) and _children(lease.main_pid)]
            if alive:
                return self._random.choice(alive)
            time.sleep(0.002)
        return None


def _children(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _is_idle(pid: int) -> bool:
    """Whether the process, if it still runs, used no processor time for a while."""
    try:
        process = psutil.Process(pid)
        before = process.cpu_times()
        time.sleep(IDLE_SECONDS)
        return bool(process.cpu_times() == before)
    except psutil.NoSuchProcess:
        return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
