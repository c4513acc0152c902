"""`wirewatch watch`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli import watch_settings as settings
from wirewatch.cli.output import cell, say, show_items, show_json
from wirewatch.cli.target import client_for
from wirewatch.cli.trials import explain_watch, list_matches, try_query
from wirewatch.cli.watch_files import apply, export
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError

app = typer.Typer(help="Saved queries that become alerts.", no_args_is_help=True)

WatchId = Annotated[str, typer.Argument(help="The id, as `wirewatch watch list` shows it.")]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="What people call it.")] = None,
    query: Annotated[
        str | None, typer.Argument(help='For example: person:"Kim Jong Un" AND topic:arms-transfers')
    ] = None,
    mode: settings.Mode = None,
    settle: settings.Settle = None,
    digest: settings.DigestOption = None,
    at: settings.At = None,
    on: settings.On = None,
    quiet: settings.Quiet = None,
    time_zone: settings.TimeZone = None,
    min_sources: settings.MinSources = None,
    min_score: settings.MinScore = None,
    max_per_hour: settings.MaxPerHour = None,
    priority: settings.PriorityOption = None,
    endpoint: settings.Endpoints = None,
    snooze: settings.Snooze = None,
    look_back: Annotated[
        str | None, typer.Option(help="Also match articles of the past: 30d, 2w, or since a time; a year at most.")
    ] = None,
    disable: Annotated[bool, typer.Option("--disable", help="Save it switched off.")] = False,
    file: Annotated[Path | None, typer.Option(help="A YAML list of watches instead.", exists=True)] = None,
) -> None:
    """Save a watch, or all watches of a YAML file. `wirewatch watch test QUERY` tries a query first."""
    policy = settings.policy_of(
        _options(mode, settle, digest, at, on, quiet, time_zone, min_sources, min_score, max_per_hour, priority), {}
    )
    fields: Json = settings.snooze_of(snooze) | ({"policy": policy} if policy else {})
    fields |= {"endpoint_ids": endpoint} if endpoint else {}
    fields |= {"backfill_since": settings.moment(look_back, datetime.now(UTC), ago=True)} if look_back else {}
    fields |= {"enabled": False} if disable else {}
    bodies = _bodies(name, query, fields, file)
    with client_for(ctx) as client:
        for body in bodies:
            tell(client.post("/v1/watches", body))


@app.command()
def edit(
    ctx: typer.Context,
    watch_id: WatchId,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    query: Annotated[str | None, typer.Option(help="What it looks for from now on.")] = None,
    mode: settings.Mode = None,
    settle: settings.Settle = None,
    digest: settings.DigestOption = None,
    at: settings.At = None,
    on: settings.On = None,
    quiet: settings.Quiet = None,
    time_zone: settings.TimeZone = None,
    min_sources: settings.MinSources = None,
    min_score: settings.MinScore = None,
    max_per_hour: settings.MaxPerHour = None,
    priority: settings.PriorityOption = None,
    endpoint: settings.Endpoints = None,
    every_endpoint: Annotated[bool, typer.Option("--every-endpoint", help="Tell all endpoints again.")] = False,
    snooze: settings.Snooze = None,
    on_off: Annotated[bool | None, typer.Option("--enable/--disable", help="Switch it on or off.")] = None,
) -> None:
    """Change a watch; what is not given stays as it is, and what waits to be told is planned anew."""
    given = _options(mode, settle, digest, at, on, quiet, time_zone, min_sources, min_score, max_per_hour, priority)
    with client_for(ctx) as client:
        known = client.get(f"/v1/watches/{watch_id}")
        policy = settings.policy_of(given, known["policy"])
        parts = {"name": name, "query": query, "policy": policy or None, "enabled": on_off, "endpoint_ids": endpoint}
        fields: Json = {key: value for key, value in parts.items() if value is not None} | settings.snooze_of(snooze)
        fields |= {"endpoint_ids": None} if every_endpoint else {}
        if not fields:
            raise InvalidInputError([("", "say what to change; --help lists it")])
        tell(client.patch(f"/v1/watches/{watch_id}", fields))


def tell(watch: Json) -> None:
    """A watch that was just saved, with when it tells, and what the API has to say of it."""
    switched_off = "" if watch["enabled"] else " (switched off)"
    say(f"Watch {watch['id']}: {watch['name']}{switched_off}")
    say(f"  {settings.in_words(watch)}", style="dim")
    for warning in watch["warnings"]:
        say(f"  Note: {warning}", style="yellow")


def _options(
    mode: str | None,
    settle: int | None,
    digest: str | None,
    at: str | None,
    on: str | None,
    quiet: str | None,
    time_zone: str | None,
    min_sources: int | None,
    min_score: float | None,
    max_per_hour: int | None,
    priority: str | None,
) -> Json:
    return {
        "mode": mode,
        "settle_seconds": settle,
        "digest": digest,
        "at": at,
        "on": on,
        "quiet": quiet,
        "time_zone": time_zone,
        "min_independent_sources": min_sources,
        "min_score": min_score,
        "max_per_hour": max_per_hour,
        "priority": priority,
    }


def _bodies(name: str | None, query: str | None, fields: Json, file: Path | None) -> list[Json]:
    if file is not None:
        from wirewatch.seeding import read_watches

        if name is not None or fields:
            raise InvalidInputError([("", "--file says all of its watches: give nothing beside it")])
        return read_watches(file)
    if name is None or query is None:
        raise InvalidInputError([("", "give NAME and QUERY, or --file")])
    return [{"name": name, "query": query} | fields]


@app.command("list")
def list_(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False) -> None:
    """Show all watches."""
    with client_for(ctx) as client:
        columns = {"id": "id", "name": "name", "query": "query", "policy": "when it tells", "enabled": "enabled"}
        watches = client.items("/v1/watches")
        readable = watches if as_json else (watch | {"policy": settings.in_words(watch)} for watch in watches)
        show_items(readable, columns, as_json=as_json)


@app.command()
def show(
    ctx: typer.Context,
    watch_id: WatchId,
    as_json: Annotated[bool, typer.Option("--json", help="The whole watch as JSON.")] = False,
) -> None:
    """Show one watch with all that it was told."""
    with client_for(ctx) as client:
        watch = client.get(f"/v1/watches/{watch_id}")
    if as_json:
        show_json(watch)
        return
    tell(watch)
    say(f"  {watch['query']}")
    precision = watch["precision"]
    if precision["judged"]:
        say(f"  right in {precision['right']} of {precision['judged']} alerts that were judged")
    if watch["backfill_since"]:
        say(f"  looks back to {cell(watch['backfill_since'])}")


@app.command("rm")
def remove(ctx: typer.Context, watch_id: WatchId) -> None:
    """Delete a watch with its alerts."""
    with client_for(ctx) as client:
        client.delete(f"/v1/watches/{watch_id}")
    say(f"Watch {watch_id} is deleted.")


app.command("test")(try_query)
app.command("explain")(explain_watch)
app.command("matches")(list_matches)
app.command("apply")(apply)
app.command("export")(export)
