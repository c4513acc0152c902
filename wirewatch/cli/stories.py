"""`wirewatch stories`."""

from itertools import islice
from typing import Annotated

import typer

from wirewatch.cli.output import show_items
from wirewatch.cli.target import client_for

COLUMNS = {
    "id": "id",
    "title": "title",
    "sources": "sources",
    "independent_sources": "independent",
    "last_seen_at": "last seen",
}


def stories(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """Show the latest stories."""
    with client_for(ctx) as client:
        show_items(islice(client.items("/v1/stories", limit=min(limit, 100)), limit), COLUMNS, as_json=as_json)
