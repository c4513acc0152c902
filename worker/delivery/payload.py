"""The body of a webhook: built once per delivery and kept, so that every retry sends the same bytes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from wirewatch.payload import build_payload, encode

ALERT_PARTS = frozenset({"alerts", "story", "articles", "claims", "links"})
SEVERAL = "stories"


def build_alert_payload(data: Mapping[str, Any], at: datetime) -> bytes:
    """The body of an `alert.updated` webhook as UTF-8 JSON; equal values give equal bytes.

    `data` holds exactly ALERT_PARTS: the alerts that the endpoint is told of together, each with its update and
    evidence; the story, articles and claims in the shapes of the API; links, a mapping of names to URLs. Where updates
    of several stories were gathered, it holds SEVERAL too.
    `at` is when the updates were made. Raises ValueError if a part is missing or unknown.
    """
    if data.keys() - {SEVERAL} != ALERT_PARTS:
        raise ValueError(f"an alert's payload holds {sorted(ALERT_PARTS)}, not {sorted(data)}")
    return build_payload("alert.updated", data, at)


def build_notice_payload(
    kind: Literal["endpoint.failing", "endpoint.disabled"], data: Mapping[str, Any], at: datetime
) -> bytes:
    """The body of the webhook that tells of another endpoint's failing."""
    return build_payload(kind, data, at)


def thin_of(body: bytes) -> bytes:
    """The same payload without what a receiver can read from the API: evidence, articles, claims and story facts."""
    payload = msgspec.json.decode(body)
    data = payload["data"]
    if payload["type"] != "alert.updated":
        return body
    alerts = [{name: alert[name] for name in alert if name != "evidence"} for alert in data["alerts"]]
    thin = {"alerts": alerts, "links": data["links"], "story": _thin_story(data["story"])}
    if SEVERAL in data:
        thin[SEVERAL] = [_thin_story(story) for story in data[SEVERAL]]
    return encode({**payload, "data": thin})


def _thin_story(story: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if story is None else {name: story[name] for name in ("id", "title")}
