"""The kind of machine that a figure was measured on."""

import os
import platform
from pathlib import Path


def describe_machine() -> str:
    """-> for example "2 cores, Intel(R) Xeon(R) 2.50GHz, 24 GiB, Linux, Python 3.11.7"."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {_processor()}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    except OSError:
        return platform.processor() or platform.machine()
    return platform.processor() or platform.machine()
