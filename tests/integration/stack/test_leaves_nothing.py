"""A whole stack as its own program, with real servers: however it ends, nothing stays behind."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.integration.stack.processes import is_alive, name_of, processes_of, words_of
from tests.integration.stack.rows import read, wait_for
from wirewatch.stack.datadir import DataDir

ROOT = Path(__file__).parents[3]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = ["-m", "tests.integration.stack.run_stack", str(tmp_path / "data"), str(tmp_path / "journal")]
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line == "ready\n":
            break
    yield process
    process.kill()
    process.wait()


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Everything below the supervisor: servers, their backends, stand-ins, a pool, the watchdog."""
    found: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    names = [name_of(member) for member in found]
    assert sum("postgres" in name for name in names) > 4
    assert any("valkey" in name for name in names)
    return found


def live(members: list[psutil.Process]) -> list[psutil.Process]:
    return [member for member in members if is_alive(member)]


def test_kill_9_of_the_supervisor_takes_everything_along(stack: subprocess.Popen[str], tmp_path: Path) -> None:
    members = family(stack)
    assert any("watchdog.py" in " ".join(words_of(member)) for member in members)
    stack.kill()
    wait_for(lambda: not live(members), 8)
    assert processes_of(tmp_path) == []


def test_kill_9_of_the_whole_group_and_then_a_new_start(stack: subprocess.Popen[str], tmp_path: Path) -> None:
    os.killpg(stack.pid, signal.SIGKILL)
    data = DataDir(tmp_path / "data")
    # Waits until the old stack is gone: its watchdog holds the lock as long as one of its children lives.
    data.open()
    assert [process for process in processes_of(tmp_path) if process.pid != os.getpid()] == []
    data.close()


def test_the_lock_is_held_while_the_stack_runs(stack: subprocess.Popen[str], tmp_path: Path) -> None:
    with (tmp_path / "data" / "lock").open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_everything_in_time(stack: subprocess.Popen[str], tmp_path: Path, number: signal.Signals) -> None:
    members = family(stack)
    began = time.monotonic()
    # As a terminal does: to the whole foreground group. The children lead sessions of their own.
    os.killpg(stack.pid, number)
    assert stack.wait(timeout=10) == 0
    assert time.monotonic() - began < 10
    assert live(members) == []
    assert "plain stopped" in read(tmp_path / "journal")


def test_without_its_watchdog_the_children_still_die_with_the_supervisor(
    stack: subprocess.Popen[str], tmp_path: Path
) -> None:
    members = family(stack)
    watchdog = next(member for member in members if "watchdog.py" in " ".join(words_of(member)))
    # What only a watchdog can reach is the pool of a process that died.
    orphan = int(next(line for line in read(tmp_path / "journal").splitlines() if "child" in line).split()[2])
    watchdog.kill()
    stack.kill()
    wait_for(lambda: {member.pid for member in live(members)} <= {orphan}, 8)
    os.kill(orphan, signal.SIGKILL)
