"""The options of `wirewatch watch add` and `edit` that say when a watch tells, and the policy that they make."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Annotated, Any

import typer

from wirewatch.client import Json
from wirewatch.errors import InvalidInputError

_QUIET = re.compile(r"(\d\d:\d\d)\s*(?:-|\u2013|to)\s*(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class PolicyOptions:
    """As they were given; None: not given."""

    mode: Annotated[
        str | None,
        typer.Option(
            help="material (default): a story's first match, then what is new in it; every_article; or digest.",
            show_default=False,
        ),
    ] = None
    settle: Annotated[
        int | None, typer.Option(min=0, help="Seconds in which changes are collected into one update.")
    ] = None
    digest: Annotated[
        str | None, typer.Option(help="Tell everything together: hourly, daily or weekly (--at, --on).")
    ] = None
    at: Annotated[str | None, typer.Option(help="When a digest is due, as 08:00; hourly: at that minute.")] = None
    on: Annotated[str | None, typer.Option(help="The weekday of a weekly digest, as monday.")] = None
    quiet: Annotated[
        str | None, typer.Option(help="Nothing is sent in these hours, as 22:00-07:00; it waits. edit: none ends them.")
    ] = None
    time_zone: Annotated[
        str | None, typer.Option(help="The zone of --at and --quiet, as Europe/Berlin; UTC where none was given.")
    ] = None
    min_sources: Annotated[
        int | None, typer.Option(help="Tell of a story when so many independent sources that match tell it.")
    ] = None
    min_score: Annotated[
        float | None, typer.Option(help="0 to 1: leave out matches whose names and topics were read less surely.")
    ] = None
    max_per_hour: Annotated[
        int | None,
        typer.Option(help="Past so many an hour, gather what comes; nothing is lost. edit: 0 ends the bound."),
    ] = None
    priority: Annotated[str | None, typer.Option(help="normal, or urgent: passes quiet hours and --max-per-hour.")] = (
        None
    )


def takes_policy_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameter `policy` is a PolicyOptions takes each of its fields as an option in that place.

    Typer knows no groups of options, only the parameters of a function: it is shown those it shall read.
    """
    options = [
        inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=field.type)
        for field in fields(PolicyOptions)
    ]
    taken = inspect.signature(command).parameters.values()
    shown = [one for parameter in taken for one in (options if parameter.name == "policy" else [parameter])]

    @wraps(command)
    def gathering(*args: Any, **given: Any) -> None:
        policy = PolicyOptions(**{option.name: given.pop(option.name) for option in options})
        command(*args, **given, policy=policy)

    gathering.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    return gathering


def policy_of(given: PolicyOptions, known: Json) -> Json:
    """The options that were given as the policy of a watch; `known` is its policy so far."""
    said = {
        "mode": given.mode,
        "settle_seconds": given.settle,
        "min_independent_sources": given.min_sources,
        "min_score": given.min_score,
        "priority": given.priority,
    }
    policy: Json = {name: value for name, value in said.items() if value is not None}
    if given.max_per_hour is not None:
        policy["max_per_hour"] = given.max_per_hour or None
    zoned = _digest(given, known) | _quiet_hours(given, known)
    if given.time_zone and not zoned:
        raise InvalidInputError([("", "--time-zone is that of --digest and --quiet: give one of them too")])
    return policy | zoned


def _digest(given: PolicyOptions, known: Json) -> Json:
    parts = {"every": given.digest, "at": given.at, "weekday": given.on}
    asked = {name: value for name, value in parts.items() if value is not None}
    before = known.get("digest") or {}
    if not asked and not (given.time_zone and before):
        return {}
    if not asked.get("every") and not before and known.get("mode") != "digest" and given.mode != "digest":
        raise InvalidInputError([("", "--at and --on say when a digest is due: give --digest too")])
    zone = {"time_zone": given.time_zone} if given.time_zone else {}
    return {"digest": {**before, **asked, **zone}} | ({"mode": "digest"} if asked.get("every") else {})


def _quiet_hours(given: PolicyOptions, known: Json) -> Json:
    written, before = given.quiet, known.get("quiet_hours")
    if written == "none":
        return {"quiet_hours": None}
    zone = {"time_zone": given.time_zone} if given.time_zone else {}
    if written is None:
        return {"quiet_hours": {**before, **zone}} if before and zone else {}
    match = _QUIET.fullmatch(written.strip())
    if not match:
        raise InvalidInputError([("", f"--quiet is written as 22:00-07:00, not {written!r}")])
    kept = {"time_zone": before["time_zone"]} if before else {}
    return {"quiet_hours": {"start": match[1], "end": match[2], **kept, **zone}}
