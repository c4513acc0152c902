"""Feeds are kept, and polled by one process at a time."""

from datetime import timedelta

from fastapi.testclient import TestClient

from wirewatch.clock import system_clock
from wirewatch.db import Database
from wirewatch.store import feeds
from wirewatch.store.feeds import Polled

URL = "http://127.0.0.1:8099/feed.xml"


def test_a_feed_is_added_changed_and_removed(client: TestClient) -> None:
    created = client.post("/v1/feeds", json={"url": URL, "name": "Harbour Post"})
    assert created.status_code == 201
    assert client.post("/v1/feeds", json={"url": URL}).status_code == 409
    path = f"/v1/feeds/{created.json()['id']}"
    assert client.patch(path, json={"min_interval_seconds": 60, "name": None}).json()["name"] is None
    assert client.patch(path, json={"min_interval_seconds": 90_000}).status_code == 422
    assert client.get("/v1/feeds").json()["items"][0]["min_interval_seconds"] == 60
    other = client.post("/v1/feeds", json={"url": URL + "?2"}).json()
    assert client.patch(f"/v1/feeds/{other['id']}", json={"url": URL}).status_code == 409
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_due_feed_is_claimed_by_one_and_recorded_by_its_holder(client: TestClient, database: Database) -> None:
    feed_id = client.post("/v1/feeds", json={"url": URL}).json()["id"]
    now = system_clock()
    with database.transaction() as tx:
        claimed = feeds.claim_due(tx, now, limit=10, lease_seconds=60)
        assert feeds.claim_due(tx, now, limit=10, lease_seconds=60) == []
    failed = Polled(now + timedelta(hours=1), error="the server answered 500")
    with database.transaction() as tx:
        assert feeds.record_poll(tx, claimed[0], failed, now)
        assert not feeds.record_poll(tx, claimed[0], failed, now)
        assert feeds.claim_due(tx, now, limit=10, lease_seconds=60) == []
    shown = client.get(f"/v1/feeds/{feed_id}").json()
    assert (shown["failures"], shown["last_error"]) == (1, "the server answered 500")
