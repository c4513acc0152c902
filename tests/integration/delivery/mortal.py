"""Run as a program: a worker that runs the deliver stage once and is killed, as by `kill -9`, at one of its commits."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from ipaddress import ip_network

from wirewatch.clock import system_clock
from wirewatch.db import Database, Transaction
from wirewatch.secretbox import SecretBox
from worker import ledger
from worker.catalogue import Catalogue
from worker.pipeline import STAGES
from worker.stage import Context, Outgoing


class FatalDatabase(Database):
    """Calls `die` just before or just after its nth commit, or the end of what it only reads."""

    def __init__(self, url: str, nth: int, moment: str, die: Callable[[], object]) -> None:
        super().__init__(url, pool_size=2, waits_for_disk=False, asks_first=False)
        self._nth, self._moment, self._die = nth, moment, die
        self._commits = 0

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._deadly(super().transaction()) as tx:
            yield tx

    @contextmanager
    def statements(self) -> Iterator[Transaction]:
        with self._deadly(super().statements()) as tx:
            yield tx

    @contextmanager
    def _deadly(self, block: AbstractContextManager[Transaction]) -> Iterator[Transaction]:
        self._commits += 1
        is_last = self._commits == self._nth
        with block as tx:
            yield tx
            if is_last and self._moment == "before":
                self._die()
        if is_last:
            self._die()


if __name__ == "__main__":
    url, key, nth, moment, *ids = sys.argv[1:]
    outgoing = Outgoing((ip_network("127.0.0.0/8"),), SecretBox.from_keys(key), "http://127.0.0.1:8000")
    context = Context(
        FatalDatabase(url, int(nth), moment, partial(os.kill, os.getpid(), signal.SIGKILL)),
        Catalogue("none"),
        system_clock,
        outgoing,
    )
    ledger.run(STAGES["deliver"], [int(id_) for id_ in ids], context, f"mortal:{os.getpid()}")
