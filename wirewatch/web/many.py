"""What OpenAPI cannot learn from the code of a call that takes one thing or many."""

from collections.abc import Sequence
from typing import Any

from wirewatch.web.bodies import JSON_TYPE, NDJSON_TYPE


def receipt_schema(statuses: Sequence[str]) -> dict[str, Any]:
    """The answer for one of many: its id, and what became of it."""
    return {
        "type": "object",
        "required": ["id", "status"],
        "properties": {"id": {"type": "string"}, "status": {"type": "string", "enum": list(statuses)}},
    }


def document_one_or_many(noun: str, body: dict[str, Any], statuses: Sequence[str]) -> dict[str, Any]:
    """The request and the answer to many; the answer to one is the call's own."""
    error = {"type": "object", "required": ["error"], "properties": {"error": {"type": "object"}}}
    item = {"anyOf": [receipt_schema(statuses), error]}
    many = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}}
    return {
        "requestBody": {
            "required": True,
            "content": {
                JSON_TYPE: {"schema": {"anyOf": [body, {"type": "array", "items": body}]}},
                NDJSON_TYPE: {"schema": {"type": "string", "description": f"one {noun} object a line"}},
            },
        },
        "responses": {
            "200": {"description": f"an answer for each {noun}", "content": {JSON_TYPE: {"schema": many}}},
        },
    }
