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
    while any(_lives(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for group in groups:
        _signal_group(group, signal.SIGKILL)
    for pid, started in family.items():
        if _started_at(pid) == started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def descendants(roots: set[int]) -> dict[int, str]:
    """Every process below `roots`, with its start time, which tells it from a later one with the same number.

    Empty where there is no /proc: groups are all that is known there.
    """
    parents = {int(entry.name): _stat(entry) for entry in Path("/proc").glob("[0-9]*")}
    found: dict[int, str] = {}
    frontier = roots
    while frontier:
        below = {pid: stat[1] for pid, stat in parents.items() if stat and stat[0] in frontier and pid not in found}
        found.update(below)
        frontier = set(below)
    return found


def _stat(entry: Path) -> tuple[int, str] | None:
    """The parent and the start time of one process."""
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), fields[19]


def _started_at(pid: int) -> str | None:
    stat = _stat(Path("/proc") / str(pid))
    return stat[1] if stat else None


def _signal_group(group: int, signal_number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_number)


def _lives(group: int) -> bool:
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
