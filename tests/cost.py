"""What work costs beside other work of the same moment: a busy machine is slower at everything alike.

Neighbours on the same processor make even CPU time swing by a factor of two from one moment to the next. So what is
judged is the least of a few measurements, and measuring ends with the first that suffices: work that really costs too
much never suffices.
"""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

ATTEMPTS = 6
# Four times the work of linear code takes four times as long, of quadratic code sixteen times.
LINEAR = 9.0


def cost(work: Callable[[], object], beside: Callable[[], object], enough: float) -> float:
    """How many times as long `work` takes as `beside`, both in CPU time, by the least of a few measurements."""
    least = float("inf")
    for _ in range(ATTEMPTS):
        least = min(
            least, _cpu_seconds(work) / max(_cpu_seconds(beside), time.get_clock_info("process_time").resolution)
        )
        if least < enough:
            break
    return least


def growth(work: Callable[[Input], object], small: Input, large: Input) -> float:
    """How many times as long `work` takes for the large as for the small; judge it by `LINEAR`."""
    return cost(lambda: work(large), lambda: work(small), LINEAR)


def _cpu_seconds(work: Callable[[], object]) -> float:
    # Collections walk over everything that other tests have left, which is no cost of the work.
    gc.disable()
    try:
        started = time.process_time()
        work()
        return time.process_time() - started
    finally:
        gc.enable()
