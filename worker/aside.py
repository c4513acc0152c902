"""Runs that wait for the world longer than others should wait for them: they go on in a thread of their own."""

import threading
from collections.abc import Callable

# Each waits for an endpoint that is slow, for fifteen seconds at the most. As many as there can be messages in flight:
# were it less, so many endpoints that hang would hold up one that is well.
MOST_RUNS = 1024

LetGo = Callable[[], None]


class Aside:
    def __init__(self, most: int = MOST_RUNS) -> None:
        self._free = threading.Semaphore(most)
        self._changed = threading.Condition()
        self._running = 0

    def run(self, work: Callable[[LetGo], object], patience_seconds: float) -> None:
        """Return when the work is done, or goes on alone: when it lets go of its caller, or patience ends.

        Its errors are its own.
        """
        self._free.acquire()
        with self._changed:
            self._running += 1
        let_go = threading.Event()
        threading.Thread(target=self._work, args=(work, let_go), name="aside", daemon=True).start()
        let_go.wait(patience_seconds)

    def wait(self, seconds: float) -> bool:
        """Whether all that was running has ended in that time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _work(self, work: Callable[[LetGo], object], let_go: threading.Event) -> None:
        try:
            work(let_go.set)
        finally:
            let_go.set()
            self._free.release()
            with self._changed:
                self._running -= 1
                self._changed.notify_all()
