"""Many articles at once on a real database: packed bodies, and back-pressure while much work waits."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import zstandard
from fastapi.testclient import TestClient
from sqlalchemy import text

from ingest import backlog, door
from ingest.app import build_app
from tests.factories import BOOTSTRAP_KEY, article, bearer
from wirewatch.db import Database
from wirewatch.settings import Settings

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}
LINES = "\n".join(json.dumps(article(number)) for number in range(5)).encode()


@pytest.fixture
def narrow_client(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A service for which ten waiting messages are a long backlog, and forty too long a one."""
    monkeypatch.setattr(backlog, "FRESH_SECONDS", -1.0)
    monkeypatch.setattr(door, "PATIENCE_SECONDS", 0.0)
    app = build_app(database, settings.model_copy(update={"backlog_mark": 10}))
    with TestClient(app, raise_server_exceptions=False, headers=bearer(BOOTSTRAP_KEY)) as made:
        yield made


def count(database: Database, table: str = "articles") -> int:
    with database.transaction() as tx:
        return int(tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def statuses(items: list[dict[str, Any]]) -> list[str | int]:
    return [item.get("status") or item["error"]["status"] for item in items]


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_packed_bodies_are_taken(client: TestClient, database: Database, encoding: str, pack: Any) -> None:
    packed = {"Content-Encoding": encoding}
    one = client.post("/v1/articles", content=pack(json.dumps(article(9)).encode()), headers=JSON | packed)
    many = client.post("/v1/articles", content=pack(LINES), headers=NDJSON | packed)
    array = client.post("/v1/articles", content=pack(json.dumps([article(8)]).encode()), headers=JSON | packed)

    assert one.status_code == 202
    assert statuses(many.json()["items"]) == ["accepted"] * 5
    assert statuses(array.json()["items"]) == ["accepted"]
    assert count(database) == 7


def test_lines_may_be_longer_than_any_other_body(client: TestClient, database: Database, settings: Settings) -> None:
    blank = b" " * (1024 * 1024 - 1) + b"\n"
    chunks = [blank] * (settings.max_body_bytes // len(blank) + 2)

    response = client.post("/v1/articles", content=iter([*chunks, LINES]), headers=NDJSON)

    assert statuses(response.json()["items"]) == ["accepted"] * 5
    assert count(database) == 5


def test_a_bomb_is_refused_and_what_came_before_it_is_known(client: TestClient, database: Database) -> None:
    bomb = gzip.compress(LINES + b"\n" + b"0" * 100_000_000)

    response = client.post("/v1/articles", content=bomb, headers=NDJSON | {"Content-Encoding": "gzip"})

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert count(database) in (0, 5)


def test_an_array_that_is_no_json_stores_nothing(client: TestClient, database: Database) -> None:
    bodies = [json.dumps(article(number)) for number in range(600)]

    response = client.post("/v1/articles", content="[" + ",".join([*bodies, "{"]) + "]", headers=JSON)

    assert response.status_code == 400
    assert count(database) == 0


def test_bulk_waits_while_much_work_waits_and_single_articles_do_not(
    narrow_client: TestClient, database: Database
) -> None:
    filling = narrow_client.post("/v1/articles", json=[article(number) for number in range(12)])
    array = narrow_client.post("/v1/articles", json=[article(100)])
    lines = narrow_client.post("/v1/articles", content=LINES, headers=NDJSON)
    single = narrow_client.post("/v1/articles", json=article(101))

    assert filling.status_code == 200
    for refused in (array, lines):
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "application/problem+json"
    assert single.status_code == 202
    assert count(database) == 13


def test_single_articles_wait_above_a_higher_mark(narrow_client: TestClient, database: Database) -> None:
    narrow_client.post("/v1/articles", json=[article(number) for number in range(45)])

    refused = narrow_client.post("/v1/articles", json=article(100))

    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET published_at = now()"))
    assert narrow_client.post("/v1/articles", json=article(100)).status_code == 202


def test_lines_that_a_backlog_meets_on_the_way_are_answered_one_by_one(
    narrow_client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.bulk.BATCH", 8)
    lines = "\n".join(json.dumps(article(number)) for number in range(30))

    items = narrow_client.post("/v1/articles", content=lines, headers=NDJSON).json()["items"]

    assert statuses(items) == ["accepted"] * 16 + [429] * 14
    assert count(database) == 16
