"""A task that ends while the broker is away."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.worker.request import Request

from wirewatch.stack.servers import embedded_servers
from worker.app import app
from worker.pipeline import STAGES
from worker.request import BrokerRequest

kombu: Any = importlib.import_module("kombu")  # has no types


@pytest.fixture
def broker_url(tmp_path: Path) -> Iterator[str]:
    """A broker that may be stopped."""
    with embedded_servers(tmp_path, lambda _: None) as servers:
        yield servers.broker_url


def receive(connection: Any) -> Any:
    """-> a message that is under way, the only one that may be."""
    received = list[Any]()
    channel = connection.channel()
    channel.basic_qos(0, 1, False)
    queue = kombu.Queue("tests", channel=channel)
    kombu.Producer(channel).publish({}, routing_key="tests", declare=[queue])
    with kombu.Consumer(channel, [queue], on_message=received.append, accept=["json"]):
        connection.drain_events(timeout=10)
    (message,) = received
    assert not channel.qos.can_consume()
    return message


def stop(broker_url: str) -> None:
    broker: Any = redis.Redis.from_url(broker_url)
    broker.shutdown(nosave=True)


@pytest.mark.parametrize("answer", ["acknowledge", "reject"])
@pytest.mark.parametrize(("kind", "is_free"), [(BrokerRequest, True), (Request, False)])
def test_an_answer_that_fails_leaves_room_for_the_next_task(
    broker_url: str, kind: type[Any], is_free: bool, answer: str
) -> None:
    with kombu.Connection(broker_url) as connection:
        message = receive(connection)
        request = object.__new__(kind)
        request._message, request.acknowledged = message, False
        request._on_ack, request._on_reject = message.ack_log_error, message.reject_log_error
        request._connection_errors, request._eventer = connection.connection_errors, None
        stop(broker_url)
        getattr(request, answer)()
        # Celery's own holds its place: when it does not any more, ours has done its work.
        assert message.channel.qos.can_consume() is is_free


def test_every_stage_is_taken_so() -> None:
    assert {app.tasks[stage.task].Request for stage in STAGES.values()} == {"worker.request:BrokerRequest"}
