"""Whatever is sent: a 4xx problem document, never a 500."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.factories import bearer, make_key
from wirewatch.db import Database

JSON = {"Content-Type": "application/json"}

READS = [
    *("/v1/articles", "/v1/stories", "/v1/watches", "/v1/alerts", "/v1/endpoints", "/v1/deliveries", "/v1/entities"),
    *("/v1/topics", "/v1/feeds", "/v1/sources", "/v1/pipeline", "/v1/quarantine"),
]
RESOURCES = [
    "/v1/articles", "/v1/stories", "/v1/watches", "/v1/alerts", "/v1/endpoints", "/v1/deliveries", "/v1/entities",
    "/v1/topics", "/v1/feeds", "/v1/sources",
]  # fmt: skip
VALID: dict[str, dict[str, Any]] = {
    "/v1/watches": {"name": "x", "query": "port"},
    "/v1/watches/preview": {"query": "port"},
    "/v1/endpoints": {"name": "x", "url": "http://127.0.0.1:8080/"},
    "/v1/entities": {"name": "x", "type": "person"},
    "/v1/topics": {"name": "x"},
    "/v1/feeds": {"url": "http://127.0.0.1:8080/"},
}
ODD_IDS = ["0", "-1", "abc", "1.5", "9" * 30, "9223372036854775808", "%00", "%ED%A0%80", "1'--", "٣", "+1", "1%0A"]

BAD_FIELDS: list[tuple[str, dict[str, Any], str]] = [
    ("/v1/watches", {"name": ""}, "/name"),
    ("/v1/watches", {"name": "  "}, "/name"),
    ("/v1/watches", {"name": "a\0b"}, "/name"),
    ("/v1/watches", {"name": "x" * 5000}, "/name"),
    ("/v1/watches", {"snoozed_until": "0001-01-01T00:00:00+14:00"}, "/snoozed_until"),
    ("/v1/watches", {"snoozed_until": "9999-12-31T23:59:59-12:00"}, "/snoozed_until"),
    ("/v1/watches", {"backfill_since": "0001-01-01T00:00:00+14:00"}, "/backfill_since"),
    ("/v1/watches/preview", {"since": "0001-01-01T00:00:00+14:00"}, "/since"),
    ("/v1/watches", {"query": 5}, "/query"),
    ("/v1/watches", {"query": "a\0b"}, "/query"),
    ("/v1/watches", {"query": "(" * 20_000}, "/query"),
    ("/v1/watches", {"query": " OR ".join(["x"] * 600)}, "/query"),
    ("/v1/watches", {"enabled": 1}, "/enabled"),
    ("/v1/watches", {"enabled": "yes"}, "/enabled"),
    ("/v1/watches", {"policy": {"mode": "sometimes"}}, "/policy/mode"),
    ("/v1/watches", {"policy": {"settle_seconds": -1}}, "/policy/settle_seconds"),
    ("/v1/watches", {"policy": {"settle_seconds": True}}, "/policy/settle_seconds"),
    ("/v1/watches", {"policy": {"settle_seconds": 1e99}}, "/policy/settle_seconds"),
    ("/v1/watches", {"policy": {"digest": "daily"}}, "/policy/digest"),
    ("/v1/watches", {"policy": {"digest": {"every": "yearly"}}}, "/policy/digest/every"),
    ("/v1/watches", {"policy": {"digest": {"at": "25:00"}}}, "/policy/digest/at"),
    ("/v1/watches", {"policy": {"digest": {"at": "8:00"}}}, "/policy/digest/at"),
    ("/v1/watches", {"policy": {"digest": {"at": "٠٨:00"}}}, "/policy/digest/at"),
    ("/v1/watches", {"policy": {"digest": {"time_zone": "../../etc/passwd"}}}, "/policy/digest/time_zone"),
    ("/v1/watches", {"policy": {"quiet_hours": {"start": "08:00"}}}, "/policy/quiet_hours/end"),
    ("/v1/watches", {"policy": {"quiet_hours": {"start": "08:00", "end": "08:00"}}}, "/policy/quiet_hours"),
    ("/v1/watches", {"policy": {"min_score": 1.5}}, "/policy/min_score"),
    ("/v1/watches", {"policy": {"min_independent_sources": 0}}, "/policy/min_independent_sources"),
    ("/v1/watches", {"policy": {"max_per_hour": 0}}, "/policy/max_per_hour"),
    ("/v1/watches", {"policy": {"priority": "loud"}}, "/policy/priority"),
    ("/v1/watches", {"snoozed_until": "tomorrow"}, "/snoozed_until"),
    ("/v1/watches", {"backfill_since": "2999-01-01"}, "/backfill_since"),
    ("/v1/watches", {"backfill_since": "1999-01-01"}, "/backfill_since"),
    ("/v1/watches", {"endpoint_ids": "all"}, "/endpoint_ids"),
    ("/v1/watches", {"endpoint_ids": ["x\0"]}, "/endpoint_ids/0"),
    ("/v1/watches", {"colour": "red"}, "/colour"),
    ("/v1/watches/preview", {"since": "long ago"}, "/since"),
    ("/v1/entities", {"type": "animal"}, "/type"),
    ("/v1/entities", {"id": "../etc"}, "/id"),
    ("/v1/entities", {"id": ""}, "/id"),
    ("/v1/entities", {"aliases": ["x", 5]}, "/aliases/1"),
    ("/v1/entities", {"aliases": "x"}, "/aliases"),
    ("/v1/entities", {"country": "no-such-country"}, "/country"),
    ("/v1/entities", {"origin": "builtin"}, "/origin"),
    ("/v1/topics", {"threshold": 2}, "/threshold"),
    ("/v1/topics", {"cues": [{"phrase": "x", "weight": "heavy"}]}, "/cues/0/weight"),
    ("/v1/topics", {"cues": [{"phrase": ""}]}, "/cues/0/phrase"),
    ("/v1/topics", {"required_entity_types": ["x"]}, "/required_entity_types/0"),
    ("/v1/endpoints", {"url": "not a url"}, "/url"),
    ("/v1/endpoints", {"url": "http://" + "a" * 9000}, "/url"),
    ("/v1/endpoints", {"secret": "mine"}, "/secret"),
    ("/v1/feeds", {"min_interval_seconds": 0}, "/min_interval_seconds"),
    ("/v1/feeds", {"min_interval_seconds": 86_400, "max_interval_seconds": 60}, "/max_interval_seconds"),
]

BAD_PARAMETERS = [
    "limit=0", "limit=101", "limit=-1", "limit=x", "limit=1e3", "limit=99999999999999999999", "cursor=%21",
    "cursor=YWJj", "cursor=LTE", "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "colour=red", "cursor=%00", "cursor=gICA",
]  # fmt: skip


def assert_problem(response: Any, *statuses: int) -> dict[str, Any]:
    assert response.status_code in statuses, f"{response.request.url}: {response.status_code} {response.text}"
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == response.status_code
    assert problem["title"]
    return problem


@pytest.mark.parametrize(("path", "fields", "pointer"), BAD_FIELDS)
def test_a_bad_field_is_named(steady_client: TestClient, path: str, fields: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(steady_client.post(path, json={**VALID[path], **fields}), 422)
    assert pointer in [error["pointer"] for error in problem["errors"]]


def test_bad_bodies_are_refused_everywhere(steady_client: TestClient) -> None:
    for path in VALID:
        for body in (b"{", b"", b'{"name": NaN}', b'{"name": "\\ud800"}', b"\xff", b"[" * 100_000, b'{"a":' * 9_999):
            assert_problem(steady_client.post(path, content=body, headers=JSON), 400, 422)
        values: tuple[Any, ...] = (None, [], "x", 5, True)
        for value in values:
            if value == [] and path == "/v1/entities":
                continue  # many entities, none of them: nothing is wrong with that
            assert_problem(steady_client.post(path, content=json.dumps(value), headers=JSON), 422)
        assert_problem(steady_client.post(path, content=b"{}", headers={"Content-Type": "text/plain"}), 415)
        assert_problem(steady_client.post(path, content=b"{}"), 415)
        huge = json.dumps({"name": "x" * 2_000_000}).encode()
        assert_problem(steady_client.post(path, content=huge, headers=JSON), 413)


def test_missing_fields_are_named(steady_client: TestClient) -> None:
    problem = assert_problem(steady_client.post("/v1/watches", json={}), 422)
    assert {error["pointer"] for error in problem["errors"]} == {"/name", "/query"}


def test_ids_that_were_never_given_out_are_not_found(steady_client: TestClient) -> None:
    for resource in RESOURCES:
        for odd in ODD_IDS:
            assert_problem(steady_client.get(f"{resource}/{odd}"), 404)
    for odd in ODD_IDS:
        assert_problem(steady_client.delete(f"/v1/watches/{odd}"), 404)
        assert_problem(steady_client.patch(f"/v1/alerts/{odd}", json={"state": "open"}), 404)
        assert_problem(steady_client.post(f"/v1/deliveries/{odd}/replay"), 404)
        assert_problem(steady_client.post(f"/v1/quarantine/{odd}/retry"), 404)
        assert_problem(steady_client.post(f"/v1/endpoints/{odd}/test"), 404)
        assert_problem(steady_client.post(f"/v1/endpoints/{odd}/rotate-secret"), 404)


def test_bad_parameters_are_refused_on_every_list(steady_client: TestClient) -> None:
    for path in READS:
        for query in BAD_PARAMETERS:
            if path in ("/v1/pipeline",) or (path in ("/v1/entities", "/v1/topics") and query.startswith("cursor=")):
                continue
            assert_problem(steady_client.get(f"{path}?{query}"), 400, 422)
    for query in ("state=lost", "watch_id=x", "story_id=0"):
        assert_problem(steady_client.get(f"/v1/alerts?{query}"), 422)
    for query in ("since=yesterday", "story_id=x", "q=%28", "q=*"):
        assert_problem(steady_client.get(f"/v1/articles?{query}"), 422)


def test_odd_cursors_of_catalogue_lists_break_nothing(steady_client: TestClient) -> None:
    for path in ("/v1/entities", "/v1/topics"):
        for cursor in ("YWJj", "AA", "AAAA", "gICA", "4pyT"):
            response = steady_client.get(path, params={"cursor": cursor})
            assert response.status_code in (200, 422), response.text


def test_wrong_addresses_and_methods_get_problem_documents(steady_client: TestClient) -> None:
    assert_problem(steady_client.get("/v1/nothing"), 404)
    assert_problem(steady_client.get("/nothing"), 404)
    assert_problem(steady_client.get("/v1/watches/"), 404)
    assert "GET" in steady_client.put("/v1/watches").headers["allow"]
    assert_problem(steady_client.put("/v1/watches"), 405)
    assert_problem(steady_client.delete("/v1/pipeline"), 405)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ww_wrong", "Basic eDp5", "Token x"])
def test_without_a_valid_key_nothing_is_shown(steady_client: TestClient, authorization: str) -> None:
    for path in [*READS, "/v1/alerts/stream", "/v1/nothing"]:
        assert_problem(steady_client.get(path, headers={"Authorization": authorization}), 401)
    assert_problem(
        steady_client.post("/v1/watches", content=b"{", headers={**JSON, "Authorization": authorization}), 401
    )


def test_scopes_divide_reading_from_writing(client: TestClient, database: Database) -> None:
    reader, writer, sender = (bearer(make_key(database, scope)) for scope in ("read", "write", "ingest"))
    for path in READS:
        assert client.get(path, headers=reader).status_code == 200
        assert_problem(client.get(path, headers=sender), 403)
        assert_problem(client.get(path, headers=writer), 403)
    assert_problem(client.get("/v1/alerts/stream", headers=sender), 403)
    for path, body in VALID.items():
        if path != "/v1/watches/preview":
            assert_problem(client.post(path, json=body, headers=reader), 403)
            assert client.post(path, json=body, headers=writer).status_code == 201
    assert_problem(client.delete("/v1/watches/1", headers=reader), 403)


def test_a_revoked_key_opens_nothing(client: TestClient, database: Database) -> None:
    key = bearer(make_key(database, "admin"))
    assert client.get("/v1/watches", headers=key).status_code == 200
    with database.transaction() as tx:
        tx.execute(text("UPDATE api_keys SET revoked_at = now()"))
    assert_problem(client.get("/v1/watches", headers=key), 401)


def test_health_metrics_and_description_need_no_key(steady_client: TestClient) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        assert steady_client.get(path, headers={"Authorization": ""}).status_code == 200
    steady_client.get("/v1/watches/7")
    shown = steady_client.get("/metrics").text
    assert 'route="/v1/watches/{watch_id}",status="404"' in shown
    assert 'wirewatch_messages{stage="dedupe",state="pending"} 0.0' in shown
