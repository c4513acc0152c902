"""From POST to a verified webhook over the real broker, and what happens while the broker is away."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from bench.texts import articles
from wirewatch.client import Client
from wirewatch.stack.demo import Inbox
from wirewatch.stack.local import LocalStack
from wirewatch.stack.receiver import Receiver

PATIENCE_SECONDS = 60.0


@pytest.fixture
def client(stack: LocalStack) -> Iterator[Client]:
    with Client(stack.api_url, stack.ingest_url, stack.key) as opened:
        yield opened


@pytest.fixture
def inbox(client: Client) -> Iterator[Inbox]:
    """A receiver that verifies what it gets, registered as an endpoint for the length of the test."""
    collected = Inbox()
    receiver = Receiver(0, collected.add)
    with receiver.running():
        endpoint = client.post("/v1/endpoints", {"name": "test", "url": receiver.url})
        receiver.secret = endpoint["secret"]
        yield collected
        client.delete(f"/v1/endpoints/{endpoint['id']}")


def until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_SECONDS:.0f} s"
        time.sleep(0.05)


def told(inbox: Inbox) -> list[str]:
    """The articles that verified webhooks told of, one entry a telling."""
    return [
        article
        for webhook in inbox.all()
        if webhook.fault is None
        for alert in webhook.payload["data"]["alerts"]
        for article in alert["update"]["article_ids"]
    ]


def watch(client: Client, word: str) -> None:
    policy = {"mode": "every_article", "settle_seconds": 0}
    client.post("/v1/watches", {"name": word, "query": word, "policy": policy})


def test_every_article_is_told_of_once(client: Client, inbox: Inbox) -> None:
    watch(client, "lighthouse")
    receipts = client.post_articles(list(articles(40, seed=5, marker="lighthouse")))
    ids = [receipt["id"] for receipt in receipts]

    until(lambda: set(ids) <= set(told(inbox)), "every article told of")

    assert sorted(told(inbox)) == sorted(ids)
    assert all(webhook.fault is None for webhook in inbox.all())


def test_posting_again_tells_nothing_again(client: Client, inbox: Inbox) -> None:
    watch(client, "breakwater")
    bodies = list(articles(5, seed=6, marker="breakwater"))
    first = client.post_articles(bodies)
    until(lambda: len(told(inbox)) == 5, "five articles told of")

    again = client.post_articles(bodies)

    assert [receipt["status"] for receipt in again] == ["known"] * 5
    assert [receipt["id"] for receipt in again] == [receipt["id"] for receipt in first]
    until(lambda: client.get("/v1/pipeline")["pending"] == 0, "drained")
    assert len(told(inbox)) == 5


def test_articles_are_accepted_while_the_broker_is_away_and_told_of_when_it_is_back(
    stack: LocalStack, client: Client, inbox: Inbox
) -> None:
    watch(client, "drydock")
    broker = stack.supervisor.pid("valkey")
    assert broker is not None
    os.kill(broker, signal.SIGSTOP)
    try:
        receipts = client.post_articles(list(articles(6, seed=7, marker="drydock")))
        assert [receipt["status"] for receipt in receipts] == ["accepted"] * 6
        assert client.get("/v1/pipeline")["pending"] >= 6
    finally:
        os.kill(broker, signal.SIGCONT)

    ids = {receipt["id"] for receipt in receipts}
    until(lambda: ids <= set(told(inbox)), "all told of once the broker was back")


def test_an_entity_added_by_api_is_found_in_the_next_article(client: Client) -> None:
    """Read your writes: what was saved before an article was accepted applies to it, in every worker."""
    entity = {"id": "test-zarnovia", "name": "Zarnovia", "type": "place", "demonyms": ["Zarnovian"]}
    client.post("/v1/entities", entity)
    body = {"external_id": "zarnovia-1", "text": "The Zarnovian navy opened its new harbour school on Monday."}
    (receipt,) = client.post_articles([body])

    def found() -> bool:
        article = client.get(f"/v1/articles/{receipt['id']}")
        return any(mention["entity_id"] == "test-zarnovia" for mention in article["mentions"])

    until(found, "the new entity in the article")


def test_a_worker_killed_at_work_loses_nothing(stack: LocalStack, client: Client, inbox: Inbox) -> None:
    watch(client, "slipway")
    receipts = client.post_articles(list(articles(60, seed=8, marker="slipway")))
    worker = stack.supervisor.pid("worker-stories")
    assert worker is not None
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        until(
            lambda: bool(connection.execute("SELECT 1 FROM messages WHERE leased_until > now() LIMIT 1").fetchone()),
            "a stage at work",
        )
    os.kill(worker, signal.SIGKILL)
    ids = {receipt["id"] for receipt in receipts}
    deadline = time.monotonic() + 2 * PATIENCE_SECONDS
    while not ids <= set(told(inbox)):
        stack.supervisor.tick()
        assert time.monotonic() < deadline, "not all told of after the worker was killed"
        time.sleep(0.1)
    assert sorted(told(inbox)) == sorted(ids)
