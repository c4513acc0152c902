"""`wirewatch seed`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from wirewatch.cli.output import console, error_console, plain, say
from wirewatch.cli.target import client_for
from wirewatch.client import ApiError, Client
from wirewatch.seeding import Journal, journal_path, read_corpus
from wirewatch.settings import Settings
from wirewatch.stack.loading import Load, Loaded, find_seeds, load_articles, load_endpoints, load_watches


def seed(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders and files: .txt .md .html .json .jsonl, also .gz and .zst; none: a first run's."),
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew where the last load was cut short.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write what was not loaded to this file, a JSON a line.")] = None,
) -> None:
    """Load articles from folders and files. Exit code 1 where one of them could not be loaded.

    Cut short, the same command goes on where it stopped. While much work waits, it waits too.
    """
    with client_for(ctx) as client:
        loaded = load_resumed(client, paths, restart) if paths else load_starters(client)
    if report is not None:
        lines = (msgspec.json.encode({"path": plain(error.path), "detail": error.detail}) for error in loaded.errors)
        report.write_bytes(b"".join(line + b"\n" for line in lines))
    if loaded.errors:
        raise typer.Exit(1)


def load_resumed(client: Client, paths: Sequence[Path], restart: bool) -> Loaded:
    """Loads what is not loaded yet, under a progress bar, and tells what came of it."""
    path = journal_path(Settings().data_dir / "loading", client.ingest_url, paths)
    if path is not None and restart:
        path.write_bytes(b"")
    journal = Journal(path)
    if journal.records:
        say(f"Going on behind {journal.records} records that are done; --restart begins anew.")
    loaded = load_with_progress(client, paths, journal)
    report_loaded(loaded)
    return loaded


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


def load_with_progress(client: Client, paths: Sequence[Path], journal: Journal | None = None) -> Loaded:
    """Loads articles under a progress bar."""
    journal = journal or Journal(None)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Counting articles", total=None)
        # Read twice, so that the bar knows its end: reading is far cheaper than sending.
        total = sum(1 for _ in progress.track(read_corpus(paths), task_id=task))
        progress.reset(task, description="Loading articles", total=total, completed=journal.records)

        def wait(seconds: float) -> None:
            progress.update(task, description="Waiting for the workers")
            time.sleep(seconds)
            progress.update(task, description="Loading articles")

        return load_articles(client, paths, lambda done: progress.update(task, completed=done), Load(journal, wait))


def report_loaded(loaded: Loaded) -> None:
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in loaded.counts.items())
    say(f"Articles: {counts or 'none'}" + (f", {len(loaded.errors)} not loaded:" if loaded.errors else ""))
    for error in loaded.errors:
        error_console.print(f"  {plain(error.path)}: {plain(error.detail)}", markup=False, soft_wrap=True)
