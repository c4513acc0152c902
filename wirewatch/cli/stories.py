"""`wirewatch stories` and `wirewatch story`."""

from datetime import datetime
from itertools import islice
from typing import Annotated, Any

import typer

from wirewatch.cli.output import minute, say, show_items, show_json, show_lines
from wirewatch.cli.story_text import story_lines
from wirewatch.cli.target import client_for
from wirewatch.client import Client, Json

COLUMNS = {
    "id": "id",
    "title": "title",
    "article_count": "articles",
    "independent_sources": "independent",
    "growth_per_hour": "per hour",
    "last_seen_at": "last seen (UTC)",
}

Note = Annotated[str, typer.Option(help="Why, for the story's history.")]


def stories(
    ctx: typer.Context,
    query: Annotated[str | None, typer.Argument(help="Words that the title holds.")] = None,
    entity: Annotated[str | None, typer.Option(help="Id or name of somebody or something it names.")] = None,
    topic: Annotated[str | None, typer.Option(help="Id or name of a topic.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="In UTC.")] = None,
    min_sources: Annotated[int | None, typer.Option(min=0, help="At least so many independent sources.")] = None,
    conflicts: Annotated[
        bool | None, typer.Option("--conflicts/--no-conflicts", help="With conflicts, or none.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """Show the latest stories."""
    wanted: dict[str, str | int | None] = {
        "q": query,
        "entity": entity,
        "topic": topic,
        "since": f"{since.isoformat()}Z" if since else None,
        "min_independent_sources": min_sources,
        "has_conflicts": None if conflicts is None else str(conflicts).lower(),
    }
    with client_for(ctx) as client:
        found = client.items("/v1/stories", limit=min(limit, 100), **wanted)
        shown = islice(found, limit)
        show_items(shown if as_json else map(_row, shown), COLUMNS, as_json=as_json)


def _row(story: Json) -> Json:
    return {**story, "last_seen_at": minute(story["last_seen_at"])}


def story(
    ctx: typer.Context,
    story_id: Annotated[str, typer.Argument(help="As `wirewatch stories` shows it.")],
    merge: Annotated[str | None, typer.Option(help="The id of a story that tells of the same event.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="The id of an article of another event; repeatable.")] = None,
    reject: Annotated[str | None, typer.Option(help="The id of a claim that was never made.")] = None,
    restore: Annotated[str | None, typer.Option(help="The id of a claim that was rejected in error.")] = None,
    note: Note = "",
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Show a story: timeline, copies, claims, conflicts and history. With an option, correct it first."""
    path = f"/v1/stories/{story_id}"
    corrections: list[tuple[str, Json]] = [
        *([("merge", {"story_id": merge})] if merge else []),
        *([("split", {"article_ids": split})] if split else []),
        *([(f"claims/{reject}/reject", {})] if reject else []),
        *([(f"claims/{restore}/restore", {})] if restore else []),
    ]
    with client_for(ctx) as client:
        for what, body in corrections:
            _tell(client.post(f"{path}/{what}", {**body, "note": note}), as_json=as_json)
        _show(client, path, as_json=as_json)


def _tell(answer: Any, *, as_json: bool) -> None:
    if "new_story" in answer and not as_json:
        say(f"The smaller part is story {answer['new_story']['id']} now.", style="bold")


def _show(client: Client, path: str, *, as_json: bool) -> None:
    page = client.get(f"{path}/page")
    if as_json:
        show_json(page)
        return
    asked, shown = path.rsplit("/", 1)[1], page["story"]["id"]
    if asked != shown:
        say(f"Story {asked} was merged into story {shown}.", style="bold")
    show_lines(story_lines(page))
