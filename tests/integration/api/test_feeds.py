"""Feeds are added, changed and removed."""

from fastapi.testclient import TestClient
from sqlalchemy import text

from wirewatch.db import Database

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


def test_enabling_a_feed_forgets_its_failures_and_another_address_its_validators(
    client: TestClient, database: Database
) -> None:
    feed = client.post("/v1/feeds", json={"url": URL, "enabled": False}).json()
    with database.transaction() as tx:
        tx.execute(text("UPDATE feeds SET failures = 3, last_error = 'gone', disabled_reason = 'gone', etag = 'x'"))
    path = f"/v1/feeds/{feed['id']}"

    enabled = client.patch(path, json={"enabled": True}).json()
    client.patch(path, json={"url": URL + "?2"})

    assert (enabled["failures"], enabled["last_error"], enabled["disabled_reason"]) == (0, None, None)
    with database.transaction() as tx:
        assert tx.execute(text("SELECT etag FROM feeds")).scalar_one() is None
