"""`wirewatch entities`."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from wirewatch.cli.output import console, error_console, plain, say, show_items
from wirewatch.cli.target import client_for
from wirewatch.client import Client, Json, describe_problem
from wirewatch.entity_files import FORMATS, FileFormat, Record, Skipped, Unread, read_entities, write_entities
from wirewatch.errors import InvalidInputError

app = typer.Typer(help="The knowledge base: who and what is known by which names.", no_args_is_help=True)

BATCH_RECORDS = 5_000
BATCH_BYTES = 8 * 1024 * 1024
SHOWN_ERRORS = 1_000
COLUMNS = {"id": "id", "name": "name", "type": "type", "country": "country", "aliases": "aliases"}
FORMAT_HELP = f"{', '.join(FORMATS)}; otherwise guessed."

Format = Annotated[str | None, typer.Option("--format", help=FORMAT_HELP)]
Type = Annotated[str | None, typer.Option("--type", help="Only person, org, place, weapon or other.")]


@dataclass(slots=True)
class Imported:
    """What became of a file: how many by status, what was passed over by kind, and what was refused and why."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[int, str]] = field(default_factory=list)


@app.command("list")
def list_(
    ctx: typer.Context,
    query: Annotated[str | None, typer.Argument(help="Part of an id or a name; without it, all.")] = None,
    kind: Type = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, by id.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """Show entities."""
    with client_for(ctx) as client:
        found = client.items("/v1/entities", limit=min(limit, 100), q=query, type=kind)
        show_items(islice(found, limit), COLUMNS, as_json=as_json)


@app.command("import")
def import_(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="CSV, JSON lines, or FollowTheMoney (OpenSanctions).", exists=True)],
    file_format: Format = None,
) -> None:
    """Add the entities of a file; one whose id is taken is written over. Exit code 1 where a record was refused."""
    columns = (TextColumn("Importing"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[records]} records"))
    with client_for(ctx) as client, Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=path.stat().st_size, records=0)
        imported = import_file(
            client,
            path,
            _format(file_format),
            lambda done, records: progress.update(task, completed=done, records=records),
        )
    _report(imported)
    if imported.errors:
        raise typer.Exit(1)


def import_file(
    client: Client, path: Path, file_format: FileFormat | None, on_progress: Callable[[int, int], object]
) -> Imported:
    """Sends the records of a file; `on_progress` gets the bytes read and the records taken so far.

    Raises OSError, or InvalidInputError for a file that cannot be read at all.
    """
    imported = Imported()
    parts = read_entities(path, file_format, lambda done: on_progress(done, imported.counts.total()))
    for batch in _batches(parts, imported):
        _send(client, batch, imported)
    return imported


@app.command()
def export(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="The file to write; - writes to the terminal.")],
    file_format: Format = None,
    kind: Type = None,
    own: Annotated[bool, typer.Option("--own", help="Only users' own, without the built-in ones.")] = False,
) -> None:
    """Write entities to a file that `import` reads."""
    chosen = _format(file_format) or ("csv" if path.suffix.lower() == ".csv" else "jsonl")
    to_terminal = str(path) == "-"
    file = nullcontext(sys.stdout) if to_terminal else path.open("w", encoding="utf-8", newline="")
    with client_for(ctx) as client, file as out:
        found = (entity for entity in client.items("/v1/entities", type=kind) if not own or entity["origin"] == "user")
        written = Counter(write_entities(found, out, chosen))
    if not to_terminal:
        left = f"; {written[False]} left out, for which {chosen} has no room" if written[False] else ""
        say(f"Entities: {written[True]} written to {path}{left}")


def _format(name: str | None) -> FileFormat | None:
    chosen = next((known for known in FORMATS if known == name), None)
    if name is not None and chosen is None:
        raise InvalidInputError([("", f"the format must be one of {', '.join(FORMATS)}")])
    return chosen


def _batches(parts: Iterable[Record | Skipped | Unread], imported: Imported) -> Iterator[list[Record]]:
    """The records in groups for one request each; what is none is noted."""
    batch: list[Record] = []
    size = 0
    for part in parts:
        match part:
            case Skipped():
                imported.skipped[part.kind] += 1
            case Unread():
                imported.errors.append((part.line, part.detail))
            case Record():
                part_bytes = len(msgspec.json.encode(part.body))
                if batch and (len(batch) == BATCH_RECORDS or size + part_bytes > BATCH_BYTES):
                    yield batch
                    batch, size = [], 0
                batch.append(part)
                size += part_bytes
    if batch:
        yield batch


def _send(client: Client, batch: list[Record], imported: Imported) -> None:
    results: list[Json] = client.post_entities([record.body for record in batch])
    for record, result in zip(batch, results, strict=True):
        if "error" in result:
            imported.errors.append((record.line, describe_problem(result["error"])))
        else:
            imported.counts[result["status"]] += 1


def _report(imported: Imported) -> None:
    counts = ", ".join(f"{count} {status}" for status, count in imported.counts.items())
    say(f"Entities: {counts or 'none'}" + (f", {len(imported.errors)} refused:" if imported.errors else ""))
    for line, detail in sorted(imported.errors)[:SHOWN_ERRORS]:
        error_console.print(f"  line {line}: {plain(detail)}", markup=False, soft_wrap=True)
    if len(imported.errors) > SHOWN_ERRORS:
        error_console.print(f"  and {len(imported.errors) - SHOWN_ERRORS} more")
    if imported.skipped:
        kinds = ", ".join(f"{count} {plain(kind)}" for kind, count in imported.skipped.most_common())
        say(f"Passed over, for no text names them: {kinds}")
