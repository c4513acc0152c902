"""Health, metrics and the description of the service need no key and no broker."""

from fastapi.testclient import TestClient

from ingest.app import build_app
from tests.factories import article
from wirewatch.db import Database
from wirewatch.settings import Settings
from wirewatch.stack.datadir import usable_ports


def test_a_migrated_database_makes_it_ready(client: TestClient) -> None:
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"Authorization": ""}).status_code == 200


def test_without_a_database_it_is_alive_but_not_ready_and_says_so(settings: Settings) -> None:
    nowhere = Database(f"postgresql://nobody@127.0.0.1:{usable_ports(0)[0]}/none")
    headers = {"Authorization": f"Bearer {settings.bootstrap_key.get_secret_value() if settings.bootstrap_key else ''}"}
    with TestClient(build_app(nowhere, settings), raise_server_exceptions=False, headers=headers) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        answer = client.post("/v1/articles", json=article(1))
        other_key = client.post("/v1/articles", json=article(1), headers={"Authorization": "Bearer ww_other"})
    assert answer.status_code == other_key.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Retry-After" in answer.headers


def test_metrics_count_what_came_in(client: TestClient) -> None:
    client.post("/v1/articles", json=article(1))
    shown = client.get("/metrics").text
    assert 'wirewatch_articles_received_total{status="accepted"}' in shown
    assert 'route="/v1/articles"' in shown


def test_the_description_names_every_field(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    body = described["paths"]["/v1/articles"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["anyOf"][0]["properties"]) == {
        *("url", "title", "text", "html", "published_at", "source", "lang", "external_id"),
    }
