"""The envelope of every webhook: what it tells of, in which version of the schema, when, and the rest by its type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

PAYLOAD_VERSION = 1
PayloadType = Literal["alert.updated", "endpoint.test", "endpoint.failing", "endpoint.disabled"]

_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class _Envelope:
    type: PayloadType
    version: int
    timestamp: datetime
    data: Mapping[str, Any]


def build_payload(kind: PayloadType, data: Mapping[str, Any], at: datetime) -> bytes:
    """A body as UTF-8 JSON; equal values give equal bytes. `at` is when that happened of which it tells."""
    return encode(_Envelope(kind, PAYLOAD_VERSION, at.astimezone(UTC).replace(microsecond=0), data))


def encode(payload: object) -> bytes:
    return _encoder.encode(payload)
