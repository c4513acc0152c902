"""Entities and topics: built in, edited, hidden, added."""

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
