"""A stand-in for a service: tells a journal what happens to it. Run with NAME JOURNAL BEHAVIOUR."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType


def main(name: str, journal: Path, behaviour: str) -> None:
    def tell(what: str) -> None:
        with journal.open("a") as file:
            file.write(f"{name} {what} {os.getpid()}\n")

    def stop(_number: int, _frame: FrameType | None) -> None:
        tell("stopped")
        if behaviour != "stubborn":
            sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    if behaviour == "family":
        # A pool process of the same group, which ignores what a terminal or a service manager sends.
        child = subprocess.Popen(
            [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
        )
        with journal.open("a") as file:
            file.write(f"{name} child {child.pid}\n")
    tell("started")
    if behaviour == "crashes":
        time.sleep(0.2)
        os._exit(3)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
