"""`wirewatch watch`."""

from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.output import cell, say, show_items, show_json
from wirewatch.cli.target import client_for
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


@app.command("test")
def try_query(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="The query to try on what is already stored.")],
    since: Annotated[str | None, typer.Option(help="Only articles seen since then (RFC 3339).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON.")] = False,
) -> None:
    """Show what a query would have found; saves nothing."""
    body: Json = {"query": query} | ({"since": since} if since else {})
    with client_for(ctx) as client:
        preview = client.post("/v1/watches/preview", body)
    if as_json:
        show_json(preview)
        return
    read = f"{preview['articles']} articles since {cell(preview['since'])}"
    say(
        f"{preview['matches']} matches in {preview['stories']} stories among {read}"
        f"{'' if preview['complete'] else ' (the newest; there are more)'}: {preview['alerts_per_week']} alerts a week"
    )
    for warning in preview["warnings"]:
        say(f"Note: {warning}", style="yellow")
    for sample in preview["samples"]:
        quoted = "; ".join(f"“{evidence['text']}”" for evidence in sample["evidence"] if evidence["text"])
        say(f"  {sample['title']}  {quoted}", style="green")
    for miss in preview["near_misses"]:
        nearest = f"; nearest: {miss['nearest']}" if miss["nearest"] else ""
        say(f"  nearly: {miss['title']}, but not {miss['clause']}{nearest}", style="dim")
