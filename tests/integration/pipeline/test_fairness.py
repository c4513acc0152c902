"""A hundred endpoints that hang beside one that is well, through the broker and a real worker."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from bench.deliveries import CEILING_LAG_SECONDS
from tests.integration.delivery.receiver import CountingReceiver
from tests.integration.http.servers import hang
from wirewatch import outbox
from wirewatch.client import Client
from wirewatch.db import Database
from wirewatch.messages import NewMessage
from wirewatch.stack.local import LocalStack
from wirewatch.store import deliveries
from wirewatch.store.deliveries import NewDelivery

HANGING = 100
GOOD_DELIVERIES = 60
WAIT_SECONDS = 20
BODY = b'{"type":"endpoint.test","version":1}'


@pytest.fixture
def client(stack: LocalStack) -> Iterator[Client]:
    with Client(stack.api_url, stack.ingest_url, stack.key) as made:
        yield made


def test_a_hundred_hanging_endpoints_delay_nobody_else(stack: LocalStack, client: Client) -> None:
    database = Database(stack.database_url)
    with CountingReceiver() as receiver:
        arrived_at: dict[str, float] = {}
        lock = threading.Lock()

        def note(arrival: object) -> None:
            with lock:
                arrived_at[arrival.id] = time.monotonic()  # type: ignore[attr-defined]

        receiver.on_arrival = note
        receiver.always["/hang"] = hang
        hanging = [add(client, receiver.url("/hang")) for _ in range(HANGING)]
        good = add(client, receiver.url("/good"))
        try:
            alone = max(lags(database, arrived_at, [good]))
            put(database, [one for one in hanging for _ in range(5)])
            beside = max(lags(database, arrived_at, [good, *hanging[:20]]))
            assert len(receiver.at("/hang")) >= HANGING, "nobody was held up"
            # What a delivery takes alone is what the machine is busy with beside.
            assert beside < CEILING_LAG_SECONDS + alone
        finally:
            for endpoint in [*hanging, good]:
                client.delete(f"/v1/endpoints/{endpoint}")
            database.close()


def lags(database: Database, arrived_at: dict[str, float], endpoint_ids: list[str]) -> list[float]:
    """One delivery to each of the endpoints, again and again. -> how long those to the first of them took."""
    put_at = dict[str, float]()
    for _ in range(GOOD_DELIVERIES):
        put_at |= dict.fromkeys(put(database, endpoint_ids)[:1], time.monotonic())
        time.sleep(0.1)
    deadline = time.monotonic() + WAIT_SECONDS
    while not put_at.keys() <= arrived_at.keys() and time.monotonic() < deadline:
        time.sleep(0.05)
    return [arrived_at[id_] - at for id_, at in put_at.items()]


def add(client: Client, url: str) -> str:
    endpoint_id: str = client.post("/v1/endpoints", {"name": "one of many", "url": url})["id"]
    return endpoint_id


def put(database: Database, endpoint_ids: list[str]) -> list[str]:
    """A delivery to each, due now. -> their webhook ids."""
    ids = [f"msg_{uuid4().hex}" for _ in endpoint_ids]
    with database.transaction() as tx:
        made = [
            deliveries.insert(tx, NewDelivery(one, id_, BODY, ())) for one, id_ in zip(endpoint_ids, ids, strict=True)
        ]
        outbox.put(tx, [NewMessage("DeliveryDue", id_) for id_ in made])
    return ids
