"""The published schema describes what is really built; a small checker for the words that it uses."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wirewatch.channels import EXAMPLE
from wirewatch.payload import build_payload
from worker.delivery.payload import build_alert_payload, build_notice_payload, thin_of

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[3] / "docs/schemas/webhook-v1.json").read_text())
AT = datetime(2030, 5, 1, 12, tzinfo=UTC)
DATA = {name: value for name, value in EXAMPLE.items() if name not in ("type", "timestamp")}
TYPES = {"string": str, "integer": int, "object": dict, "array": list, "null": type(None)}
KNOWN = {"type", "properties", "required", "items", "minItems", "minimum", "enum", "const", "$ref", "format"} | {
    *("additionalProperties", "description", "title", "$schema", "$defs", "allOf", "if", "then")
}


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Where a value is not what the schema says."""
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], at)
    found = []
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not isinstance(value, tuple(TYPES[name] for name in names)) or isinstance(value, bool):
            return [f"{at}: {value!r} is no {names}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']!r}")
    if schema.get("format") == "date-time" and isinstance(value, str):
        assert datetime.fromisoformat(value).tzinfo is not None, at
    if isinstance(value, dict):
        found += [f"{at}/{name} is missing" for name in schema.get("required", ()) if name not in value]
        rest = schema.get("additionalProperties", {})
        for name, part in value.items():
            found += faults(part, schema.get("properties", {}).get(name, rest), f"{at}/{name}")
    if isinstance(value, list):
        found += [
            fault
            for place, part in enumerate(value)
            for fault in faults(part, schema.get("items", {}), f"{at}/{place}")
        ]
    for branch in schema.get("allOf", ()):
        if not faults(value, branch["if"], at):
            found += faults(value, branch["then"], at)
    return found


NOTICE = dict.fromkeys(("failing_since", "disabled_reason", "disabled_at", "to_be_disabled_at"))
BODIES = {
    "full": build_alert_payload(DATA, AT),
    "thin": thin_of(build_alert_payload(DATA, AT)),
    "test": build_payload("endpoint.test", {"endpoint_id": "1", "endpoint_name": "Desk", "message": "Hello"}, AT),
    "notice": build_notice_payload("endpoint.failing", {"endpoint_id": "1", "endpoint_name": "Desk", **NOTICE}, AT),
}


@pytest.mark.parametrize("name", BODIES)
def test_what_is_built_is_what_the_schema_says(name: str) -> None:
    assert faults(json.loads(BODIES[name]), SCHEMA) == []


def test_every_member_that_is_built_stands_in_the_schema() -> None:
    alert = json.loads(BODIES["full"])["data"]["alerts"][0]
    assert alert.keys() == SCHEMA["$defs"]["alert"]["properties"].keys()
    for name in ("story", "evidence", "claim", "article"):
        values = {"story": DATA["story"], "evidence": alert["evidence"][0]}
        value = values.get(name) or DATA[f"{name}s"][0]
        assert value.keys() == SCHEMA["$defs"][name]["properties"].keys()


def test_the_checker_finds_what_is_wrong() -> None:
    wrong = json.loads(BODIES["full"])
    wrong["data"]["alerts"][0]["update"]["reason"] = "because"
    del wrong["data"]["story"]["title"]
    assert len(faults(wrong, SCHEMA)) == 2


def test_a_thin_webhook_is_the_same_every_time_and_without_the_proof() -> None:
    assert thin_of(BODIES["full"]) == BODIES["thin"]
    assert b"evidence" not in BODIES["thin"]
    assert b"mortars" in BODIES["thin"]
    assert len(BODIES["thin"]) < len(BODIES["full"]) / 2
    assert thin_of(BODIES["test"]) == BODIES["test"]
