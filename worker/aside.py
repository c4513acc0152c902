"""Runs that wait for the world longer than others should wait for them: they go on in a thread of their own."""

import threading
from collections.abc import Callable

# Each waits for an endpoint that is slow, for fifteen seconds at the most; past so many the next one waits too.
MOST_RUNS = 64


class Aside:
    def __init__(self, most: int = MOST_RUNS) -> None:
        self._free = threading.Semaphore(most)
        self._changed = threading.Condition()
        self._running = 0

    def run(self, work: Callable[[], object], patience_seconds: float) -> None:
        """Return when the work is done, or when patience ends and it goes on alone. Its errors are its own."""
        self._free.acquire()
        with self._changed:
            self._running += 1
        done = threading.Event()
        threading.Thread(target=self._work, args=(work, done), name="aside", daemon=True).start()
        done.wait(patience_seconds)

    def wait(self, seconds: float) -> bool:
        """Whether all that was running has ended in that time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _work(self, work: Callable[[], object], done: threading.Event) -> None:
        try:
            work()
        finally:
            done.set()
            self._free.release()
            with self._changed:
                self._running -= 1
                self._changed.notify_all()
