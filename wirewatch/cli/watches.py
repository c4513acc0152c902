"""`wirewatch watch`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli import watch_settings as settings
from wirewatch.cli.output import cell, say, show_items, show_json
from wirewatch.cli.policy_options import PolicyOptions, policy_of, takes_policy_options
from wirewatch.cli.target import client_for
from wirewatch.cli.trials import explain_watch, list_matches, try_query
from wirewatch.cli.watch_files import apply, export
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError

app = typer.Typer(help="Saved queries that become alerts.", no_args_is_help=True)

WatchId = Annotated[str, typer.Argument(help="The id, as `wirewatch watch list` shows it.")]


@app.command()
@takes_policy_options
def add(
    ctx: typer.Context,
    *,
    name: Annotated[str | None, typer.Argument(help="What people call it.")] = None,
    query: Annotated[
        str | None, typer.Argument(help='For example: person:"Kim Jong Un" AND topic:arms-transfers')
    ] = None,
    policy: PolicyOptions,
    endpoint: settings.Endpoints = None,
    snooze: settings.Snooze = None,
    look_back: Annotated[
        str | None, typer.Option(help="Also match articles of the past: 30d, 2w, or since a time; a year at most.")
    ] = None,
    disable: Annotated[bool, typer.Option("--disable", help="Save it switched off.")] = False,
    file: Annotated[Path | None, typer.Option(help="A YAML list of watches instead.", exists=True)] = None,
) -> None:
    """Save a watch, or all watches of a YAML file. `wirewatch watch test QUERY` tries a query first."""
    told = policy_of(policy, {})
    fields: Json = settings.snooze_of(snooze) | ({"policy": told} if told else {})
    fields |= {"endpoint_ids": endpoint} if endpoint else {}
    fields |= {"backfill_since": settings.moment(look_back, datetime.now(UTC), ago=True)} if look_back else {}
    fields |= {"enabled": False} if disable else {}
    bodies = _bodies(name, query, fields, file)
    with client_for(ctx) as client:
        for body in bodies:
            tell(client.post("/v1/watches", body))


@app.command()
@takes_policy_options
def edit(
    ctx: typer.Context,
    watch_id: WatchId,
    *,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    query: Annotated[str | None, typer.Option(help="What it looks for from now on.")] = None,
    policy: PolicyOptions,
    endpoint: settings.Endpoints = None,
    every_endpoint: Annotated[bool, typer.Option("--every-endpoint", help="Tell all endpoints again.")] = False,
    snooze: settings.Snooze = None,
    on_off: Annotated[bool | None, typer.Option("--enable/--disable", help="Switch it on or off.")] = None,
) -> None:
    """Change a watch; what is not given stays as it is, and what waits to be told is planned anew."""
    with client_for(ctx) as client:
        known = client.get(f"/v1/watches/{watch_id}")
        told = policy_of(policy, known["policy"])
        parts = {"name": name, "query": query, "policy": told or None, "enabled": on_off, "endpoint_ids": endpoint}
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
