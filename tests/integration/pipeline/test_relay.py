"""The relay beside a real broker that nobody empties."""

from collections.abc import Iterator

import pytest
import redis
from sqlalchemy import text

from ingest.receive import receive
from tests.factories import submission
from wirewatch.clock import system_clock
from wirewatch.db import Database
from wirewatch.stack.servers import Servers
from worker.app import make_app
from worker.relay import ROOM, Relay

ARTICLES = 300


@pytest.fixture
def broker(servers: Servers) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(servers.broker_url) as opened:
        opened.flushall()
        yield opened
        opened.flushall()


def look_later(database: Database, relay: Relay) -> None:
    """As if the ids had been with the broker for long."""
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET published_at = clock_timestamp() - interval '1 hour'"))
    relay.sweep()
    relay.run_round()


def test_while_workers_are_away_the_broker_does_not_fill(
    servers: Servers, database: Database, broker: redis.Redis
) -> None:
    receive(database, [submission(number) for number in range(ARTICLES)])
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET attempts = 1"))  # so that each travels alone
    relay = Relay(database, make_app(servers.broker_url), system_clock)
    relay.run_round()

    for _ in range(8):
        look_later(database, relay)

    assert ROOM["articles"] <= broker.llen("articles") <= ROOM["articles"] + ARTICLES


def test_after_that_an_empty_broker_is_filled_again(servers: Servers, database: Database, broker: redis.Redis) -> None:
    receive(database, [submission()])
    relay = Relay(database, make_app(servers.broker_url), system_clock)
    broker.rpush("articles", *["copy"] * ROOM["articles"])
    relay.run_round()
    look_later(database, relay)
    assert broker.llen("articles") == ROOM["articles"] + 1

    broker.flushall()
    look_later(database, relay)

    assert broker.llen("articles") == 1
