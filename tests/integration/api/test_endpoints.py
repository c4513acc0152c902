"""Endpoints keep their secrets; deliveries are tried, listed and sent once more."""

import msgspec
from fastapi.testclient import TestClient
from sqlalchemy import text

from wirewatch.clock import system_clock
from wirewatch.db import Database
from wirewatch.secretbox import SecretBox, new_key
from wirewatch.settings import Settings
from wirewatch.store import deliveries, endpoints, targets
from wirewatch.store.resealing import reseal

URL = "http://127.0.0.1:8080/services/T012AB/B0123456789ABCDEFGH?token=tiger"


def test_a_secret_is_shown_once_and_the_url_never_with_its_own(client: TestClient, database: Database) -> None:
    created = client.post("/v1/endpoints", json={"name": "Desk", "url": URL})
    assert created.status_code == 201
    endpoint = created.json()
    assert endpoint["secret"].startswith("whsec_")
    shown = client.get(f"/v1/endpoints/{endpoint['id']}").text + client.get("/v1/endpoints").text + created.text
    for secret in ("tiger", "B0123456789ABCDEFGH"):
        assert secret not in shown
    assert endpoint["secret"] not in client.get("/v1/endpoints").text
    with database.transaction() as tx:
        stored = str(tx.execute(text("SELECT to_jsonb(e) FROM endpoints e")).scalar_one())
    assert "tiger" not in stored
    assert endpoint["secret"] not in stored


def test_deliveries_see_the_address_and_both_secrets_after_a_rotation(
    client: TestClient, database: Database, settings: Settings
) -> None:
    endpoint = client.post("/v1/endpoints", json={"name": "Desk", "url": URL}).json()
    rotated = client.post(f"/v1/endpoints/{endpoint['id']}/rotate-secret")
    assert rotated.status_code == 200
    assert settings.secret_key is not None
    box = SecretBox.from_keys(settings.secret_key.get_secret_value())
    with database.transaction() as tx:
        target = targets.get_targets(tx, [endpoint["id"]], box, system_clock())[endpoint["id"]]
    assert target.url == URL
    assert target.secrets == (rotated.json()["secret"], endpoint["secret"])


def test_a_lost_key_is_recovered_from_by_a_new_secret(
    client: TestClient, database: Database, settings: Settings
) -> None:
    with database.transaction() as tx:
        endpoint, _ = endpoints.create(tx, SecretBox.from_keys(new_key()), "Desk", URL)
    path = f"/v1/endpoints/{endpoint.id}"
    rotated = client.post(f"{path}/rotate-secret")
    assert rotated.status_code == 200
    assert client.patch(path, json={"url": "http://127.0.0.1:8080/new"}).status_code == 200
    assert settings.secret_key is not None
    box = SecretBox.from_keys(settings.secret_key.get_secret_value())
    with database.transaction() as tx:
        target = targets.get_targets(tx, [endpoint.id], box, system_clock())[endpoint.id]
    assert (target.url, target.secrets) == ("http://127.0.0.1:8080/new", (rotated.json()["secret"],))


def test_addresses_that_may_not_be_reached_are_refused_when_they_are_saved(client: TestClient) -> None:
    for url in (
        "http://10.0.0.1/x",
        "http://169.254.169.254/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "x",
        "http://[::1]/",
    ):
        for path in ("/v1/endpoints", "/v1/feeds"):
            answer = client.post(path, json={"name": "x", "url": url})
            assert answer.status_code == 422, url
            assert answer.json()["errors"][0]["pointer"] == "/url"


def test_an_endpoint_is_changed_and_disabled(client: TestClient) -> None:
    endpoint = client.post("/v1/endpoints", json={"name": "Desk", "url": URL, "enabled": False}).json()
    path = f"/v1/endpoints/{endpoint['id']}"
    assert client.post(f"{path}/test").status_code == 409
    changed = client.patch(path, json={"name": "News desk", "enabled": True, "url": "http://127.0.0.1:8080/new"}).json()
    assert (changed["name"], changed["enabled"], changed["url"]) == ("News desk", True, "http://127.0.0.1:8080/new")
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_test_is_a_delivery_that_is_due(client: TestClient, database: Database) -> None:
    endpoint = client.post("/v1/endpoints", json={"name": "Desk", "url": URL}).json()
    answer = client.post(f"/v1/endpoints/{endpoint['id']}/test")
    assert answer.status_code == 201
    delivery = answer.json()
    assert (delivery["state"], delivery["endpoint_id"], delivery["update_ids"]) == ("pending", endpoint["id"], [])
    with database.transaction() as tx:
        due = tx.execute(text("SELECT subject_id::text FROM messages WHERE type = 'DeliveryDue'")).scalars().all()
        body = msgspec.json.decode(deliveries.get_due(tx, due)[0].body)
    assert due == [delivery["id"]]
    assert (body["type"], body["version"]) == ("endpoint.test", 1)
    assert client.get("/v1/deliveries", params={"endpoint_id": endpoint["id"]}).json()["items"] == [delivery]


def test_an_ended_delivery_is_sent_once_more_under_its_id(client: TestClient, database: Database) -> None:
    endpoint = client.post("/v1/endpoints", json={"name": "Desk", "url": URL}).json()
    delivery = client.post(f"/v1/endpoints/{endpoint['id']}/test").json()
    path = f"/v1/deliveries/{delivery['id']}"
    assert client.post(f"{path}/replay").status_code == 409
    with database.transaction() as tx:
        deliveries.suppress(tx, {delivery["id"]: "the endpoint is disabled"})

    replayed = client.post(f"{path}/replay")

    assert replayed.status_code == 202
    assert (replayed.json()["state"], replayed.json()["webhook_id"]) == ("pending", delivery["webhook_id"])
    with database.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM messages WHERE type = 'DeliveryDue'")).scalar_one() == 2
    client.delete(f"/v1/endpoints/{endpoint['id']}")
    assert client.post(f"{path}/replay").status_code == 409
    assert client.get(path).json()["endpoint_id"] is None


def test_ended_deliveries_are_replayed_by_endpoint_and_by_range(client: TestClient, database: Database) -> None:
    one, other = (client.post("/v1/endpoints", json={"name": name, "url": URL}).json()["id"] for name in ("a", "b"))
    ids = [client.post(f"/v1/endpoints/{endpoint}/test").json()["id"] for endpoint in (one, one, other)]
    with database.transaction() as tx:
        tx.execute(text("DELETE FROM messages"))
        tx.execute(text("UPDATE deliveries SET state = 'failed', finished_at = now()"))
    assert client.post("/v1/deliveries/replay", json={}).status_code == 422
    assert client.post("/v1/deliveries/replay", json={"endpoint_id": one, "states": []}).status_code == 422
    assert client.post("/v1/deliveries/replay", json={"since": "then"}).json()["errors"][0]["pointer"] == "/since"
    answer = client.post("/v1/deliveries/replay", json={"endpoint_id": one})
    assert (answer.status_code, answer.json()) == (202, {"replayed": 2, "more": False})
    with database.transaction() as tx:
        due = tx.execute(text("SELECT subject_id::text FROM messages ORDER BY id")).scalars().all()
    assert due == ids[:2]
    made = client.get(f"/v1/deliveries/{ids[2]}").json()["created_at"]
    for body, replayed in (
        ({"since": "2999-01-01T00:00:00Z"}, 0),
        ({"since": made, "states": ["sent"]}, 0),
        ({"since": made, "until": "2999-01-01T00:00:00Z"}, 1),
    ):
        assert client.post("/v1/deliveries/replay", json=body).json()["replayed"] == replayed


def test_secrets_are_put_under_the_newest_key(database: Database) -> None:
    old, new = new_key(), new_key()
    with database.transaction() as tx:
        endpoint, secret = endpoints.create(tx, SecretBox.from_keys(old), "Desk", URL)
        lost, _ = endpoints.create(tx, SecretBox.from_keys(new_key()), "Lost", URL)
        done = reseal(tx, SecretBox.from_keys(f"{new},{old}"))
        known = targets.get_targets(tx, [endpoint.id, lost.id], SecretBox.from_keys(new), system_clock())
    assert (done.rows, done.lost) == (1, [f"endpoint {lost.id}"])
    assert (known[endpoint.id].url, known[endpoint.id].secrets) == (URL, (secret,))
    assert known[lost.id].fault is not None
