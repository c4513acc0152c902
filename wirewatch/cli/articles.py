"""`wirewatch articles`."""

from itertools import islice
from typing import Annotated

import typer

from wirewatch.cli.output import show_items
from wirewatch.cli.target import client_for

COLUMNS = {"id": "id", "title": "title", "source": "source", "lang": "lang", "stage": "stage", "story_id": "story"}


def articles(
    ctx: typer.Context,
    query: Annotated[str | None, typer.Argument(help="In the watch language; without it, all.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """Show the latest articles."""
    with client_for(ctx) as client:
        found = client.items("/v1/articles", limit=min(limit, 100), q=query)
        show_items(islice(found, limit), COLUMNS, as_json=as_json)
