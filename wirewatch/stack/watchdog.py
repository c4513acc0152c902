"""Outlives the supervisor by a moment: when the supervisor is gone, however it went, its children go too.

Run as a script with `python -I -S watchdog.py`. Its standard input is a pipe from the supervisor with one line for each
child, `+GROUP SIGNAL` at its start and `-GROUP` at its end. The end of the pipe is the end of the supervisor: every
group left gets its signal, and after a moment SIGKILL, together with whatever descended from it. It holds the lock of
the data directory (an inherited descriptor) until they are gone.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PATIENCE_SECONDS = 4.0
POLL_SECONDS = 0.05


def main(lines: Iterable[str]) -> None:
    groups: dict[int, int] = {}
    for line in lines:
        group, _, signal_number = line[1:].partition(" ")
        if line.startswith("+"):
            groups[int(group)] = int(signal_number)
        else:
            groups.pop(int(group), None)
    end(groups)


def end(groups: dict[int, int]) -> None:
    """Ends the process groups (id -> signal to begin with) and their descendants; returns when they are gone."""
    # PostgreSQL's backends lead groups of their own, so the family is noted while it is still a family.
    family = descendants(set(groups))
    for group, signal_number in groups.items():
        _signal_group(group, signal_number)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _any_lives(set(groups), family) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for group in groups:
        _signal_group(group, signal.SIGKILL)
    for pid, row in _processes().items():
        if family.get(pid) == row.started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def descendants(roots: set[int]) -> dict[int, str]:
    """Every process below `roots`, with its start time, which tells it from a later one with the same number.

    Empty where there is no /proc: groups are all that is known there.
    """
    processes = _processes()
    found: dict[int, str] = {}
    frontier = roots
    while frontier:
        below = {pid: row.started for pid, row in processes.items() if row.parent in frontier and pid not in found}
        found.update(below)
        frontier = set(below)
    return found


class _Row(NamedTuple):
    state: str
    parent: int
    group: int
    started: str


def _processes() -> dict[int, _Row]:
    found: dict[int, _Row] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        # One that ends while it is read is none any more.
        with contextlib.suppress(OSError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            found[int(entry.name)] = _Row(fields[0], int(fields[1]), int(fields[2]), fields[19])
    return found


def _signal_group(group: int, signal_number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_number)


def _any_lives(groups: set[int], family: dict[int, str]) -> bool:
    """Whether a process of these groups or this family still runs; one that only waits to be reaped does not."""
    processes = _processes()
    if not processes:
        return any(_exists(group) for group in groups)
    return any(
        row.state != "Z" and (row.group in groups or family.get(pid) == row.started) for pid, row in processes.items()
    )


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    main(sys.stdin)
