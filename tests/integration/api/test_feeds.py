"""Feeds are added, changed and removed."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from wirewatch.db import Database
from wirewatch.secretbox import SecretBox, new_key
from wirewatch.store import feeds, pages
from wirewatch.store.pages import NewPage

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


def test_a_feed_is_told_how_it_is_to_be_read_and_shows_no_secrets(client: TestClient, database: Database) -> None:
    options = {
        "kind": "json",
        "lang": "fr",
        "tags": ["navy", "africa"],
        "full_text": "auto",
        "credentials": {"username": "ann", "password": "very secret"},
        "headers": {"X-Api-Key": "also secret", "Accept-Language": "fr"},
    }
    created = client.post("/v1/feeds", json={"url": URL, **options}).json()

    shown = {name: created[name] for name in options}
    assert shown == {
        **options,
        "credentials": {"username": "ann", "password": "***"},
        "headers": {"X-Api-Key": "***", "Accept-Language": "fr"},
    }
    with database.transaction() as tx:
        stored = str(tx.execute(text("SELECT to_jsonb(feeds) FROM feeds")).scalar_one())
    assert "secret" not in stored
    assert [feed["id"] for feed in client.get("/v1/feeds?tag=navy").json()["items"]] == [created["id"]]
    assert client.get("/v1/feeds?tag=army").json()["items"] == []


def test_secrets_stay_with_the_server_they_were_meant_for(client: TestClient) -> None:
    given = {"url": URL, "credentials": {"token": "abc"}, "headers": {"X-Key": "def"}}
    path = f"/v1/feeds/{client.post('/v1/feeds', json=given).json()['id']}"
    same_server = client.patch(path, json={"url": URL + "?2"}).json()
    assert (same_server["credentials"], same_server["headers"]) == ({"token": "***"}, {"X-Key": "***"})
    other_server = client.patch(path, json={"url": "http://127.0.0.1:8098/feed.xml"}).json()
    assert (other_server["credentials"], other_server["headers"]) == (None, {})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "gopher"),
        ("full_text", "maybe"),
        ("lang", "not a language"),
        ("tags", [""]),
        ("tags", ["x\0"]),
        ("credentials", {"username": "ann", "token": "x"}),
        ("credentials", {"username": "a:b", "password": "c"}),
        ("credentials", {"token": "***"}),
        ("headers", {"Host": "elsewhere.example"}),
        ("headers", {"Authorization": "Bearer x"}),
        ("headers", {"X-A": "1", "x-a": "2"}),
        ("headers", {"X-Break": "a\r\nHost: elsewhere.example"}),
        ("headers", {"Bad name": "a"}),
        ("min_interval_seconds", 1),
    ],
)
def test_an_option_that_cannot_be_is_refused(client: TestClient, field: str, value: object) -> None:
    answer = client.post("/v1/feeds", json={"url": URL, field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")


def test_events_are_listed_with_their_feed_and_of_all_feeds(client: TestClient, database: Database) -> None:
    feed = client.post("/v1/feeds", json={"url": URL}).json()
    with database.transaction() as tx:
        tx.execute(text("INSERT INTO feed_events (feed_id, kind, detail) SELECT id, 'moved', 'away' FROM feeds"))
        tx.execute(text("INSERT INTO feed_events (feed_id, kind, detail) SELECT id, 'silent', 'quiet' FROM feeds"))
    assert [event["kind"] for event in client.get(f"/v1/feeds/{feed['id']}").json()["events"]] == ["silent", "moved"]
    first = client.get("/v1/feeds/events?limit=1").json()
    second = client.get(f"/v1/feeds/events?limit=1&cursor={first['next']}").json()
    assert [page["items"][0]["detail"] for page in (first, second)] == ["quiet", "away"]
    assert client.get("/v1/feeds/events?kind=moved&feed_id=" + feed["id"]).json()["items"][0]["detail"] == "away"
    assert client.get("/v1/feeds/events?kind=odd").status_code == 422


def test_two_feeds_changed_to_one_address_at_once_make_a_conflict(client: TestClient, database: Database) -> None:
    ids = [client.post("/v1/feeds", json={"url": f"{URL}?{n}"}).json()["id"] for n in range(2)]
    box = SecretBox.from_keys(new_key())
    with ThreadPoolExecutor() as pool:
        with database.transaction() as tx:
            feeds.update(tx, box, ids[0], url=URL)
            answer = pool.submit(client.patch, f"/v1/feeds/{ids[1]}", json={"url": URL})
            wait_for_lock(database)
        assert answer.result().status_code == 409


def wait_for_lock(database: Database) -> None:
    """Until the other transaction has come as far as it can."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with database.transaction() as tx:
            if tx.execute(query).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waited")


@pytest.mark.parametrize(
    ("state", "health"),
    [
        ("failures = 0", "new"),
        ("last_polled_at = now()", "ok"),
        ("last_polled_at = now(), failures = 2, last_status = 503", "failing"),
        ("last_polled_at = now(), silent_since = now()", "silent"),
        ("last_polled_at = now(), enabled = false, failures = 2", "paused"),
    ],
)
def test_the_health_of_feeds_is_shown_and_counted(
    client: TestClient, database: Database, state: str, health: str
) -> None:
    feed = client.post("/v1/feeds", json={"url": URL}).json()
    with database.transaction() as tx:
        tx.execute(text(f"UPDATE feeds SET {state}"))
    assert client.get(f"/v1/feeds/{feed['id']}").json()["health"] == health
    metrics = client.get("/metrics").text
    assert f'wirewatch_feeds{{health="{health}"}} 1.0' in metrics
    host_class = {"silent": "ok", "failing": "resting"}.get(health, health)
    assert (f'wirewatch_feed_hosts{{class="{host_class}"}} 1.0' in metrics) == (health != "paused")


@pytest.mark.parametrize(
    ("page", "host", "state", "host_class"),
    [
        ("due_at = now()", None, "due", "ok"),
        ("due_at = now()", "1 min", "due", "resting"),
        ("leased_until = now() + interval '1 min', attempts = 1", "1 min", "reading", "reading"),
        ("due_at = now() + interval '1 min', attempts = 1", "-1 min", "later", "failing"),
    ],
)
def test_pages_that_wait_are_counted_with_their_hosts(
    client: TestClient, database: Database, page: str, host: str | None, state: str, host_class: str
) -> None:
    with database.transaction() as tx:
        pages.put(tx, [NewPage(bytes([n]), "a.example", f"http://a.example/{n}", {}) for n in range(2)])
        tx.execute(text(f"UPDATE pages SET {page}"))
        if host is not None:
            free_at = {"wait": host}
            insert = "INSERT INTO feed_hosts (host, free_at) VALUES ('a.example', now() + CAST(:wait AS interval))"
            tx.execute(text(insert), free_at)
    metrics = client.get("/metrics").text
    assert f'wirewatch_pages{{state="{state}"}} 2.0' in metrics
    assert f'wirewatch_page_hosts{{class="{host_class}"}} 1.0' in metrics
    assert f'wirewatch_pages_of_hosts{{class="{host_class}"}} 2.0' in metrics
    assert ("wirewatch_pages_overdue_seconds 0.0\n" in metrics) == (state != "due")
