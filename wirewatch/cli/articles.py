"""`wirewatch articles` and `wirewatch article`."""

from itertools import islice
from typing import Annotated

import typer

from wirewatch.cli.article_text import article_text
from wirewatch.cli.output import console, say, show_items, show_json
from wirewatch.cli.target import client_for

app = typer.Typer(help="One article: read it, take it back, erase it.", no_args_is_help=True)

COLUMNS = {"id": "id", "title": "title", "source": "source", "lang": "lang", "stage": "stage", "story_id": "story"}

ArticleId = Annotated[str, typer.Argument(help="As `wirewatch articles` shows it.")]


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


@app.command()
def show(
    ctx: typer.Context,
    article_id: ArticleId,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Show an article with its versions and what was found in it."""
    with client_for(ctx) as client:
        article = client.get(f"/v1/articles/{article_id}")
    if as_json:
        show_json(article)
    else:
        console.print(article_text(article), soft_wrap=True)


@app.command()
def retract(
    ctx: typer.Context,
    article_id: ArticleId,
    reason: Annotated[str | None, typer.Option(help="Why, as the article shows it.")] = None,
) -> None:
    """Take an article back: it stays readable, matches no watch, and claims nothing in its story."""
    with client_for(ctx) as client:
        client.put(f"/v1/articles/{article_id}/retraction", {"reason": reason})
    say(f"Article {article_id} is retracted.")


@app.command()
def restore(ctx: typer.Context, article_id: ArticleId) -> None:
    """Let an article stand again, whoever took it back."""
    with client_for(ctx) as client:
        client.delete(f"/v1/articles/{article_id}/retraction")
    say(f"Article {article_id} stands again.")


@app.command("rm")
def remove(ctx: typer.Context, article_id: ArticleId) -> None:
    """Erase an article for good, with all its versions and every quotation of it."""
    with client_for(ctx) as client:
        client.delete(f"/v1/articles/{article_id}")
    say(f"Article {article_id} is erased.")
