"""What `wirewatch watch add` and `edit` take beside a policy, and how a watch's settings read in words."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from wirewatch.cli.output import cell
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError

_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

Endpoints = Annotated[
    list[str] | None,
    typer.Option("--endpoint", help="The id of an endpoint to tell, more than once for several; default: all."),
]
Snooze = Annotated[
    str | None, typer.Option(help="Let what it has to tell wait: 2h, 3d, or a time (RFC 3339). edit: none wakes it.")
]


def moment(written: str, now: datetime, *, ago: bool) -> str:
    """ "30m", "12h", "30d" or "2w" from now (`ago`: before now) as RFC 3339; a time stays as it is.

    Raises InvalidInputError for what is neither.
    """
    match = _SPAN.fullmatch(written.strip())
    if not match:
        _check_time(written)
        return written
    span = int(match[1]) * _UNITS[match[2]]
    return (now - span if ago else now + span).isoformat()


def _check_time(written: str) -> None:
    try:
        datetime.fromisoformat(written)
    except ValueError:
        problem = f"a time is written as 12h, 30d, 2w or 2026-05-04T12:30:00Z, not {written!r}"
        raise InvalidInputError([("", problem)]) from None


def snooze_of(written: str | None) -> Json:
    """The field of a watch that `--snooze` means; "none" wakes it."""
    if written is None:
        return {}
    return {"snoozed_until": None if written == "none" else moment(written, datetime.now(UTC), ago=False)}


def in_words(watch: Json) -> str:
    """When a watch tells, in one line."""
    return "; ".join(_parts(watch, watch.get("policy") or {}))


def _parts(watch: Json, policy: Json) -> Iterator[str]:
    if policy.get("mode") == "digest":
        yield _digest_in_words(policy.get("digest") or {"every": "daily", "at": "08:00", "time_zone": "UTC"})
    else:
        settles = policy.get("settle_seconds") if policy.get("mode") == "material" else 0
        yield str(policy.get("mode")) + (f", collects changes for {settles} s" if settles else "")
    if quiet := policy.get("quiet_hours"):
        yield f"quiet {quiet['start']}-{quiet['end']} {quiet['time_zone']}"
    if (sources := policy.get("min_independent_sources", 1)) > 1:
        yield f"from {sources} independent sources"
    if score := policy.get("min_score"):
        yield f"score {score} or more"
    if most := policy.get("max_per_hour"):
        yield f"at most {most} an hour"
    if policy.get("priority") == "urgent":
        yield "urgent"
    if until := watch.get("snoozed_until"):
        yield f"snoozed until {cell(until)}"
    if watch.get("endpoint_ids") is not None:
        yield "tells " + (f"endpoints {', '.join(watch['endpoint_ids'])}" if watch["endpoint_ids"] else "no endpoint")


def _digest_in_words(digest: dict[str, Any]) -> str:
    if digest["every"] == "hourly":
        return f"hourly digest, {digest['at'][3:]} minutes past"
    day = f" on {digest['weekday']}" if digest["every"] == "weekly" else ""
    return f"{digest['every']} digest{day} at {digest['at']} {digest['time_zone']}"
