"""The supervisor with stand-ins for services."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.integration.stack.processes import processes_of
from tests.integration.stack.rows import read, stand_in, wait_for
from wirewatch.stack.datadir import DataDir
from wirewatch.stack.supervisor import ChildFailedError, StoppedError, Supervisor, stopped_by_signals, supervised


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataDir]:
    made = DataDir(tmp_path / "data")
    made.open()
    yield made
    made.close()
    assert processes_of(made.path) == []


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def events(journal: Path, what: str) -> list[str]:
    return [line.split()[0] for line in read(journal).splitlines() if line.split()[1] == what]


def test_stops_group_after_group(data: DataDir, journal: Path) -> None:
    names = ("db", "api", "worker", "ingest")
    rows = [stand_in(name, journal, stop_group=4 - place) for place, name in enumerate(names)]
    with supervised(data, print) as supervisor:
        supervisor.start(rows)
    assert events(journal, "stopped") == ["ingest", "worker", "api", "db"]


def test_one_that_does_not_stop_is_killed_in_its_time(data: DataDir, journal: Path) -> None:
    with supervised(data, print) as supervisor:
        supervisor.start((stand_in("deaf", journal, "stubborn"), stand_in("last", journal, stop_group=1)))
        began = time.monotonic()
    assert time.monotonic() - began < 2.5
    assert events(journal, "stopped") == ["deaf", "last"]


def test_the_pool_of_a_stopped_process_goes_too(data: DataDir, journal: Path) -> None:
    with supervised(data, print) as supervisor:
        supervisor.start((stand_in("pool", journal, "family"),))
        child = int(read(journal).split()[2])
        assert psutil.pid_exists(child)
    wait_for(lambda: not psutil.pid_exists(child), 2)


def test_a_crashed_process_is_started_again_after_a_wait(data: DataDir, journal: Path) -> None:
    told: list[str] = []
    with supervised(data, told.append) as supervisor:
        supervisor.start((stand_in("plain", journal),))
        first = int(read(journal).split()[2])
        os.kill(first, signal.SIGKILL)
        began = time.monotonic()
        supervisor.run(lambda: wait_for(lambda: len(events(journal, "started")) == 2))
        assert time.monotonic() - began >= 0.4
    assert len(told) == 1
    assert told[0].startswith("plain was killed by SIGKILL; starting it again in 0.5 s")


def test_one_that_crashes_again_and_again_waits_longer(data: DataDir, journal: Path) -> None:
    told: list[str] = []
    with supervised(data, told.append) as supervisor:
        supervisor.start((stand_in("flaky", journal, "crashes"),))
        supervisor.run(lambda: wait_for(lambda: len(told) == 3))
    assert ["in 0.5 s" in told[0], "in 1 s" in told[1], "in 2 s" in told[2]] == [True] * 3


def test_a_failed_start_shows_the_end_of_the_log_and_stops_the_rest(data: DataDir, journal: Path) -> None:
    told: list[str] = []
    with (
        pytest.raises(
            ChildFailedError, match=r"broken did not start: it ended with exit code 1 \(log: .*broken\.log\)"
        ),
        supervised(data, told.append) as supervisor,
    ):
        supervisor.start((stand_in("plain", journal), stand_in("broken", journal / "nowhere")))
    assert "NotADirectoryError" in told[0] or "FileNotFoundError" in told[0]
    assert events(journal, "stopped") == ["plain"]


def test_a_program_that_is_missing_is_named(data: DataDir, journal: Path) -> None:
    told: list[str] = []
    with pytest.raises(ChildFailedError), supervised(data, told.append) as supervisor:
        supervisor.start((replace(stand_in("gone", journal), command=("/no/such/program",)),))
    assert "cannot start /no/such/program" in told[0]


def test_what_a_task_returns_or_raises_comes_back(data: DataDir) -> None:
    with supervised(data, print) as supervisor:
        assert supervisor.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            supervisor.run(lambda: 1 // 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_to_stop(data: DataDir, journal: Path, number: signal.Signals) -> None:
    with supervised(data, print) as supervisor, stopped_by_signals(supervisor):
        supervisor.start((stand_in("plain", journal),))
        threading.Timer(0.2, os.kill, (os.getpid(), number)).start()
        with pytest.raises(StoppedError):
            supervisor.run(threading.Event().wait)
    assert events(journal, "stopped") == ["plain"]


def test_a_stop_during_the_start_ends_it(data: DataDir, journal: Path) -> None:
    def never(supervisor: Supervisor) -> bool:
        supervisor.ask_to_stop()
        return False

    with pytest.raises(StoppedError), supervised(data, print) as supervisor:
        supervisor.start((replace(stand_in("slow", journal), ready=lambda: never(supervisor)),))
