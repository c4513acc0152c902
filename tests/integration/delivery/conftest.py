"""Deliveries on real rows to a real receiver, with a clock that is moved instead of waited for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import text
from standardwebhooks import Webhook
from svix.webhooks import Webhook as SvixWebhook

import worker.deliver
from tests.integration.delivery.receiver import Arrival, CountingReceiver
from wirewatch import outbox
from wirewatch.db import Database
from wirewatch.messages import NewMessage
from wirewatch.secretbox import SecretBox, new_key
from wirewatch.settings import Settings
from wirewatch.store import deliveries, endpoints
from wirewatch.store.deliveries import NewDelivery
from wirewatch.store.endpoints import EndpointOptions
from wirewatch.store.views import deliveries as views
from wirewatch.store.views.deliveries import DeliveryView
from worker import ledger
from worker.catalogue import Catalogue
from worker.delivery.lanes import LaneLimits
from worker.delivery.send import SendLimits
from worker.delivery.sender import Sender
from worker.pipeline import STAGES
from worker.stage import Context, Outgoing

HOLDER = "test:1"
LOOPBACK = ip_network("127.0.0.0/8")
LIMITS = SendLimits(LaneLimits(still_ticks=1, longest_try_seconds=0.6), total_seconds=0.6)


@dataclass
class MovedClock:
    """Stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Desk:
    """One database, one receiver, and what a worker does about deliveries."""

    database: Database
    context: Context
    clock: MovedClock
    receiver: CountingReceiver
    key: str
    secrets: dict[str, str] = field(default_factory=dict)

    def add_endpoint(self, path: str = "/", url: str | None = None, **options: Any) -> str:
        address, known = url or self.receiver.url(path), EndpointOptions(**options)
        with self.database.transaction() as tx:
            endpoint, secret = endpoints.create(tx, self.context.outgoing.secrets, path, address, known)
        self.secrets[path] = secret
        return endpoint.id

    def put(self, endpoint_id: str, count: int = 1) -> list[str]:
        """So many deliveries to the endpoint, due now. -> their ids."""
        with self.database.transaction() as tx:
            made = [
                deliveries.insert(tx, NewDelivery(endpoint_id, f"msg_{uuid4().hex}", _body(number), ()))
                for number in range(count)
            ]
            outbox.put(tx, [NewMessage("DeliveryDue", id_) for id_ in made])
        return made

    def due(self) -> list[int]:
        with self.database.transaction() as tx:
            found = tx.execute(
                text("""
                    SELECT id FROM messages WHERE type = 'DeliveryDue' AND lease_token IS NULL
                      AND (due_at IS NULL OR due_at <= :now) ORDER BY id
                """),
                {"now": self.clock()},
            )
            return list(found.scalars())

    def run(self, batch: int = 100) -> int:
        """Run the stage on what is due now until nothing is. -> how many messages were done."""
        done = 0
        while ids := self.due():
            done += ledger.run(STAGES["deliver"], ids[:batch], self.context, HOLDER)
        return done

    def run_until(self, state: str, ids: Sequence[str], **step: float) -> int:
        """Move the clock and run until all have come to the state. -> how often it was moved."""
        for moves in range(2000):
            self.run()
            if all(self.show(id_).state == state for id_ in ids):
                return moves
            self.clock.move(**step)
        raise AssertionError(f"never {state}: {[self.show(id_) for id_ in ids][:3]}")

    def next_due_at(self) -> datetime:
        with self.database.transaction() as tx:
            found = tx.execute(text("SELECT min(due_at) FROM messages WHERE type = 'DeliveryDue'"))
            at: datetime = found.scalar_one()
        return at

    def show(self, id_: str) -> DeliveryView:
        with self.database.transaction() as tx:
            return views.get(tx, id_)

    def endpoint(self, id_: str) -> dict[str, Any]:
        with self.database.transaction() as tx:
            return dict(tx.execute(text("SELECT * FROM endpoints WHERE id = :id"), {"id": int(id_)}).mappings().one())

    def check(self) -> None:
        """What must hold at any time: nothing lost, nothing told twice, the same bytes, signatures that verify."""
        with self.database.transaction() as tx:
            rows = tx.execute(
                text("""
                    SELECT d.webhook_id, d.state, d.tries, d.body, d.rendered,
                        (SELECT count(*) FROM messages m WHERE m.type = 'DeliveryDue' AND m.subject_id = d.id)
                            AS waiting,
                        (SELECT count(*) FROM attempts a WHERE a.delivery_id = d.id) AS logged,
                        (SELECT count(*) FROM attempts a WHERE a.delivery_id = d.id AND status BETWEEN 200 AND 299)
                            AS successes
                    FROM deliveries d
                """)
            ).all()
        for row in rows:
            assert row.waiting == (row.state in ("pending", "held")), row
            assert row.logged == row.tries, row
            assert row.successes == (row.state == "sent"), row
        known = {row.webhook_id: bytes(row.rendered or row.body) for row in rows}
        for arrival in self.receiver.arrivals:
            assert arrival.body == known[arrival.id]

    def verify(self, arrival: Arrival, secret: str | None = None) -> None:
        """By both reference verifiers, unchanged."""
        with_secret = secret or self.secrets[arrival.path]
        Webhook(with_secret).verify(arrival.body, arrival.headers)
        SvixWebhook(with_secret).verify(arrival.body, arrival.headers)


@pytest.fixture
def receiver() -> Iterator[CountingReceiver]:
    with CountingReceiver() as running:
        yield running


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(Settings().model)


@pytest.fixture
def desk(database: Database, catalogue: Catalogue, receiver: CountingReceiver, monkeypatch: pytest.MonkeyPatch) -> Desk:
    clock = MovedClock()
    key = new_key()
    outgoing = Outgoing((LOOPBACK,), SecretBox.from_keys(key), "http://127.0.0.1:8000")
    sender = Sender((LOOPBACK,), LIMITS)
    monkeypatch.setattr(worker.deliver, "get_sender", lambda *_: sender)
    return Desk(database, Context(database, catalogue, clock, outgoing), clock, receiver, key)


def _body(number: int) -> bytes:
    return msgspec.json.encode({"type": "endpoint.test", "version": 1, "data": {"number": number}})
