"""`wirewatch watch`."""

from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.output import say, show_items
from wirewatch.cli.target import client_for
from wirewatch.cli.trials import explain_watch, list_matches, try_query
from wirewatch.cli.watch_files import apply, export
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError

app = typer.Typer(help="Saved queries that become alerts.", no_args_is_help=True)


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="What people call it.")] = None,
    query: Annotated[
        str | None, typer.Argument(help='For example: person:"Kim Jong Un" AND topic:arms-transfers')
    ] = None,
    mode: Annotated[str | None, typer.Option(help="material (default) or every_article.")] = None,
    settle: Annotated[int | None, typer.Option(min=0, help="Seconds in which changes are collected into one.")] = None,
    file: Annotated[Path | None, typer.Option(help="A YAML list of watches instead.", exists=True)] = None,
) -> None:
    """Save a watch, or all watches of a YAML file."""
    bodies = _bodies(name, query, mode, settle, file)
    with client_for(ctx) as client:
        for body in bodies:
            watch = client.post("/v1/watches", body)
            say(f"Watch {watch['id']}: {watch['name']}")


def _bodies(name: str | None, query: str | None, mode: str | None, settle: int | None, file: Path | None) -> list[Json]:
    if file is not None:
        from wirewatch.seeding import read_watches

        return read_watches(file)
    if name is None or query is None:
        raise InvalidInputError([("", "give NAME and QUERY, or --file")])
    policy = {key: value for key, value in (("mode", mode), ("settle_seconds", settle)) if value is not None}
    return [{"name": name, "query": query} | ({"policy": policy} if policy else {})]


@app.command("list")
def list_(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False) -> None:
    """Show all watches."""
    with client_for(ctx) as client:
        columns = {"id": "id", "name": "name", "query": "query", "policy": "policy", "enabled": "enabled"}
        watches = client.items("/v1/watches")
        show_items(watches if as_json else map(_readable, watches), columns, as_json=as_json)


def _readable(watch: Json) -> Json:
    policy = watch.get("policy") or {}
    return watch | {"policy": f"{policy.get('mode')}, settles in {policy.get('settle_seconds')} s"}


@app.command("rm")
def remove(ctx: typer.Context, watch_id: Annotated[str, typer.Argument(help="The id.")]) -> None:
    """Delete a watch."""
    with client_for(ctx) as client:
        client.delete(f"/v1/watches/{watch_id}")
    say(f"Watch {watch_id} is deleted.")


app.command("test")(try_query)
app.command("explain")(explain_watch)
app.command("matches")(list_matches)
app.command("apply")(apply)
app.command("export")(export)
