"""YAML files of watches and endpoints become bodies of API calls."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml
from msgspec import UNSET, UnsetType

from wirewatch.errors import InvalidInputError
from wirewatch.models import Policy
from wirewatch.seeding.documents import read_text

T = TypeVar("T")


class _Loader(yaml.SafeLoader):
    """As people read YAML: 22:00 is a time of day and no number of seconds, and a date is what is written there."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in ("int", "float", "timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]*\.[0-9]+$"), list("-+.0123456789"))


class WatchFields(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /v1/watches. What is written counts, also a default: `enabled: true` switches on."""

    name: str
    query: str
    policy: dict[str, Any] | UnsetType = UNSET
    endpoint_ids: list[str] | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    snoozed_until: str | UnsetType | None = UNSET
    backfill_since: str | UnsetType | None = UNSET


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
        entries = yaml.load(read_text(path), _Loader)  # noqa: S506 (a SafeLoader)
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
