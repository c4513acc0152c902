"""`wirewatch watch apply` and `export`: watches kept in a file, which says what there shall be."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
import yaml

from wirewatch.cli.output import say
from wirewatch.cli.target import client_for
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError, QueryError
from wirewatch.models import Policy

FIELDS = ("name", "query", "policy", "endpoint_ids", "enabled", "snoozed_until")


@dataclass(frozen=True, slots=True)
class Changes:
    """What makes the saved watches those of a file; `extra` are saved watches that the file does not name."""

    new: Sequence[Json]
    changed: Sequence[tuple[Json, Json]]
    unchanged: int
    extra: Sequence[Json]


def compare(wanted: Sequence[Json], saved: Sequence[Json]) -> Changes:
    """Watches are the same where their names are. What a file leaves out of a watch stays as it is.

    Raises InvalidInputError where a name stands for two watches, or a query is not understood: then nothing is changed,
    rather than the half of it.
    """
    _refuse_queries(wanted)
    _refuse_twins([watch["name"] for watch in wanted], "watches of the file")
    names = {watch["name"] for watch in wanted}
    _refuse_twins([watch["name"] for watch in saved if watch["name"] in names], "saved watches")
    by_name = {watch["name"]: watch for watch in saved}
    known = [(by_name[watch["name"]], watch) for watch in wanted if watch["name"] in by_name]
    changed = [(old, fields) for old, new in known if (fields := _difference(old, new))]
    return Changes(
        new=[watch for watch in wanted if watch["name"] not in by_name],
        changed=changed,
        unchanged=len(known) - len(changed),
        extra=[watch for watch in saved if watch["name"] not in names],
    )


def _refuse_queries(wanted: Sequence[Json]) -> None:
    from wirewatch.query import parse

    problems: list[tuple[str, str]] = []
    for watch in wanted:
        try:
            parse(watch["query"])
        except QueryError as error:
            problems.append((watch["name"], str(error)))
    if problems:
        raise InvalidInputError(problems)


def _refuse_twins(names: Iterable[str], whose: str) -> None:
    if twins := [name for name, count in Counter(names).items() if count > 1]:
        raise InvalidInputError([("", f"two {whose} are called “{twins[0]}”: rename or remove one")])


def _difference(old: Json, new: Json) -> Json:
    """The fields of the new watch that differ; of a policy, only what is given counts."""
    changes: Json = {}
    for name in FIELDS:
        if name == "policy":
            whole = msgspec.to_builtins(msgspec.convert(new.get(name, {}), Policy))
            policy = {key: whole[key] for key in new.get(name, {}) if old[name].get(key) != whole[key]}
            changes |= {name: policy} if policy else {}
        elif name in new and _value(name, new[name]) != _value(name, old.get(name)):
            changes[name] = new[name]
    return changes


def _value(name: str, value: Any) -> Any:
    """Times are the same however they are written; those that are none are left for the API to refuse."""
    if name != "snoozed_until" or value is None:
        return value
    try:
        return _time(value)
    except ValueError:
        return value


def _time(written: str) -> datetime:
    """As the API reads it: UTC where no zone is given. Raises ValueError."""
    time = datetime.fromisoformat(written)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def describe(changes: Changes, *, prune: bool) -> Iterator[tuple[str, str]]:
    """The difference in lines: (text, style)."""
    for watch in changes.new:
        yield f"+ {watch['name']}: {watch['query']}", "green"
    for old, fields in changes.changed:
        yield f"~ {old['name']}", "yellow"
        for name, value in fields.items():
            before = {key: old[name].get(key) for key in value} if name == "policy" else old.get(name)
            yield f"    {name}: {before} -> {value}", "yellow"
    for watch in changes.extra:
        yield (f"- {watch['name']}", "red") if prune else (f"  {watch['name']}: not in the file, kept", "dim")
    yield f"{changes.unchanged} unchanged", ""


def apply(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A YAML list of watches.", exists=True)],
    prune: Annotated[
        bool, typer.Option(help="Delete the watches that the file does not name, with their alerts.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
) -> None:
    """Make the saved watches those of a file; running it again changes nothing."""
    from wirewatch.seeding import read_watches

    wanted = read_watches(file)
    with client_for(ctx) as client:
        changes = compare(wanted, list(client.items("/v1/watches")))
        for line, style in describe(changes, prune=prune):
            say(line, style=style)
        if dry_run:
            say("Nothing was changed.")
            return
        for watch in changes.new:
            client.post("/v1/watches", watch)
        for old, fields in changes.changed:
            client.patch(f"/v1/watches/{old['id']}", fields)
        for watch in changes.extra if prune else ():
            client.delete(f"/v1/watches/{watch['id']}")


def export(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where to write; left out: standard output.")] = None,
) -> None:
    """Write all watches as a YAML list that `apply` reads."""
    with client_for(ctx) as client:
        written = as_yaml(client.items("/v1/watches"))
    if file is None:
        sys.stdout.write(written)
    else:
        file.write_text(written, encoding="utf-8")
        say(f"Written to {file}.")


def as_yaml(saved: Iterable[Json]) -> str:
    """Each watch with all that it says, so that a file undoes whatever is changed later; not a snooze that is over."""
    kept = [{name: watch[name] for name in FIELDS if name in watch and _is_told(name, watch[name])} for watch in saved]
    return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=110)


def _is_told(name: str, value: Any) -> bool:
    return name != "snoozed_until" or (value is not None and _time(value) > datetime.now(UTC))
