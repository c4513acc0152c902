"""A program that supervises real servers and stand-ins until it is told to stop. Run with DIRECTORY JOURNAL."""

import sys
import threading
from contextlib import suppress
from pathlib import Path

from tests.integration.stack.rows import stand_in
from wirewatch.stack import postgres, valkey
from wirewatch.stack.datadir import DataDir
from wirewatch.stack.servers import prepare
from wirewatch.stack.supervisor import StoppedError, stopped_by_signals, supervised


def main(directory: Path, journal: Path) -> None:
    data = DataDir(directory)
    data.open()
    state = data.get_or_make_state()
    with supervised(data, print) as supervisor, stopped_by_signals(supervisor):
        prepare(supervisor, data, state)
        supervisor.start(
            (
                postgres.server(data, state, durable=False),
                valkey.server(data, state),
                stand_in("plain", journal),
                stand_in("pool", journal, "family"),
                stand_in("deaf", journal, "stubborn"),
            )
        )
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        with suppress(StoppedError):
            supervisor.run(threading.Event().wait)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
