"""What work costs beside other work of the same moment: a busy machine is slower at everything alike."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

RUNS = 3
# Four times the work of linear code takes four times as long, of quadratic code sixteen times.
LINEAR = 9.0


def cpu_seconds(work: Callable[[], object], runs: int = 1) -> float:
    """The CPU time of the fastest of `runs`."""
    return min(_once(work) for _ in range(runs))


def growth(work: Callable[[Input], object], small: Input, large: Input) -> float:
    """How many times as long `work` takes for the large as for the small, the fastest of a few runs each."""
    return cpu_seconds(lambda: work(large), RUNS) / cpu_seconds(lambda: work(small), RUNS)


def _once(work: Callable[[], object]) -> float:
    # Collections walk over everything that other tests have left, which is no cost of the work.
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        work()
        return time.process_time() - started
    finally:
        gc.enable()
