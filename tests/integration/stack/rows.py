"""Rows for the table of processes that stand in for services."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from wirewatch.stack.child import ProcessSpec

STAND_IN = Path(__file__).with_name("stand_in.py")


def stand_in(name: str, journal: Path, behaviour: str = "obeys", *, stop_group: int = 0) -> ProcessSpec:
    """A stand-in that counts as ready once it has said so in the journal."""
    return ProcessSpec(
        name=name,
        command=(sys.executable, str(STAND_IN), name, str(journal), behaviour),
        stop_group=stop_group,
        grace_seconds=0.5,
        ready=lambda: f"{name} started" in read(journal),
    )


def read(journal: Path) -> str:
    return journal.read_text() if journal.exists() else ""


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns once the condition holds; fails where it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.05)
