"""One process of the stack: what it is, and how it is started, watched and ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wirewatch.stack.datadir import DataDir

POLL_SECONDS = 0.02
LAUNCH = Path(__file__).with_name("launch.py")
WATCHDOG = Path(__file__).with_name("watchdog.py")


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A row of the table of processes (wirewatch/stack/processes.py).

    Processes of one `start_group` start together, the next group when all of them are `ready`; `once` must end by
    itself before the next group. `stop_group`s end one after the other, each within `grace_seconds`.
    `death_signal` is what it gets when the supervisor is gone. `user` is whom to become (None: stay).
    """

    name: str
    command: tuple[str, ...]
    start_group: int = 0
    stop_group: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 2.0
    death_signal: signal.Signals = signal.SIGKILL
    user: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    once: bool = False


class Watchdog:
    """The process that ends all children when this one is gone; it shares the lock of the data directory."""

    def __init__(self, data: DataDir) -> None:
        assert data.lock_fd is not None
        self._process = subprocess.Popen(  # noqa: S603 (our own script)
            [sys.executable, "-I", "-S", str(WATCHDOG)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(data.lock_fd,),
            text=True,
        )

    def guard(self, group: int, death_signal: int) -> None:
        self._tell(f"+{group} {int(death_signal)}\n")

    def release(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        # Without its watchdog a stack still runs and still stops in order.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def close(self) -> None:
        """Ends it, and with it every child that is still guarded."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()


class Child:
    """A running process; make and end it on the thread that lives longest, since it dies with the one that made it."""

    def __init__(self, spec: ProcessSpec, data: DataDir, watchdog: Watchdog) -> None:
        self.spec = spec
        self.started_at = time.monotonic()
        self._watchdog = watchdog
        data.rotate_log(spec.name)
        launch = [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), str(int(spec.death_signal))]
        with data.log(spec.name).open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (the table of processes is ours)
                [*launch, spec.user or "-", *spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **spec.env},
                cwd=data.path,
                start_new_session=True,
            )
        watchdog.guard(self.pid, spec.death_signal)

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs. Once it has ended, what it left in its process group is ended too."""
        code = self._process.poll()
        if code is not None:
            self.signal_group(signal.SIGKILL)
            self._watchdog.release(self.pid)
        return code

    def signal(self, number: int) -> None:
        """Only the process itself: a Celery parent ends its pool in order, a group-wide signal would not."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def ends_by(self, deadline: float) -> bool:
        """Waits for its end until `deadline` (monotonic seconds); whether it came."""
        while self.exit_code() is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for a message about why its process failed."""
    try:
        with log.open(errors="replace") as file:
            return "".join(deque(file, maxlen=count)).rstrip()
    except OSError:
        return ""
