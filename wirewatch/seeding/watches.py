"""YAML files of watches and endpoints become bodies of API calls."""

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from wirewatch.errors import InvalidInputError
from wirewatch.models import Policy
from wirewatch.seeding.documents import read_text

T = TypeVar("T")


class WatchFields(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """The body of POST /v1/watches."""

    name: str
    query: str
    policy: dict[str, Any] = {}
    endpoint_ids: list[str] | None = None
    enabled: bool = True


class EndpointFields(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /v1/endpoints; an example is off unless it says otherwise."""

    name: str
    url: str
    enabled: bool = False


def read_watches(path: Path) -> list[dict[str, Any]]:
    """The bodies of POST /v1/watches in a YAML list; raises InvalidInputError naming the entry and field."""
    bodies = _read_list(path, WatchFields)
    for index, body in enumerate(bodies):
        policy = body.get("policy", {})
        _convert(policy, Policy, f"/{index}/policy")
        if unknown := policy.keys() - {field.name for field in fields(Policy)}:
            raise InvalidInputError([(f"/{index}/policy", f"unknown field {min(unknown)!r}")])
    return bodies


def read_endpoints(path: Path) -> list[dict[str, Any]]:
    """The bodies of POST /v1/endpoints in a YAML list; raises InvalidInputError naming the entry and field."""
    return _read_list(path, EndpointFields)


def _read_list(path: Path, kind: type[msgspec.Struct]) -> list[dict[str, Any]]:
    try:
        entries = yaml.safe_load(read_text(path))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InvalidInputError([("", f"{path}: {error}")]) from error
    if not isinstance(entries, list):
        raise InvalidInputError([("", f"{path}: not a list")])
    return [msgspec.to_builtins(_convert(entry, kind, f"/{index}")) for index, entry in enumerate(entries)]


def _convert(value: object, kind: type[T], pointer: str) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise InvalidInputError([(pointer, str(error))]) from error
