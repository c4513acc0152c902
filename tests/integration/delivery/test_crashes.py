"""A worker that dies at each commit, a database that goes away, and what two runs find out at once."""

import math
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from sqlalchemy import text

from tests.integration.delivery.conftest import HOLDER, Desk
from tests.integration.delivery.mortal import FatalDatabase
from tests.integration.delivery.receiver import Arrival, status
from tests.integration.ledger.conftest import expire_leases
from tests.locks import wait_for_a_blocked_transaction
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.store import endpoints, messages, targets
from wirewatch.store.targets import Health
from worker import ledger
from worker.ledger import Leased, Recorded, Worker
from worker.pipeline import STAGES
from worker.stage import Context, Record

ROOT = Path(__file__).parents[3]
Moment = Literal["before", "after"]


class DiedError(BaseException):
    """What no `except Exception` sees, as nothing sees a SIGKILL."""


def die() -> None:
    raise DiedError


CLAIM, READ, RECORD = 1, 2, 3


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("commit", [CLAIM, READ, RECORD])
@pytest.mark.parametrize("answer", [200, 500])
def test_death_at_each_commit(desk: Desk, commit: int, moment: Moment, answer: int) -> None:
    endpoint = desk.add_endpoint()
    desk.put(endpoint)
    desk.run()  # the catalogue is loaded
    desk.receiver.arrivals.clear()
    desk.receiver.plans["/"] = [status(answer)]
    (id_,) = desk.put(endpoint)

    dying = FatalDatabase(desk.database.url, commit, moment, die)
    with pytest.raises(DiedError):
        ledger.run(STAGES["deliver"], desk.due(), replace(desk.context, database=dying), HOLDER)
    dying.close()
    expire_leases(desk.database)
    with desk.database.transaction() as tx:
        messages.sweep(tx, unclaimed_seconds=30)
    desk.run_until("sent", [id_], seconds=6)

    sent = 1 if answer == 200 else 2
    resent = (commit, moment) == (RECORD, "before") and answer == 200
    assert len(desk.receiver.arrivals) == sent + resent
    assert len({(arrival.id, arrival.body) for arrival in desk.receiver.arrivals}) == 1
    desk.clock.move(days=1)
    assert desk.run() == 0, "something is sent after a recorded 2xx"
    with desk.database.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM messages")).scalar_one() == 0


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("commit", [CLAIM, READ, RECORD])
def test_a_worker_that_is_killed_at_each_commit(desk: Desk, commit: int, moment: Moment) -> None:
    endpoint = desk.add_endpoint()
    ids = desk.put(endpoint, 3)
    program = [sys.executable, "-m", "tests.integration.delivery.mortal", desk.database.url, desk.key]
    killed = subprocess.run(
        [*program, str(commit), moment, *map(str, desk.due())], cwd=ROOT, capture_output=True, timeout=120, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = [arrival.id for arrival in desk.receiver.arrivals]
    assert bool(before) == (commit == RECORD)
    recorded = {id_ for id_ in ids if desk.show(id_).state == "sent"}

    expire_leases(desk.database)
    with desk.database.transaction() as tx:
        messages.sweep(tx, unclaimed_seconds=0)
    desk.run_until("sent", ids, seconds=6)

    after = [arrival.id for arrival in desk.receiver.arrivals[len(before) :]]
    assert {desk.show(id_).webhook_id for id_ in recorded}.isdisjoint(after), "sent after a recorded 2xx"
    assert set(after) == {desk.show(id_).webhook_id for id_ in ids} - {desk.show(id_).webhook_id for id_ in recorded}
    assert len({(arrival.id, arrival.body) for arrival in desk.receiver.arrivals}) == 3
    desk.check()


def failures_of_records(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What the records made from now on have failed with; they fail as they would."""
    failed = list[Exception]()
    record_once = ledger._record

    def watched(leased: Leased, record: Record, context: Context, worker: Worker) -> Recorded:
        try:
            return record_once(leased, record, context, worker)
        except Exception as error:
            failed.append(error)
            raise

    monkeypatch.setattr(ledger, "_record", watched)
    return failed


def test_a_database_that_goes_away_while_sending_is_waited_for(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "OUTAGE_TICK_SECONDS", 0.05)
    failed = failures_of_records(monkeypatch)

    def cut_off(_: Arrival) -> None:
        server, name = desk.database.url.rsplit("/", 1)
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    desk.receiver.on_arrival = cut_off
    as_in_workers = Database(desk.database.url, pool_size=2, asks_first=False)
    ids = desk.put(desk.add_endpoint())
    ledger.run(STAGES["deliver"], desk.due(), replace(desk.context, database=as_in_workers), HOLDER)
    as_in_workers.close()

    assert any(isinstance(error, DatabaseUnavailableError) for error in failed)
    assert desk.show(ids[0]).state == "sent"
    assert len(desk.receiver.arrivals) == 1
    desk.check()


class UnsureDatabase(Database):
    """Keeps its nth commit, but its user hears that it was lost: the connection broke before the answer came."""

    def __init__(self, url: str, nth: int) -> None:
        super().__init__(url, pool_size=2)
        self._nth, self.commits = nth, 0

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self.commits += 1
        mine = self.commits
        with super().transaction() as tx:
            yield tx
        if mine == self._nth:
            raise DatabaseUnavailableError("the connection broke")

    @contextmanager
    def statements(self) -> Iterator[Transaction]:
        self.commits += 1
        with super().statements() as tx:
            yield tx


@pytest.mark.parametrize("answer", [200, 500])
def test_a_record_that_was_kept_although_nobody_heard_of_it_is_made_once(
    desk: Desk, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "OUTAGE_TICK_SECONDS", 0.05)
    desk.receiver.plans["/"] = [status(answer)]
    (id_,) = desk.put(desk.add_endpoint())
    unsure = UnsureDatabase(desk.database.url, RECORD)
    ledger.run(STAGES["deliver"], desk.due(), replace(desk.context, database=unsure), HOLDER)
    assert unsure.commits > RECORD, "nobody tried to record again"
    unsure.close()

    assert len(desk.show(id_).attempts) == len(desk.receiver.arrivals) == 1
    desk.check()
    desk.run_until("sent", [id_], seconds=6)
    assert len(desk.receiver.arrivals) == (1 if answer == 200 else 2)
    desk.clock.move(days=1)
    assert desk.run() == 0
    desk.check()


def test_a_record_and_the_deletion_of_its_endpoint_do_not_lock_each_other_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = failures_of_records(monkeypatch)
    endpoint = desk.add_endpoint()
    desk.receiver.plans["/"] = [status(500)]
    (id_,) = desk.put(endpoint)
    running = threading.Thread(target=ledger.run, args=(STAGES["deliver"], desk.due(), desk.context, HOLDER))
    with desk.database.transaction() as tx:
        targets.lock_gates(tx, [endpoint])
        running.start()
        wait_for_a_blocked_transaction(desk.database)
        endpoints.delete(tx, endpoint, desk.clock())
    running.join(20)
    assert failed == []
    desk.clock.move(seconds=6)
    desk.run()
    assert desk.show(id_).state == "suppressed"
    desk.check()


def test_an_endpoint_that_recovered_while_a_try_was_under_way_is_not_disabled(desk: Desk) -> None:
    endpoint = desk.add_endpoint()
    long_ago = desk.clock() - timedelta(days=6)
    with desk.database.transaction() as tx:
        targets.save_health(tx, {endpoint: (Health(long_ago, 3, None, long_ago + timedelta(days=3)), None)})

    def recover(_: Arrival) -> None:
        with desk.database.transaction() as tx:
            targets.save_health(tx, {endpoint: (Health(), None)})

    desk.receiver.on_arrival = recover
    desk.receiver.plans["/"] = [status(500)]
    desk.put(endpoint)
    desk.run()

    after = desk.endpoint(endpoint)
    assert (after["enabled"], after["disabled_reason"], after["failures_in_row"]) == (True, None, 1)
    assert after["failing_since"] == desk.clock()


def test_a_circuit_that_closes_while_others_are_being_parked_wakes_them_too(desk: Desk) -> None:
    """The parking run has read that the circuit is open, and records only when it has closed."""
    endpoint = desk.add_endpoint()
    with desk.database.transaction() as tx:
        open_until = desk.clock() + timedelta(hours=1)
        targets.save_health(tx, {endpoint: (Health(desk.clock(), 5, open_until), None)})
    ids = desk.put(endpoint, 10)
    stage = STAGES["deliver"]
    with desk.database.transaction() as tx:
        claimed, _ = messages.claim(tx, "DeliveryDue", desk.due(), now=desk.clock(), lease_seconds=60, holder=HOLDER)
    records = stage.function(claimed, desk.context)
    parking = next(records)
    with desk.database.transaction() as tx:
        targets.save_health(tx, {endpoint: (Health(), None)})
        targets.begin_catching_up(tx, [endpoint], desk.clock())
    ledger._record(Leased(stage, claimed, {}, math.inf), parking, desk.context, Worker(HOLDER, {}))

    desk.run()
    assert [desk.show(id_).state for id_ in ids] == ["sent"] * 10
    desk.check()
