"""Starts the processes of a stack in order, starts a crashed one again, and stops them in order."""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from itertools import groupby
from types import FrameType
from typing import TypeVar

from wirewatch.errors import StartError
from wirewatch.stack.child import Child, ProcessSpec, Watchdog, last_lines
from wirewatch.stack.datadir import DataDir

T = TypeVar("T")
Report = Callable[[str], None]

START_TIMEOUT_SECONDS = 120.0
STOP_TIMEOUT_SECONDS = 9.0
LAST_MOMENT_SECONDS = 0.15
READY_POLL_SECONDS = 0.05
TICK_SECONDS = 0.2
FIRST_RESTART_SECONDS = 0.5
LONGEST_RESTART_SECONDS = 30.0
# Who has run this long was well: the next crash counts as the first.
WELL_AFTER_SECONDS = 60.0


class StoppedError(Exception):
    """The user, or a signal, asked the stack to stop."""


class ChildFailedError(StartError):
    """A process ended, or was not ready in time, while the stack started. `log` is the end of what it wrote."""

    def __init__(self, message: str, log: str) -> None:
        self.log = log
        super().__init__(message)


def restart_delay_seconds(crashes: int) -> float:
    """How long to wait before a process that has crashed `crashes` times in a row is started again."""
    return min(LONGEST_RESTART_SECONDS, FIRST_RESTART_SECONDS * 2.0 ** (min(crashes, 16) - 1))


class Supervisor:
    """The children of one stack. Every method belongs to the thread that made it (children die with that thread)."""

    def __init__(self, data: DataDir, report: Report) -> None:
        self._data, self._report = data, report
        self._watchdog = Watchdog(data)
        self._children: dict[str, Child] = {}
        self._specs: dict[str, ProcessSpec] = {}
        self._crashes: dict[str, int] = {}
        self._restart_at: dict[str, float] = {}
        self._stop_asked = 0

    def ask_to_stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """May be called from a signal; asked twice, nobody is given time any more."""
        self._stop_asked += 1

    def start(self, specs: Iterable[ProcessSpec]) -> None:
        """Starts group by group, each when the one before is ready. Raises ChildFailedError or StoppedError."""
        for _, group in groupby(sorted(specs, key=lambda spec: spec.start_group), key=lambda spec: spec.start_group):
            members = tuple(group)
            for spec in members:
                self._specs[spec.name] = spec
                self._children[spec.name] = Child(spec, self._data, self._watchdog)
            for spec in members:
                self._wait_until_ready(spec)

    def _wait_until_ready(self, spec: ProcessSpec) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._is_ready(spec):
            if self._stop_asked:
                raise StoppedError
            if time.monotonic() > deadline:
                raise self._failed(spec, f"was not ready within {START_TIMEOUT_SECONDS:.0f} seconds")
            time.sleep(READY_POLL_SECONDS)
        if spec.once:
            del self._children[spec.name], self._specs[spec.name]

    def _is_ready(self, spec: ProcessSpec) -> bool:
        code = self._children[spec.name].exit_code()
        if spec.once:
            if code:
                raise self._failed(spec, ending(code))
            return code == 0
        if code is not None:
            raise self._failed(spec, ending(code))
        return spec.ready is None or spec.ready()

    def _failed(self, spec: ProcessSpec, how: str) -> ChildFailedError:
        log = self._data.log(spec.name)
        lines = last_lines(log)
        if "No space left on device" in lines:
            how = f"{how}: the disk of {self._data.path} is full"
        return ChildFailedError(f"{spec.name} did not start: it {how} (log: {log})", lines)

    def pid(self, name: str) -> int | None:
        """The process id of a child that runs now."""
        child = self._children.get(name)
        return child.pid if child else None

    def tick(self) -> None:
        """Looks once at every child: takes note of crashes and starts again whose time has come."""
        now = time.monotonic()
        for name, child in tuple(self._children.items()):
            code = child.exit_code()
            if code is None:
                continue
            del self._children[name]
            well = now - child.started_at >= WELL_AFTER_SECONDS
            crashes = self._crashes[name] = 1 if well else self._crashes.get(name, 0) + 1
            delay = restart_delay_seconds(crashes)
            self._restart_at[name] = now + delay
            self._report(f"{name} {ending(code)}; starting it again in {delay:g} s (log: {self._data.log(name)})")
        for name in [name for name, at in self._restart_at.items() if at <= now]:
            del self._restart_at[name]
            self._children[name] = Child(self._specs[name], self._data, self._watchdog)

    def run(self, task: Callable[[], T]) -> T:
        """Watches over the children while `task` runs on a thread of its own; gives what it returns or raises.

        Raises StoppedError as soon as a stop is asked for; the thread is then left to end with the process.
        """
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(task())
            except BaseException as error:  # noqa: BLE001 (raised again on the other thread)
                future.set_exception(error)

        threading.Thread(target=work, name="task", daemon=True).start()
        while not self._stop_asked:
            self.tick()
            if wait((future,), timeout=TICK_SECONDS).done:
                return future.result()
        raise StoppedError

    def stop(self) -> None:
        """Ends all children, one stop group after the other, within STOP_TIMEOUT_SECONDS together."""
        asked_before = self._stop_asked
        deadline = now = time.monotonic()
        last = now + STOP_TIMEOUT_SECONDS
        children = sorted(self._children.values(), key=lambda child: child.spec.stop_group)
        for _, group in groupby(children, key=lambda child: child.spec.stop_group):
            members = tuple(group)
            # What one group does not need of its time is left to the next.
            deadline = min(last, deadline + max(child.spec.grace_seconds for child in members))
            for child in members:
                child.signal(child.spec.stop_signal)
            while any(child.exit_code() is None for child in members):
                if time.monotonic() >= deadline or self._stop_asked > max(1, asked_before):
                    break
                time.sleep(READY_POLL_SECONDS)
            _end_now([child for child in members if child.exit_code() is None])
        self._children.clear()
        self._watchdog.close()


def _end_now(children: list[Child]) -> None:
    """For those that did not end in their time: the death signal, a moment, then SIGKILL for the whole group."""
    for child in children:
        child.signal(child.spec.death_signal)
    deadline = time.monotonic() + LAST_MOMENT_SECONDS
    for child in children:
        if not child.ends_by(deadline):
            child.signal_group(signal.SIGKILL)
            child.ends_by(time.monotonic() + LAST_MOMENT_SECONDS)


def ending(code: int) -> str:
    """An exit code in words: `ended with exit code 3`, `was killed by SIGKILL`."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


@contextmanager
def supervised(data: DataDir, report: Report) -> Iterator[Supervisor]:
    """A supervisor that stops its children at the end of the block."""
    supervisor = Supervisor(data, report)
    try:
        yield supervisor
    except ChildFailedError as error:
        if error.log:
            report(error.log)
        raise
    finally:
        supervisor.stop()


@contextmanager
def stopped_by_signals(supervisor: Supervisor) -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP ask the supervisor to stop, instead of ending the process where it stands."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    previous = {number: signal.signal(number, supervisor.ask_to_stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
