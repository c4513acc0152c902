"""Whatever is sent: a 4xx problem document that names the field, nothing stored, never a 500."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.factories import article, bearer, make_key
from wirewatch.db import Database

JSON = {"Content-Type": "application/json"}

BAD_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"title": None, "text": None}, "/text"),
    ({"title": " ", "text": "\n"}, "/text"),
    ({"title": None, "text": None, "html": "<script>x</script>"}, "/html"),
    ({"text": "a\0b"}, "/text"),
    ({"title": True}, "/title"),
    ({"text": ["x"]}, "/text"),
    ({"text": {"deep": {}}}, "/text"),
    ({"external_id": 7}, "/external_id"),
    ({"colour": "red"}, "/colour"),
    ({"source": "Example News"}, "/source"),
    ({"source": {"name": "x", "country": "y"}}, "/source/country"),
    ({"source": {"domain": "not a domain"}}, "/source/domain"),
    ({"published_at": "yesterday"}, "/published_at"),
    ({"published_at": 1700000000}, "/published_at"),
    ({"published_at": "1850-01-01T00:00:00Z"}, "/published_at"),
    ({"published_at": "2999-01-01T00:00:00Z"}, "/published_at"),
    ({"published_at": "2026-02-30T00:00:00Z"}, "/published_at"),
    ({"published_at": "0000-01-01T00:00:00Z"}, "/published_at"),
    ({"published_at": "0001-01-01T00:00:00+14:00"}, "/published_at"),
    ({"published_at": "9999-12-31T23:59:59-14:00"}, "/published_at"),
    ({"url": "javascript:alert(1)"}, "/url"),
    ({"url": "/relative"}, "/url"),
    ({"url": "https://exa mple/x"}, "/url"),
    ({"url": "https://[::1/x"}, "/url"),
    ({"url": "https://example.org:99999/x"}, "/url"),
    ({"url": "https://example.org/" + "x" * 9000}, "/url"),
    ({"lang": "not a language"}, "/lang"),
    ({"title": "x" * 20_000}, "/title"),
    ({"html": "<p>x</p>"}, "/html"),
]

BAD_BODIES: list[tuple[bytes, dict[str, str], int]] = [
    (b"", JSON, 400),
    (b"{", JSON, 400),
    (b'{"text": NaN}', JSON, 400),
    (b'{"text": "\\ud800"}', JSON, 400),
    (b'{"text": "\xff\xfe"}', JSON, 400),
    (b"\x89PNG\r\n\x1a\n\0\0", JSON, 400),
    (b"[" * 100_000, JSON, 400),
    (b'{"text":' * 100_000, JSON, 400),
    ('{"text": "x"}'.encode("utf-16"), JSON, 400),
    (b'{"text": "x"}', {}, 415),
    (b'{"text": "x"}', {"Content-Type": "text/plain"}, 415),
    (b"text=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    (b"\x1f\x8b\x08", {**JSON, "Content-Encoding": "gzip"}, 400),
    (b'{"text": "x"}', {**JSON, "Content-Encoding": "gzip"}, 400),
    (b'{"text": "x"}', {**JSON, "Content-Encoding": "zstd"}, 400),
    (b'{"text": "x"}', {**JSON, "Content-Encoding": "br"}, 415),
    (b'{"text": "x"}', {**JSON, "Content-Encoding": "gzip, gzip"}, 415),
    (b"[" + b'{"text": "x"},' * 3, JSON, 400),
    (b'[{"text": "x"}, {]', JSON, 400),
    (b'[{"text": "x"}] tail', JSON, 400),
    (b'[{"text": "x"},]', JSON, 400),
    (b'["\\"' + b'\\"' * 1_000_000, JSON, 400),
    (b'"text"', JSON, 422),
    (b"null", JSON, 422),
    (b"5", JSON, 422),
]


def count(database: Database) -> int:
    with database.transaction() as tx:
        return int(
            tx.execute(text("SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM messages)")).scalar_one()
        )


@pytest.mark.parametrize(("fields", "pointer"), BAD_FIELDS)
def test_a_bad_field_is_named(
    steady_client: TestClient, shared_database: Database, fields: dict[str, Any], pointer: str
) -> None:
    response = steady_client.post("/v1/articles", json=article(1, **fields))

    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in response.json()["errors"]]
    assert count(shared_database) == 0


@pytest.mark.parametrize(("body", "headers", "status"), BAD_BODIES)
def test_a_bad_body_is_refused(
    steady_client: TestClient, shared_database: Database, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = steady_client.post("/v1/articles", content=body, headers=headers)

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert count(shared_database) == 0


def test_an_article_over_the_limit_is_413_and_the_rest_of_its_batch_is_taken(client: TestClient) -> None:
    huge = article(1, text="x" * (5 * 1024 * 1024 + 1))

    assert client.post("/v1/articles", json=huge).status_code == 413
    items = client.post("/v1/articles", json=[huge, article(2)]).json()["items"]
    lines = "\n".join(json.dumps(body) for body in (huge, article(3)))
    by_line = client.post("/v1/articles", content=lines, headers={"Content-Type": "application/x-ndjson"}).json()[
        "items"
    ]

    for answers in (items, by_line):
        assert answers[0]["error"]["status"] == 413
        assert answers[1]["status"] == "accepted"


def test_an_article_of_just_the_limit_is_taken(client: TestClient) -> None:
    assert client.post("/v1/articles", json=article(1, text="x" * (5 * 1024 * 1024))).status_code == 202


def test_a_body_over_the_limit_is_413_whether_it_says_so_or_not(
    steady_client: TestClient, shared_database: Database
) -> None:
    chunk = b" " * (1024 * 1024)
    said = steady_client.post("/v1/articles", content=chunk * 33, headers=JSON)
    unsaid = steady_client.post("/v1/articles", content=(chunk for _ in range(40)), headers=JSON)

    assert said.status_code == unsaid.status_code == 413
    assert said.headers["content-type"] == unsaid.headers["content-type"] == "application/problem+json"
    assert count(shared_database) == 0


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic d3c6d3c=", "Bearer ww_\xe9\xff", "ww_x"])
def test_without_a_valid_key_nothing_is_taken(
    steady_client: TestClient, shared_database: Database, header: str
) -> None:
    for body in (b"{", json.dumps(article(1)).encode()):
        response = steady_client.post(
            "/v1/articles", content=body, headers={**JSON, "Authorization": header.encode("latin-1")}
        )
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert "WWW-Authenticate" in response.headers
    assert count(shared_database) == 0


@pytest.mark.parametrize(("scopes", "status"), [(["read", "write"], 403), (["ingest"], 202), (["admin"], 202)])
def test_the_key_needs_the_scope_ingest(client: TestClient, database: Database, scopes: list[str], status: int) -> None:
    response = client.post("/v1/articles", json=article(1), headers=bearer(make_key(database, *scopes)))
    assert response.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/articles", 405), ("GET", "/v1/nothing", 404), ("GET", "/nothing", 404), ("GET", "/v1/%00", 404)],
)
def test_wrong_addresses_get_problem_documents(steady_client: TestClient, method: str, path: str, status: int) -> None:
    response = steady_client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
