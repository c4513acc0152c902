"""Watches are checked when they are saved, tried on the archive, and explained clause by clause."""

import json
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.integration.api.scene import Scene, make_article
from wirewatch.db import Database
from wirewatch.store import matches, revisions
from wirewatch.store.matches import Hearing, Match

POLICY = {
    "mode": "material",
    "settle_seconds": 30,
    "digest": None,
    "quiet_hours": None,
    "min_independent_sources": 1,
    "min_score": 0.0,
    "max_per_hour": None,
    "priority": "normal",
}


def test_a_watch_is_saved_changed_and_deleted(client: TestClient, database: Database) -> None:
    created = client.post("/v1/watches", json={"name": "Ports", "query": 'port AND "Vessel Group"'})
    assert created.status_code == 201
    watch = created.json()
    assert (watch["enabled"], watch["endpoint_ids"]) == (True, None)
    assert watch["policy"] == POLICY

    path = f"/v1/watches/{watch['id']}"
    changed = client.patch(path, json={"policy": {"settle_seconds": 0}, "enabled": False})
    assert changed.json()["policy"] == {**POLICY, "settle_seconds": 0}
    assert changed.json()["query"] == watch["query"]
    assert client.get(path).json()["enabled"] is False
    assert [one["id"] for one in client.get("/v1/watches").json()["items"]] == [watch["id"]]
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == client.delete(path).status_code == 404
    with database.transaction() as tx:
        assert revisions.get_revisions(tx)["watches"] == 3


def test_a_policy_is_changed_in_parts(client: TestClient, database: Database) -> None:
    quiet = {"start": "22:00", "end": "07:00", "time_zone": "Europe/Berlin"}
    body = {
        "name": "Ports",
        "query": "port",
        "policy": {"mode": "digest", "digest": {"every": "weekly"}, "quiet_hours": quiet, "max_per_hour": 5},
        "backfill_since": datetime.now(UTC).isoformat(),
    }
    watch = client.post("/v1/watches", json=body).json()
    assert watch["policy"]["digest"] == {"every": "weekly", "at": "08:00", "weekday": "monday", "time_zone": "UTC"}
    assert watch["precision"] == {"judged": 0, "right": 0, "share": None}
    change = {"policy": {"quiet_hours": None, "priority": "urgent"}, "snoozed_until": "2999-01-01T00:00:00Z"}
    changed = client.patch(f"/v1/watches/{watch['id']}", json=change).json()
    assert changed["policy"] == watch["policy"] | {"quiet_hours": None, "priority": "urgent"}
    assert changed["snoozed_until"] == "2999-01-01T00:00:00Z"
    assert client.patch(f"/v1/watches/{watch['id']}", json={"snoozed_until": None}).json()["snoozed_until"] is None
    with database.transaction() as tx:
        due = list(tx.execute(text("SELECT type FROM messages ORDER BY id")).scalars())
    assert due == ["BackfillDue", "WatchChanged", "WatchChanged"]


def test_an_alert_is_snoozed_and_woken(client: TestClient, scene: Scene) -> None:
    path = f"/v1/alerts/{scene.alert_id}"
    snoozed = client.patch(path, json={"snoozed_until": "2999-01-01T00:00:00Z"})
    assert (snoozed.json()["snoozed_until"], snoozed.json()["state"]) == ("2999-01-01T00:00:00Z", "open")
    assert client.patch(path, json={"snoozed_until": None}).json()["snoozed_until"] is None
    assert client.patch(path, json={"reason": "alone"}).status_code == 422
    assert client.patch(path, json={"snoozed_until": "later"}).status_code == 422
    client.patch(path, json={"state": "dismissed", "reason": "about ships"})
    assert client.get(f"/v1/watches/{scene.watch_id}").json()["precision"]["share"] == 0.0
    assert client.get("/v1/deliveries/balance").json()["is_even"] is True
    assert 'wirewatch_updates{state="meant"} 0.0' in client.get("/metrics").text


def test_a_query_that_cannot_be_understood_is_refused_with_its_position(client: TestClient) -> None:
    for query in ("port AND", "a OR b AND c", "nofield:x", '"open', "/(a/", "", "*"):
        answer = client.post("/v1/watches", json={"name": "Ports", "query": query})
        assert answer.status_code == 422, query
        error = answer.json()["errors"][0]
        assert error["pointer"] == "/query"
        assert isinstance(error["position"], int)
        assert error["detail"]
    assert client.get("/v1/watches").json()["items"] == []


def test_what_the_catalogue_does_not_know_is_a_warning(client: TestClient) -> None:
    answer = client.post("/v1/watches", json={"name": "x", "query": "topic:no-such-topic"})
    assert answer.status_code == 201
    assert "no-such-topic" in answer.json()["warnings"][0]


def test_a_query_that_matches_nearly_everything_is_warned_of_with_its_rate(
    client: TestClient, database: Database
) -> None:
    for number in range(20):
        make_article(database, number)
    answer = client.post("/v1/watches", json={"name": "x", "query": "lang:en"}).json()
    assert answer["warnings"][0].startswith("this matches nearly every article")
    assert answer["warnings"][1].startswith("100% of the 20 articles match")
    assert client.post("/v1/watches", json={"name": "y", "query": "zeppelin"}).json()["warnings"] == []


def test_a_watch_names_only_endpoints_that_exist(client: TestClient) -> None:
    answer = client.post("/v1/watches", json={"name": "x", "query": "port", "endpoint_ids": ["7"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/endpoint_ids/0"


def test_a_deleted_endpoint_leaves_its_watches(client: TestClient) -> None:
    endpoint = client.post("/v1/endpoints", json={"name": "Desk", "url": "http://127.0.0.1:8080/hook"}).json()
    watch = client.post("/v1/watches", json={"name": "x", "query": "port", "endpoint_ids": [endpoint["id"]]}).json()
    assert watch["endpoint_ids"] == [endpoint["id"]]
    client.delete(f"/v1/endpoints/{endpoint['id']}")
    assert client.get(f"/v1/watches/{watch['id']}").json()["endpoint_ids"] == []


def test_a_preview_tells_what_would_have_been_found(client: TestClient, scene: Scene, database: Database) -> None:
    make_article(database, 2)
    with database.transaction() as tx:
        tx.execute(text("UPDATE articles SET text = 'The harbour was sold.', title = 'Harbour' WHERE story_id IS NULL"))

    found = client.post("/v1/watches/preview", json={"query": 'port AND org:"Vessel Group"'}).json()

    assert (found["matches"], found["stories"], found["articles"], found["complete"]) == (1, 1, 2, True)
    assert found["alerts_per_week"] > 0
    assert found["samples"][0]["article_id"] == scene.article_id
    assert found["samples"][0]["evidence"][0]["text"] == "Port"
    assert found["near_misses"][0]["clause"] == "port"
    assert (found["scanned"], found["difference"], found["doubtful"]) == (2, None, [])
    assert sum(bar["matches"] for bar in found["histogram"]) == 1
    assert found["samples"][0]["certainty"] == 0.9
    assert client.get("/v1/watches", params={"limit": 100}).json()["items"][0]["id"] == scene.watch_id
    assert client.post("/v1/watches/preview", json={"query": "("}).status_code == 422
    later = client.post("/v1/watches/preview", json={"query": "port", "since": "2999-01-01T00:00:00Z"})
    assert later.json()["matches"] == 0


def test_a_preview_tells_the_difference_from_the_saved_query(
    client: TestClient, scene: Scene, database: Database
) -> None:
    make_article(database, 2)
    with database.transaction() as tx:
        tx.execute(text("UPDATE articles SET text = 'The harbour was sold.', title = 'Harbour' WHERE story_id IS NULL"))
    body = {"query": "harbour", "watch_id": scene.watch_id}

    found = client.post("/v1/watches/preview", json=body).json()["difference"]

    assert (found["gained"], found["lost"]) == (1, 1)
    assert [sample["article_id"] for sample in found["lost_samples"]] == [scene.article_id]
    assert client.post("/v1/watches/preview", json=body | {"watch_id": "99"}).status_code == 404


def test_a_preview_can_be_followed(client: TestClient, scene: Scene) -> None:
    answer = client.post("/v1/watches/preview", json={"query": "port"}, headers={"Accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[0] == {"progress": {"matches": 1, "scanned": 1, "articles": 1}}
    whole = client.post("/v1/watches/preview", json={"query": "port"}).json()
    moments = {name: lines[-1]["preview"][name] for name in ("since", "looked_back_to")}
    assert lines[-1]["preview"] == whole | moments


def test_a_preview_of_a_part_says_so_and_estimates_the_whole(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        make_article(database, number + 1)
    with database.transaction() as tx:
        tx.execute(text("UPDATE articles SET text = 'A port.', first_seen_at = now() - id * interval '1 hour'"))
        newest = tx.execute(text("SELECT first_seen_at FROM articles ORDER BY id DESC LIMIT 1")).scalar_one()
    monkeypatch.setattr("api.preview.BUDGET_ARTICLES", 1)
    monkeypatch.setattr("api.subjects.CHUNK", 1)

    found = client.post("/v1/watches/preview", json={"query": "port"}).json()

    assert (found["matches"], found["scanned"], found["articles"], found["complete"]) == (1, 1, 4, False)
    assert found["estimated_matches"] == 4
    assert datetime.fromisoformat(found["looked_back_to"]) == newest
    assert found["warnings"][0].startswith("only the newest 1 of 4 articles were looked at")
    assert found["warnings"][0].endswith("about 4 would match in all")


def test_what_was_taken_back_matches_no_watch_in_a_preview(client: TestClient, scene: Scene) -> None:
    path = f"/v1/articles/{scene.article_id}/retraction"
    assert client.put(path, json={"reason": "wrong"}).status_code == 200
    assert client.post("/v1/watches/preview", json={"query": "port"}).json()["matches"] == 0


def test_an_explanation_names_the_clause_that_failed(client: TestClient, scene: Scene) -> None:
    watch = client.post("/v1/watches", json={"name": "x", "query": "port AND zeppelin"}).json()
    path = f"/v1/watches/{watch['id']}/explain"

    explained = client.get(path, params={"article_id": scene.article_id}).json()

    assert explained["matched"] is False
    assert [clause["satisfied"] for clause in explained["clauses"]] == [True, False]
    assert [clause["first_failure"] for clause in explained["clauses"]] == [False, True]
    assert explained["clauses"][0]["evidence"][0]["text"] == "Port"
    assert client.get(path, params={"article_id": "99"}).status_code == 404
    assert client.get(path).status_code == 422


def test_what_became_of_a_match_is_listed_and_explained(client: TestClient, scene: Scene, database: Database) -> None:
    unsure = make_article(database, 2)
    with database.transaction() as tx:
        matches.upsert_all(
            tx, [Match(scene.watch_id, id_, 1, scene.story_id, ()) for id_ in (scene.article_id, unsure)]
        )
        why = "its score 0.40 is below 0.50"
        matches.hear_all(
            tx,
            [
                Hearing(scene.watch_id, scene.article_id, scene.alert_id, told=True),
                Hearing(scene.watch_id, unsure, None, untold=why),
            ],
        )
    path = f"/v1/watches/{scene.watch_id}"
    listed = client.get(f"{path}/matches").json()["items"]
    assert [(one["article_id"], one["state"], one["reason"]) for one in listed] == [
        (unsure, "suppressed", why),
        (scene.article_id, "suppressed", "no endpoint is there to be told"),
    ]
    page = client.get(f"{path}/matches", params={"limit": 1}).json()
    assert client.get(f"{path}/matches", params={"limit": 1, "cursor": page["next"]}).json()["items"] == listed[1:]
    assert client.get(f"{path}/matches", params={"state": "sent"}).json() == {"items": [], "next": None}
    explained = client.get(f"{path}/explain", params={"article_id": unsure}).json()
    assert (explained["matched"], explained["match"]) == (True, listed[0])
    assert client.get(f"{path}/matches", params={"state": "lost"}).status_code == 422
    assert client.get("/v1/watches/999/matches").status_code == 404
    assert client.get("/v1/deliveries/balance").json()["matches"] == {
        "matched": 2,
        "sent": 0,
        "pending": 0,
        "held": 0,
        "suppressed": 2,
        "failed": 0,
    }
