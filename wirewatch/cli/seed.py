"""`wirewatch seed`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from wirewatch.cli.output import console, error_console, plain, say
from wirewatch.cli.target import client_for
from wirewatch.client import ApiError, Client
from wirewatch.seeding import read_corpus
from wirewatch.stack.loading import Loaded, find_seeds, load_articles, load_endpoints, load_watches


def seed(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders and files: .txt .md .html .json .jsonl; none: what a first run loads."),
    ] = None,
) -> None:
    """Load articles from folders and files. Exit code 1 where one of them could not be loaded."""
    with client_for(ctx) as client:
        loaded = load_reported(client, paths) if paths else load_starters(client)
    if loaded.errors:
        raise typer.Exit(1)


def load_starters(client: Client) -> Loaded:
    """Watches before articles, so that the articles are matched as they come."""
    seeds = find_seeds()
    if seeds.endpoints.exists():
        load_example_endpoints(client, seeds.endpoints)
    watches = load_watches(client, seeds.watches) if seeds.watches.exists() else []
    say(f"Starter watches: {', '.join(watch['name'] for watch in watches) or 'none'}")
    return load_reported(client, [seeds.articles])


def load_example_endpoints(client: Client, path: Path) -> None:
    try:
        load_endpoints(client, path)
    except ApiError as error:
        # One of them is on this machine, which a stack in containers may not reach: that is no reason to load nothing.
        say(f"Example endpoints not loaded: {error}")


def load_reported(client: Client, paths: Sequence[Path]) -> Loaded:
    loaded = load_with_progress(client, paths)
    report_loaded(loaded)
    return loaded


def load_with_progress(client: Client, paths: Sequence[Path]) -> Loaded:
    """Loads articles under a progress bar."""
    # Read twice, so that the bar knows its end: reading is far cheaper than sending.
    total = sum(1 for _ in read_corpus(paths))
    columns = (TextColumn("Loading articles"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        return load_articles(client, paths, lambda done: progress.update(task, completed=done))


def report_loaded(loaded: Loaded) -> None:
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in loaded.counts.items())
    say(f"Articles: {counts or 'none'}" + (f", {len(loaded.errors)} not loaded:" if loaded.errors else ""))
    for error in loaded.errors:
        error_console.print(f"  {plain(error.path)}: {plain(error.detail)}", markup=False, soft_wrap=True)
