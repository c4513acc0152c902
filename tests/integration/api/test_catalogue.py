"""Entities and topics: built in, edited, hidden, added."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi.testclient import TestClient

from wirewatch import migrate
from wirewatch.db import Database
from wirewatch.store import revisions

PERSON = {
    "id": "ada-marlowe",
    "name": "Ada Marlowe",
    "type": "person",
    "aliases": ["A. Marlowe", "Ада Марлоу"],
    "short_names": ["Marlowe"],
    "country": "north-korea",
}


def revision(database: Database, kind: str) -> int:
    with database.transaction() as tx:
        return revisions.get_revisions(tx)[kind]


def test_an_entity_is_added_changed_and_hidden(client: TestClient, database: Database) -> None:
    before = revision(database, "entities")
    created = client.post("/v1/entities", json=PERSON)
    assert created.status_code == 201
    assert created.json()["origin"] == "user"
    assert created.json()["aliases"] == PERSON["aliases"]
    assert client.post("/v1/entities", json=PERSON).status_code == 409

    changed = client.patch("/v1/entities/ada-marlowe", json={"titles": ["Minister"], "country": None})
    assert changed.status_code == 200
    assert (changed.json()["titles"], changed.json()["country"]) == (["Minister"], None)
    assert client.get("/v1/entities/ada-marlowe").json() == changed.json()

    assert client.delete("/v1/entities/ada-marlowe").status_code == 204
    assert client.get("/v1/entities/ada-marlowe").status_code == 404
    assert client.post("/v1/entities", json=PERSON).status_code == 201
    assert revision(database, "entities") == before + 4  # what was refused leaves no trace


def test_an_id_is_made_from_the_name(client: TestClient) -> None:
    assert client.post("/v1/entities", json={"name": "Ömer Zöld", "type": "person"}).json()["id"] == "omer-zold"
    assert client.post("/v1/entities", json={"name": "!?", "type": "person"}).status_code == 422
    assert client.post("/v1/topics", json={"name": "Port strikes"}).json()["id"] == "port-strikes"


def test_users_edits_of_the_built_in_set_outlive_an_upgrade(client: TestClient, database: Database) -> None:
    client.patch("/v1/entities/north-korea", json={"aliases": ["Norkor"]})
    client.delete("/v1/entities/south-korea")
    client.delete("/v1/topics/arms-transfers")

    migrate.upgrade(database)

    assert client.get("/v1/entities/north-korea").json()["aliases"] == ["Norkor"]
    assert client.get("/v1/entities/south-korea").status_code == 404
    assert client.get("/v1/topics/arms-transfers").status_code == 404


def test_an_upgrade_that_changes_nothing_raises_no_revision(client: TestClient, database: Database) -> None:
    before = revision(database, "entities"), revision(database, "topics")
    migrate.upgrade(database)
    assert (revision(database, "entities"), revision(database, "topics")) == before


def test_every_entity_is_listed_once(client: TestClient) -> None:
    ids, cursor = list[str](), ""
    while cursor is not None:
        page = client.get("/v1/entities", params={"limit": 100, "type": "person", "cursor": cursor}).json()
        ids += [entity["id"] for entity in page["items"]]
        cursor = page["next"]
    assert len(ids) == len(set(ids)) > 100
    found = client.get("/v1/entities", params={"q": "KIM JONG UN"}).json()["items"]
    assert "kim-jong-un" in [entity["id"] for entity in found]


def test_a_topic_is_added_changed_and_hidden(client: TestClient) -> None:
    body = {"id": "dredging", "name": "Dredging", "cues": [{"phrase": "dredging", "weight": 2}], "threshold": 0.4}
    created = client.post("/v1/topics", json=body)
    assert created.status_code == 201
    assert created.json()["cues"] == [{"phrase": "dredging", "weight": 2.0}]
    changed = client.patch("/v1/topics/dredging", json={"negative_cues": [{"phrase": "sale"}]})
    assert changed.json()["negative_cues"] == [{"phrase": "sale", "weight": 1.0}]
    assert "dredging" in [topic["id"] for topic in client.get("/v1/topics", params={"limit": 100}).json()["items"]]
    assert client.delete("/v1/topics/dredging").status_code == 204
    assert client.get("/v1/topics/dredging").status_code == 404


def test_many_entities_are_taken_at_once_and_answered_one_by_one(client: TestClient, database: Database) -> None:
    before = revision(database, "entities")
    bodies: list[Any] = [
        PERSON, {**PERSON, "id": "lives-in", "country": "ada-marlowe"}, {"name": "x", "type": "animal"},
        {**PERSON, "id": "nowhere", "country": "no-such-country"}, PERSON, "text",
    ]  # fmt: skip
    answer = client.post("/v1/entities", json=bodies)
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert items[:2] == [{"id": "ada-marlowe", "status": "created"}, {"id": "lives-in", "status": "created"}]
    assert [item["error"]["errors"][0]["pointer"] for item in items[2:]] == ["/type", "/country", "/id", ""]
    assert revision(database, "entities") == before + 1

    lines = b'{"id": "north-korea", "name": "Norkor", "type": "place"}\n\n{\n' + json.dumps(PERSON).encode()
    many = client.post("/v1/entities", content=lines, headers={"Content-Type": "application/x-ndjson"}).json()["items"]
    assert [item.get("status") or item["error"]["status"] for item in many] == ["updated", 400, "unchanged"]
    migrate.upgrade(database)  # what was written over is a user's edit
    assert client.get("/v1/entities/north-korea").json()["name"] == "Norkor"

    client.delete("/v1/entities/ada-marlowe")
    assert client.post("/v1/entities", json=[PERSON]).json()["items"][0]["status"] == "created"
    assert client.get("/v1/entities/ada-marlowe").json()["origin"] == "user"


def test_too_many_at_once_are_refused(client: TestClient) -> None:
    lines = {"Content-Type": "application/x-ndjson"}
    assert client.post("/v1/entities", content=b"{}\n" * 10_001, headers=lines).status_code == 413
    assert client.post("/v1/entities", content=b" " * 17_000_000, headers=lines).status_code == 413
    assert client.post("/v1/watches", content=b" " * 17_000_000, headers=lines).status_code == 415


def test_edits_of_different_fields_at_once_both_count(client: TestClient) -> None:
    client.post("/v1/entities", json=PERSON)
    client.post("/v1/topics", json={"id": "dredging", "name": "Dredging"})
    edits: dict[str, tuple[dict[str, Any], ...]] = {
        "/v1/entities/ada-marlowe": ({"titles": ["Minister"]}, {"name": "Ada B. Marlowe"}, {"aliases": ["AM"]}),
        "/v1/topics/dredging": ({"threshold": 0.25}, {"name": "Dredges"}, {"cues": [{"phrase": "dredge"}]}),
    }
    for path, patches in edits.items():
        with ThreadPoolExecutor() as pool:
            for _ in range(5):
                answers = list(pool.map(lambda patch, path=path: client.patch(path, json=patch), patches))
                assert [answer.status_code for answer in answers] == [200, 200, 200]
                kept = client.get(path).json()
                assert all(kept[name] == want for patch in patches[:2] for name, want in patch.items())
