"""What `wirewatch watch add` and `edit` take to say when a watch tells, and how that reads in words."""

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
_QUIET = re.compile(r"(\d\d:\d\d)\s*(?:-|\u2013|to)\s*(\d\d:\d\d)")

Mode = Annotated[
    str | None,
    typer.Option(
        help="material (default): a story's first match, then what is new in it; every_article; or digest.",
        show_default=False,
    ),
]
Settle = Annotated[int | None, typer.Option(min=0, help="Seconds in which changes are collected into one update.")]
DigestOption = Annotated[
    str | None, typer.Option("--digest", help="Tell everything together: hourly, daily or weekly (--at, --on).")
]
At = Annotated[str | None, typer.Option(help="When a digest is due, as 08:00; hourly: at that minute.")]
On = Annotated[str | None, typer.Option(help="The weekday of a weekly digest, as monday.")]
Quiet = Annotated[
    str | None, typer.Option(help="Nothing is sent in these hours, as 22:00-07:00; it waits. edit: none ends them.")
]
TimeZone = Annotated[
    str | None, typer.Option(help="The zone of --at and --quiet, as Europe/Berlin; UTC where none was given.")
]
MinSources = Annotated[
    int | None, typer.Option(help="Tell of a story when so many independent sources that match tell it.")
]
MinScore = Annotated[
    float | None, typer.Option(help="0 to 1: leave out matches whose names and topics were read less surely.")
]
MaxPerHour = Annotated[
    int | None, typer.Option(help="Past so many an hour, gather what comes; nothing is lost. edit: 0 ends the bound.")
]
PriorityOption = Annotated[
    str | None, typer.Option("--priority", help="normal, or urgent: passes quiet hours and --max-per-hour.")
]
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


def policy_of(given: Json, known: Json) -> Json:
    """The options that were given as the policy of a watch; `known` is its policy so far."""
    policy: Json = {
        name: given[name]
        for name in ("mode", "settle_seconds", "min_independent_sources", "min_score", "priority")
        if given[name] is not None
    }
    if given["max_per_hour"] is not None:
        policy["max_per_hour"] = given["max_per_hour"] or None
    zoned = _digest(given, known) | _quiet_hours(given, known)
    if given["time_zone"] and not zoned:
        raise InvalidInputError([("", "--time-zone is that of --digest and --quiet: give one of them too")])
    return policy | zoned


def _digest(given: Json, known: Json) -> Json:
    parts = {"every": given["digest"], "at": given["at"], "weekday": given["on"]}
    asked = {name: value for name, value in parts.items() if value is not None}
    before = known.get("digest") or {}
    if not asked and not (given["time_zone"] and before):
        return {}
    if not asked.get("every") and not before and known.get("mode") != "digest" and given["mode"] != "digest":
        raise InvalidInputError([("", "--at and --on say when a digest is due: give --digest too")])
    zone = {"time_zone": given["time_zone"]} if given["time_zone"] else {}
    return {"digest": {**before, **asked, **zone}} | ({"mode": "digest"} if asked.get("every") else {})


def _quiet_hours(given: Json, known: Json) -> Json:
    written, before = given["quiet"], known.get("quiet_hours")
    if written == "none":
        return {"quiet_hours": None}
    zone = {"time_zone": given["time_zone"]} if given["time_zone"] else {}
    if written is None:
        return {"quiet_hours": {**before, **zone}} if before and zone else {}
    match = _QUIET.fullmatch(written.strip())
    if not match:
        raise InvalidInputError([("", f"--quiet is written as 22:00-07:00, not {written!r}")])
    kept = {"time_zone": before["time_zone"]} if before else {}
    return {"quiet_hours": {"start": match[1], "end": match[2], **kept, **zone}}


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
