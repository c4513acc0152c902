"""A file touched by a process each time it proves able to work: what tells the health of one that listens on no port.

`python -m wirewatch.heartbeat PATH` ends with 0 while that file is fresh.
"""

import sys
import time
from pathlib import Path

# Several beats of every process that beats, so that one late beat raises no alarm.
MAX_AGE_SECONDS = 20.0


def beat(path: Path | None) -> None:
    """Notes that the process can do its work; None: nobody asks."""
    if path is not None:
        path.touch()


def find_fault(path: Path, now: float) -> str | None:
    """Why the process that beats on `path` is not well at `now` (Unix time); None if it is."""
    try:
        age = now - path.stat().st_mtime
    except FileNotFoundError:
        return "no heartbeat yet"
    return f"no heartbeat for {age:.0f} s" if age > MAX_AGE_SECONDS else None


if __name__ == "__main__":
    sys.exit(find_fault(Path(sys.argv[1]), time.time()))
