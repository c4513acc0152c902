"""Deliveries to a local receiver, measured: `python -m bench.deliveries`. Fails under its floors, and if any is lost.

A burst of updates through ledger, broker and one worker; one article told to a thousand endpoints; and an endpoint
that is well beside a hundred that hang and a hundred that refuse.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.machine import describe_machine
from bench.sink import HANG_PATH, Arrival, Sink, running_sink
from wirewatch import outbox
from wirewatch.client import Client
from wirewatch.db import Database
from wirewatch.messages import NewMessage
from wirewatch.models import Policy, StoryFacts, Watch
from wirewatch.settings import Settings
from wirewatch.stack.local import LocalStack, local_stack
from wirewatch.store import alerts, deliveries, stories, updates, watches
from wirewatch.store.deliveries import NewDelivery
from wirewatch.store.updates import NewUpdate
from wirewatch.store.views.balance import EndpointBalance, read_endpoints

FLOOR_PER_SECOND = 500.0
CEILING_FAN_OUT_SECONDS = 5.0
CEILING_LAG_SECONDS = 2.0
BURST_ENDPOINTS = 10
FAN_OUT = 1000
BAD = 100
GOOD_DELIVERIES = 200
GOOD_PER_SECOND = 20
WAIT_SECONDS = 180.0
# Until the last answers are recorded.
RECORD_SECONDS = 1.0
BODY = msgspec.json.encode({"type": "endpoint.test", "version": 1, "data": {"message": "x" * 1500}})

console = Console(stderr=True)


class Measured(NamedTuple):
    name: str
    figure: str
    floor: str
    is_met: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--burst", type=int, default=10_000, help="how many deliveries the burst has")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder, running_sink() as sink:
        settings = Settings(data_dir=Path(folder), api_port=0, ingest_port=0, seed=False, settle_seconds=0)
        with local_stack(settings, console.log) as stack:
            measured = stack.supervisor.run(lambda: list(_measure(stack, sink, options.burst)))
    table = Table("measure", "figure", "floor", title=f"Deliveries: {describe_machine()}")
    for one in measured:
        table.add_row(one.name, one.figure, one.floor, style="" if one.is_met else "bold red")
    Console().print(table)
    return 0 if all(one.is_met for one in measured) else 1


class Desk:
    """Writes updates of one alert, and what tells endpoints of them, as the alert stage would."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seqs = count(1)
        now = datetime.now(UTC)
        with database.transaction() as tx:
            watch_id = watches.create(tx, Watch("", "burst", "zqburst", Policy(), ())).watch.id
            story_id = stories.create(tx, "burst")
            stories.update_facts(tx, {story_id: StoryFacts("burst", (), (), 0, now, now)})
            self._alert_id = alerts.open_all(tx, [(watch_id, story_id)])[0].id

    def put(self, endpoint_ids: Sequence[str]) -> list[str]:
        """An update for each in a delivery of its own, due when this returns. -> their webhook ids."""
        new = [NewUpdate(self._alert_id, next(self._seqs), "material_change", (), (), (id_,)) for id_ in endpoint_ids]
        with self.database.transaction() as tx:
            written = updates.insert_all(tx, new, wake=outbox.UPDATES_CHANNEL)
            due = [
                NewDelivery(endpoint_id, f"msg_{uuid4().hex}", BODY, (update.id,))
                for endpoint_id, update in zip(endpoint_ids, written, strict=True)
            ]
            made = deliveries.insert_all(tx, due)
            outbox.put(tx, [NewMessage("DeliveryDue", id_) for id_, _ in made])
        return [one.webhook_id for one in due]

    def balance(self, endpoint_ids: Sequence[str]) -> EndpointBalance:
        """Of the updates that were meant for these endpoints, together."""
        with self.database.transaction() as tx:
            found = read_endpoints(tx, datetime.now(UTC))
        parts = [found[id_] for id_ in endpoint_ids]
        return EndpointBalance(
            meant=sum(one.meant for one in parts),
            sent=sum(one.sent for one in parts),
            pending=sum(one.pending for one in parts),
            failed=sum(one.failed + one.suppressed + one.held for one in parts),
        )


def _measure(stack: LocalStack, sink: Sink, burst: int) -> Iterator[Measured]:
    database = Database(stack.database_url)
    desk = Desk(database)
    with Client(stack.api_url, stack.ingest_url, stack.key) as client:
        yield from _measure_burst(client, desk, sink, burst)
        yield from _measure_fan_out(client, sink)
        yield from _measure_fairness(client, desk, sink)
    yield _check(database, sink.arrivals())
    database.close()


def _measure_burst(client: Client, desk: Desk, sink: Sink, size: int) -> Iterator[Measured]:
    endpoints = [_add(client, f"{sink.url}/burst/{number}") for number in range(BURST_ENDPOINTS)]
    desk.put(endpoints)
    _wait(lambda: len(sink.arrivals()) >= len(endpoints))
    ids = desk.put([endpoints[number % len(endpoints)] for number in range(size)])
    started = time.monotonic()
    arrived = _wait_for(sink, ids)
    per_second = size / (max(arrived.values()) - started)
    yield Measured(
        f"burst of {size} updates to a fast receiver",
        f"{per_second:.0f} deliveries/s",
        f"{FLOOR_PER_SECOND:.0f}",
        per_second >= FLOOR_PER_SECOND,
    )
    time.sleep(RECORD_SECONDS)
    balance = desk.balance(endpoints)
    yield Measured(
        "of its updates, warm-up included: meant / sent / waiting or failed",
        f"{balance.meant} / {balance.sent} / {balance.pending + balance.failed}",
        "all sent",
        balance.is_even and balance.sent == size + len(endpoints),
    )
    _remove(client, endpoints)


def _measure_fan_out(client: Client, sink: Sink) -> Iterator[Measured]:
    endpoints = [_add(client, f"{sink.url}/fan/{number}") for number in range(FAN_OUT)]
    client.post("/v1/watches", {"name": "fan", "query": "zquorx"})
    started = time.monotonic()
    client.post_articles([{"external_id": "fan", "text": "The zquorx was seen in the harbour on Monday."}])
    _wait(lambda: len([one for one in sink.arrivals() if one.path.startswith("/fan/")]) >= FAN_OUT)
    seconds = max(one.at for one in sink.arrivals() if one.path.startswith("/fan/")) - started
    yield Measured(
        f"from POST of an article to the last of {FAN_OUT} endpoints",
        f"{seconds:.1f} s",
        f"{CEILING_FAN_OUT_SECONDS:.0f} s",
        seconds < CEILING_FAN_OUT_SECONDS,
    )
    _remove(client, endpoints)


def _measure_fairness(client: Client, desk: Desk, sink: Sink) -> Iterator[Measured]:
    hanging = [_add(client, f"{sink.url}{HANG_PATH}/{number}") for number in range(BAD)]
    refusing = [_add(client, f"http://127.0.0.1:9/{number}") for number in range(BAD)]
    good = _add(client, f"{sink.url}/good")
    desk.put([*hanging, *refusing] * 5)
    put_at: dict[str, float] = {}
    started = time.monotonic()
    for number in range(GOOD_DELIVERIES):
        bad = [hanging[number % BAD], refusing[number % BAD]]
        put_at[desk.put([good, *bad])[0]] = time.monotonic()
        time.sleep(max(0.0, started + (number + 1) / GOOD_PER_SECOND - time.monotonic()))
    arrived = _wait_for(sink, list(put_at))
    lags = sorted(arrived[id_] - at for id_, at in put_at.items())
    p99 = lags[int(0.99 * len(lags))]
    struck = sum(one.path.startswith(HANG_PATH) for one in sink.arrivals())
    yield Measured(
        f"lag beside {BAD} that hang ({struck} tries hung) and {BAD} that refuse, p50 / p99",
        f"{lags[len(lags) // 2] * 1000:.0f} / {p99 * 1000:.0f} ms",
        f"{CEILING_LAG_SECONDS:.0f} s",
        p99 < CEILING_LAG_SECONDS and struck >= BAD,
    )


def _check(database: Database, arrivals: Sequence[Arrival]) -> Measured:
    """Nothing lost, nothing told twice, the same bytes, and for each that waits a message."""
    by_id = Counter(one.webhook_id for one in arrivals if not one.path.startswith(HANG_PATH))
    bodies = {(one.webhook_id, one.body_hash) for one in arrivals}
    with database.transaction() as tx:
        orphans = tx.execute(
            text("""
                SELECT count(*) FROM deliveries d WHERE (state IN ('pending', 'held')) <>
                    EXISTS (SELECT FROM messages m WHERE m.type = 'DeliveryDue' AND m.subject_id = d.id)
            """)
        ).scalar_one()
        sent = tx.execute(text("SELECT count(*) FROM deliveries WHERE state = 'sent'")).scalar_one()
    twice = sum(count > 1 for count in by_id.values())
    changed = len(bodies) - len({id_ for id_, _ in bodies})
    return Measured(
        "told twice / other bytes / out of balance, of those sent",
        f"{twice} / {changed} / {orphans}, of {sent}",
        "0 / 0 / 0",
        not (twice or changed or orphans) and sent == len(by_id),
    )


def _add(client: Client, url: str) -> str:
    endpoint_id: str = client.post("/v1/endpoints", {"name": url, "url": url})["id"]
    return endpoint_id


def _remove(client: Client, endpoint_ids: Sequence[str]) -> None:
    time.sleep(RECORD_SECONDS)
    for endpoint_id in endpoint_ids:
        client.delete(f"/v1/endpoints/{endpoint_id}")


def _wait_for(sink: Sink, ids: Sequence[str]) -> dict[str, float]:
    """-> when each of these first arrived."""
    wanted = set(ids)
    _wait(lambda: wanted <= {one.webhook_id for one in sink.arrivals()})
    first: dict[str, float] = {}
    for one in sink.arrivals():
        first.setdefault(one.webhook_id, one.at)
    return {id_: first[id_] for id_ in ids}


def _wait(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_done():
        if time.monotonic() > deadline:
            raise SystemExit(f"not all had arrived after {WAIT_SECONDS:.0f} s")
        time.sleep(0.25)


if __name__ == "__main__":
    sys.exit(main())
