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
from worker.relay import QUEUED, ROOM, SMALLEST_GROUP, Relay

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


def test_behind_busy_workers_articles_gather_and_travel_together(
    servers: Servers, database: Database, broker: redis.Redis
) -> None:
    relay = Relay(database, make_app(servers.broker_url), system_clock)
    for number in range(QUEUED):
        receive(database, [submission(number)])
        assert relay.run_round() == 1
    receive(database, [submission(number) for number in range(QUEUED, 40)])
    assert relay.run_round() == 0

    with database.transaction() as tx:
        tx.execute(
            text(
                "UPDATE messages SET leased_until = clock_timestamp() + interval '1 min' WHERE published_at IS NOT NULL"
            )
        )

    assert relay.run_round() == 40 - QUEUED
    assert broker.llen("articles") < QUEUED + SMALLEST_GROUP


def test_what_the_broker_lost_holds_others_up_for_no_longer_than_they_gather(
    servers: Servers, database: Database, broker: redis.Redis
) -> None:
    relay = Relay(database, make_app(servers.broker_url), system_clock)
    receive(database, [submission(number) for number in range(QUEUED)])
    relay.run_round()
    broker.flushall()
    receive(database, [submission(QUEUED)])
    assert relay.run_round() == 0

    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET published_at = published_at - interval '2 s'"))

    assert relay.run_round() == 1
